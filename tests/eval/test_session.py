"""Runs with the real models on a small set."""

import json
from collections import Counter
from pathlib import Path

import pytest

from eval.datasets import load
from eval.records import RunSettings
from eval.session import Session
from retrieval.profile import Profile
from retrieval.settings import Settings

TEXTS = {
    "ferry": "The ferry to Karn sails at noon. Dogs travel free of charge on deck.",
    "light": "Karn Light was lit in 1887. Its lamp burns paraffin.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    documents = [{"_id": name, "title": name, "text": text} for name, text in TEXTS.items()]
    questions = [
        {"_id": "noon", "text": "When does the ferry leave?", "answers": ["noon"], "answerable": True},
        {"_id": "lamp", "text": "What fuels the lighthouse?", "answers": ["paraffin"], "answerable": True},
        {"_id": "mast", "text": "How tall is the mast?", "answerable": False},
    ]
    for name, lines in (("corpus", documents), ("queries", questions)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nnoon\tferry\t1\nlamp\tlight\t1\n")
    return tmp_path


def test_a_second_run_computes_nothing_and_finds_the_same_to_the_last_bit(folder: Path) -> None:
    settings = Settings(home=folder / "home", cache=folder / "cache")
    steps: Counter[str] = Counter()
    with Session(settings) as session:
        first = session.run(load(folder), RunSettings(), lambda stage, *_: steps.update([stage]))
    with Session(settings) as session:
        second = session.run(load(folder), RunSettings(), lambda *_: None)
    assert steps == {"ingest": 2, "ask": 3}
    assert first.cached == {"questions": 0}
    assert second.cached["vectors"] == 3
    assert second.cached["rerank_scores"] > 0
    assert second.metrics == first.metrics
    assert [one.confidence for one in second.questions] == [one.confidence for one in first.questions]
    assert {"dense", "lexical", "read"} <= set(first.questions[0].stages)
    assert {"logit", "cosine", "coverage"} <= set(first.questions[0].signals)
    assert not (folder / "home").exists()


def test_fresh_runs_remember_nothing_and_profiles_reach_the_service(folder: Path) -> None:
    settings = Settings(home=folder / "home", cache=folder / "cache")
    with Session(settings, fresh=True) as session:
        for _ in range(2):
            run = session.run(load(folder), RunSettings(profile=Profile(rerank=False)), lambda *_: None)
            assert run.cached == {"questions": 0}
            assert "logit" not in run.questions[0].signals
        small = session.run(load(folder), RunSettings(profile=Profile(passage_tokens=16)), lambda *_: None)
    assert small.counts["passages"] > run.counts["passages"]
    assert list((folder / "cache" / "eval").iterdir()) == []


def test_a_fresh_run_ingests_although_there_is_a_home(folder: Path) -> None:
    settings = Settings(home=folder / "home", cache=folder / "cache")
    chosen = RunSettings(rerank=False)
    with Session(settings) as session:
        first = session.run(load(folder), chosen, lambda *_: None)
    before = sorted((folder / "cache" / "eval").rglob("*"))
    with Session(settings, fresh=True) as session:
        fresh = session.run(load(folder), chosen, lambda *_: None)
    assert "ingest_s" in fresh.timings
    assert fresh.metrics == first.metrics
    assert sorted((folder / "cache" / "eval").rglob("*")) == before
