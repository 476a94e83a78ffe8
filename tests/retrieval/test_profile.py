import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import BadInputError
from index.models.catalogue import DEFAULT_EMBEDDER, find_model
from retrieval.calibration import Calibration, IsotonicForm
from retrieval.profile import DEFAULT_PROFILE, Profile, built_in_profile, read_profile, write_profile
from retrieval.settings import Settings

parts = st.floats(0, 1)
depths = st.integers(1, 1000)
profiles = st.builds(
    Profile,
    candidates=depths,
    dense_weight=parts,
    rerank=st.booleans(),
    rerank_depth=depths,
    rerank_weight=parts,
    evidence_passages=depths,
    min_confidence=parts,
    passage_tokens=st.none() | st.integers(16, 8192),
    provenance=st.dictionaries(st.text(), st.text() | st.integers() | st.none()),
)


@given(profiles)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, profile: Profile) -> None:
    path = tmp_path_factory.mktemp("profiles") / "new" / "profile.json"
    write_profile(profile, path)
    assert read_profile(path) == profile


def test_what_a_file_does_not_say_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    path.write_text('{"dense_weight": 0.8}')
    assert read_profile(path) == Profile(dense_weight=0.8)
    path.write_text("{}")
    assert read_profile(path) == DEFAULT_PROFILE


def test_people_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    form = IsotonicForm("logit", (0.0, 1.5), (0.25, 0.75))
    write_profile(Profile(calibration=Calibration("mine", form, {"embedder": "e"})), path)
    assert len(path.read_text().splitlines()) > 20
    assert json.loads(path.read_text())["calibration"]["form"] == {
        "kind": "isotonic",
        "signal": "logit",
        "values": [0.0, 1.5],
        "probabilities": [0.25, 0.75],
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"dense_wieght": 0.5}', "dense_wieght: Unexpected keyword argument"),
        ('{"dense_weight": 1.5}', "dense_weight of a profile must be from 0 to 1, not 1.5"),
        ('{"dense_weight": NaN}', "dense_weight of a profile must be from 0 to 1, not nan"),
        ('{"rerank_depth": 0}', "rerank_depth of a profile must be 1 or more, not 0"),
        ('{"passage_tokens": 8}', "passage_tokens of a profile must be from 16 to 8192, not 8"),
        ('{"rerank": "perhaps"}', "rerank: Input should be a valid boolean"),
        ('{"calibration": {"name": "x", "models": {}}}', "calibration.form: Field required"),
        ("[]", "Input should be"),
        ("not JSON", "Invalid JSON"),
        ("", "Invalid JSON"),
    ],
)
def test_files_that_are_no_profile_are_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "profile.json"
    path.write_text(text)
    with pytest.raises(BadInputError, match=r"profile.json' is no profile: ") as raised:
        read_profile(path)
    assert problem in str(raised.value)


def test_a_calibration_that_cannot_be_is_refused(tmp_path: Path) -> None:
    form = {"kind": "isotonic", "signal": "logit", "values": [2, 1], "probabilities": [0.1, 0.2]}
    path = tmp_path / "profile.json"
    path.write_text(json.dumps({"calibration": {"name": "x", "form": form, "models": {}}}))
    with pytest.raises(BadInputError, match="the values of an isotonic calibration must be finite and rise"):
        read_profile(path)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"cannot be written: Is a directory"):
        write_profile(Profile(), tmp_path)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"missing.json' cannot be read: No such file"):
        read_profile(tmp_path / "missing.json")
    with pytest.raises(BadInputError, match="cannot be read: Is a directory"):
        read_profile(tmp_path)


def test_the_built_in_profile_is_the_default_with_a_confidence_for_the_default_models() -> None:
    built_in = built_in_profile()
    assert built_in.calibration is not None
    bare = replace(built_in, calibration=None, min_confidence=DEFAULT_PROFILE.min_confidence)
    assert bare == DEFAULT_PROFILE
    models = [find_model(name) for name in (DEFAULT_EMBEDDER, Settings().reranker)]
    assert built_in.calibration.models == {model.role: model.weights.sha256 for model in models if model}
    assert {one["name"] for one in built_in.calibration.provenance["sets"]} >= {"sample"}
