"""`pincite eval run`: what is printed where, the exit codes, and options that do not belong together."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli.main import app


def run(folder: Path, *arguments: object) -> Result:
    environment = {"PINCITE_CACHE": str(folder / "cache"), "PINCITE_HOME": str(folder / "home")}
    return CliRunner().invoke(app, ["eval", "run", *map(str, arguments)], env=environment)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A set of one document and one question."""
    folder = tmp_path / "set"
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "ferry.txt").write_text("The ferry sails at noon.")
    evidence = [{"doc_id": "ferry", "quote": "The ferry sails at noon."}, {"doc_id": "ferry", "quote": "is not there"}]
    question = {"_id": "q1", "text": "When does the ferry sail?", "answerable": True, "evidence": evidence}
    (folder / "queries.jsonl").write_text(json.dumps(question))
    return folder


@pytest.fixture
def foreign(tmp_path: Path) -> tuple[str | Path, ...]:
    (tmp_path / "run").write_text("q1 Q0 d1 1 2.5 tag\n")
    (tmp_path / "qrels").write_text("q1 0 d1 1\n")
    return "--run", tmp_path / "run", "--qrels", tmp_path / "qrels"


def test_json_is_alone_on_stdout_and_what_to_know_is_said_beside_it(tmp_path: Path, files: Path) -> None:
    ended = run(tmp_path, files, "--no-rerank", "--json")
    assert ended.exit_code == 0
    assert json.loads(ended.stdout)["metrics"]["span_hit@1"]["value"] == 1
    assert "1 pieces of evidence were not found" in ended.stderr


def test_a_document_that_cannot_be_read_is_listed_and_the_exit_code(tmp_path: Path, files: Path) -> None:
    (files / "documents" / "broken.pdf").write_bytes(bytes(range(256)) * 9)
    for output in ((), ("--json",)):
        ended = run(tmp_path, files, "--no-rerank", *output)
        assert ended.exit_code == 1
        assert "broken.pdf" in ended.stderr


def test_a_question_that_fails_is_listed_and_the_exit_code(tmp_path: Path, files: Path) -> None:
    (files / "queries.jsonl").write_text(json.dumps({"_id": "long", "text": "ferry " * 20_000}))
    ended = run(tmp_path, files, "--no-rerank", "--json")
    assert json.loads(ended.stdout)["counts"]["errors"] == 1
    assert ended.exit_code == 1
    assert "failed: question long: " in ended.stderr


def test_a_finished_run_is_scored(tmp_path: Path, foreign: tuple[str | Path, ...]) -> None:
    ended = run(tmp_path, *foreign, "--json")
    assert ended.exit_code == 0
    assert json.loads(ended.stdout)["metrics"]["ndcg@10"]["value"] == 1


@pytest.mark.parametrize(
    "unfit", ["sample", "--limit 1", "--mode dense", "--form beir", "--seed 1", "--no-rerank", "--drafts", "--fresh"]
)
def test_what_says_nothing_to_a_finished_run_is_refused(
    tmp_path: Path, foreign: tuple[str | Path, ...], unfit: str
) -> None:
    ended = run(tmp_path, *foreign, *unfit.split())
    assert ended.exit_code == 2
    assert "scores a finished run" in ended.stderr


def test_run_and_judgements_belong_together(tmp_path: Path, foreign: tuple[str | Path, ...]) -> None:
    for half in (foreign[:2], foreign[2:]):
        assert run(tmp_path, *half).exit_code == 2
    assert run(tmp_path).exit_code == 2
