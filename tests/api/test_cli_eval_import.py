import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from api.cli.evaluation.imports import import_set
from corpus.errors import BadInputError
from eval.datasets import load

app = typer.Typer()
app.command("import")(import_set)


@app.callback()
def evaluate() -> None:
    """Stand where `pincite eval` stands."""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["import", *map(str, arguments)])


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    asked = {"id": "a", "question": "Who?", "answers": [{"text": "Owls", "answer_start": 0}]}
    article = {"title": "Owls", "paragraphs": [{"context": "Owls hunt.", "qas": [asked]}]}
    path = tmp_path / "dev.json"
    path.write_text(json.dumps({"data": [article]}))
    return path


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "owls.txt").write_text("Owls hunt at night.")
    return folder


def test_json_is_one_object(tmp_path: Path, squad: Path) -> None:
    ended = run(squad, tmp_path / "out", "--from", "squad", "--json")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == {
        "folder": str(tmp_path / "out"),
        "form": "beir",
        "documents": 1,
        "questions": 1,
        "notes": [],
    }
    assert load(tmp_path / "out").questions[0].answers == ("Owls",)


def test_people_are_told_what_to_do_next(tmp_path: Path, squad: Path) -> None:
    ended = run(squad, tmp_path / "my set", "--from", "squad")
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        "1 questions, 1 documents (beir form)",
        f"next: pincite eval run '{tmp_path / 'my set'}'",
    ]


def test_several_sources(tmp_path: Path, squad: Path) -> None:
    other = tmp_path / "train.json"
    other.write_text(squad.read_text().replace('"id": "a"', '"id": "b"'))
    assert run(squad, other, tmp_path / "out", "--from", "squad").exit_code == 0
    assert [question.id for question in load(tmp_path / "out").questions] == ["a", "b"]


def test_trec(tmp_path: Path, documents: Path) -> None:
    topics, qrels = tmp_path / "topics", tmp_path / "qrels"
    topics.write_text("1\tWhen?\n2\tWho?\n")
    qrels.write_text("1 0 owls 1\n")
    ended = run(topics, tmp_path / "out", "--from", "trec", "--qrels", qrels, "--documents", documents)
    assert ended.exit_code == 0
    assert "left out topics without judgements: 1, such as '2'" in ended.stderr
    assert load(tmp_path / "out").questions[0].judgements == {"owls": 1}


def test_csv(tmp_path: Path, documents: Path) -> None:
    table = tmp_path / "questions.csv"
    table.write_text("question,answer,document\nWhen?,night,owls\n")
    assert run(table, tmp_path / "out", "--from", "csv", "--documents", documents).exit_code == 0
    assert load(tmp_path / "out").form == "files"


def test_beir(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d", "text": "x"}\n')
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1", "text": "?"}\n{"_id": "q2", "text": "?"}\n')
    for split, question in (("test", "q1"), ("dev", "q2")):
        (tmp_path / "qrels" / f"{split}.tsv").write_text(f"query-id\tcorpus-id\tscore\n{question}\td\t1\n")
    assert run(tmp_path, tmp_path / "out" / "1", "--from", "beir").exit_code == 0
    assert run(tmp_path, tmp_path / "out" / "2", "--from", "beir", "--split", "dev").exit_code == 0
    assert [load(tmp_path / "out" / number).questions[0].id for number in "12"] == ["q1", "q2"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--from", "squad", "--split", "dev"], "--split says nothing to --from squad"),
        (["--from", "beir", "--qrels", "x"], "--qrels says nothing to --from beir"),
        (["--from", "csv", "--documents", "x", "--qrels", "x"], "--qrels says nothing to --from csv"),
        (["--from", "csv"], "--from csv needs --documents"),
        (["--from", "trec", "--documents", "x"], "--from trec needs --qrels"),
        (["--from", "trec", "--qrels", "x"], "--from trec needs --documents"),
        (["another", "--from", "beir"], "--from beir takes one source, not 2"),
    ],
)
def test_options_that_do_not_fit(tmp_path: Path, squad: Path, options: list[str], problem: str) -> None:
    ended = run(squad, tmp_path / "out", *options)
    assert isinstance(ended.exception, BadInputError)
    assert problem in str(ended.exception)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [[], ["x", "--from", "squad"], ["x", "y"], ["x", "y", "--from", "xml"]])
def test_wrong_use(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2
