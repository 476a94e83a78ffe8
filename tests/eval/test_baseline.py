import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import BadInputError
from eval.baseline import Baseline, Bound, PinnedSettings, read_baseline, write_baseline

BASELINE = Baseline(
    dataset="harbour",
    corpus_digest="c0ffee",
    questions_digest="decade",
    counts={"documents": 3, "passages": 12, "questions": 40, "answerable": 30},
    settings=PinnedSettings("hybrid", rerank=None, limit=40, seed=0, top_k=10),
    bounds={"quote_f1": Bound("quote_f1", 0.8125, 0.0413, 30), "aurc": Bound("aurc", 0.125, 0.02, 40)},
)
TEXT = """\
{
  "format": 1,
  "dataset": "harbour",
  "corpus_digest": "c0ffee",
  "questions_digest": "decade",
  "counts": {
    "documents": 3,
    "passages": 12,
    "questions": 40,
    "answerable": 30
  },
  "settings": {
    "mode": "hybrid",
    "rerank": null,
    "limit": 40,
    "seed": 0,
    "top_k": 10,
    "conversation": true
  },
  "metrics": {
    "quote_f1": {
      "floor": 0.8125,
      "width": 0.0413,
      "n": 30
    },
    "aurc": {
      "ceiling": 0.125,
      "width": 0.02,
      "n": 40
    }
  }
}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "baseline.json"


def changed(**fields: Any) -> str:
    return json.dumps({**json.loads(TEXT), **fields})


def test_the_file_reads_well_and_names_ceilings(path: Path) -> None:
    write_baseline(BASELINE, path)
    assert path.read_text() == TEXT
    assert read_baseline(path) == BASELINE


@pytest.mark.parametrize("rerank", [True, False, None])
def test_settings_keep_their_types(path: Path, rerank: bool | None) -> None:
    baseline = replace(BASELINE, settings=PinnedSettings("dense", rerank, None, 1, 1))
    write_baseline(baseline, path)
    found = read_baseline(path)
    assert found == baseline
    assert found.settings is not None
    assert found.settings.rerank is rerank


def test_a_file_from_before_conversations_is_one_that_passed_them(path: Path) -> None:
    write_baseline(BASELINE, path)
    path.write_text(path.read_text().replace(',\n    "conversation": true', ""))
    assert read_baseline(path) == BASELINE


def test_runs_of_other_systems_have_no_settings(path: Path) -> None:
    baseline = replace(BASELINE, settings=None, corpus_digest="", counts={"questions": 40})
    write_baseline(baseline, path)
    assert read_baseline(path) == baseline


def test_any_name_of_a_set_can_be_written(path: Path) -> None:
    write_baseline(replace(BASELINE, dataset='Häfen "\x00\u2028 \U0001f6a2 \udc80'), path)
    found = read_baseline(path)
    assert found is not None
    assert found.dataset == 'Häfen "\x00\u2028 \U0001f6a2 ?'


def test_no_file_is_no_baseline(path: Path) -> None:
    assert read_baseline(path) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file: Invalid JSON"),
        ("<<<<<<< HEAD\n" + TEXT, "the file: Invalid JSON"),
        ("[]", "the file: Input should be an object"),
        (changed(format=2), "format: Input should be 1"),
        (changed(metrics={}), "metrics: Dictionary should have at least 1 item"),
        (changed(metrics={"aurc": {"floor": 0.1, "width": 0, "n": 4}}), "'aurc' is better when it is lower"),
        (changed(metrics={"f1": {"ceiling": 0.1, "width": 0, "n": 4}}), "'f1' is better when it is higher"),
        (changed(metrics={"f1": {"floor": 0.1, "ceiling": 0.1, "width": 0, "n": 4}}), "must have a floor"),
        (changed(metrics={"f1": {"width": 0, "n": 4}}), "must have a floor"),
        (changed(metrics={"f1": {"floor": 0.1, "width": -0.1, "n": 4}}), "metrics.f1.width"),
        (changed(metrics={"f1": {"floor": 0.1, "width": 0, "n": 0}}), "metrics.f1.n"),
        (changed(metrics={"f1": {"floor": float("nan"), "width": 0, "n": 4}}), "metrics.f1.floor"),
        (changed(metrics={"f1": {"floor": 0.1, "width": float("inf"), "n": 4}}), "metrics.f1.width"),
        (changed(metrics={"f1": {"floor": "0.1", "width": 0, "n": 4}}), "metrics.f1.floor"),
        (changed(metrics={"f1": {"flor": 0.1, "width": 0, "n": 4}}), "metrics.f1.flor"),
        (changed(settings={"mode": "magic", "rerank": None, "limit": 1, "seed": 0, "top_k": 1}), "settings.mode"),
        (changed(settings={"mode": "dense", "rerank": None, "seed": 0, "top_k": 1}), "settings.limit"),
        (changed(questions=3), "questions: Extra inputs"),
    ],
)
def test_other_files_are_refused(path: Path, text: str, problem: str) -> None:
    path.write_text(text)
    with pytest.raises(BadInputError) as raised:
        read_baseline(path)
    assert f"{str(path)!r} is no baseline: " in str(raised.value)
    assert problem in str(raised.value)


def test_what_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="cannot be read: Is a directory"):
        read_baseline(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match="cannot be read: Not a directory"):
        read_baseline(tmp_path / "file" / "baseline.json")
    with pytest.raises(BadInputError, match="cannot be written"):
        write_baseline(BASELINE, tmp_path / "file" / "baseline.json")


def test_a_file_stays_when_the_next_cannot_be_made(path: Path) -> None:
    write_baseline(BASELINE, path)
    with pytest.raises(ValueError, match="JSON"):
        write_baseline(replace(BASELINE, bounds={"f1": Bound("f1", float("nan"), 0, 1)}), path)
    assert path.read_text() == TEXT


@pytest.mark.parametrize(
    ("metric", "kept", "fallen"),
    [("quote_f1", (0.75, 0.6, 0.5, 1.0), (0.499, 0.0)), ("aurc", (0.75, 0.9, 1.0, 0.0), (1.001, 2.0))],
)
def test_bounds(metric: str, kept: tuple[float, ...], fallen: tuple[float, ...]) -> None:
    bound = Bound(metric, 0.75, 0.25, 10)
    assert [bound.holds(value) for value in (*kept, *fallen)] == [True] * len(kept) + [False] * len(fallen)
    # A figure that is none has kept nothing.
    assert not bound.holds(float("nan"))
