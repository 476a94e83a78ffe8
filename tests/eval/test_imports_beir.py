import json
from pathlib import Path

import pytest

from corpus.errors import BadInputError
from eval.datasets import load
from eval.datasets.imports import Imported, import_beir

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def write_lines(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


CORPUS = [
    {"_id": "d1", "title": "Owls", "text": "Owls hunt at night.", "metadata": {"url": "x"}},
    {"_id": "d2", "title": "", "text": ""},
    {"_id": 3, "text": "Numbers are ids too.", "id": 77},
]
QUERIES = [
    {"_id": "q1", "text": "When do owls hunt?", "metadata": {}, "id": 5},
    {"_id": "q2", "text": "Are numbers ids?"},
    {"_id": "q3", "text": "Judged elsewhere"},
]


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "scifact"
    (folder / "qrels").mkdir(parents=True)
    write_lines(folder / "corpus.jsonl", CORPUS)
    write_lines(folder / "queries.jsonl", QUERIES)
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\t3\t1\n")
    (folder / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\nq3\td1\t1\n")
    return folder


def test_the_questions_of_a_split(source, tmp_path):
    imported = import_beir(source, tmp_path / "out")
    assert imported == Imported(tmp_path / "out", "beir", 3, 2)
    dataset = load(tmp_path / "out")
    assert [(one.id, one.title, one.content) for one in dataset.documents] == [
        ("d1", "Owls", "Owls hunt at night."),
        ("d2", "", ""),
        ("3", "", "Numbers are ids too."),
    ]
    assert {one.id: one.judgements for one in dataset.questions} == {"q1": {"d1": 2, "d2": 0}, "q2": {"3": 1}}
    assert [one.id for one in load(import_beir(source, tmp_path / "train", "train").folder).questions] == ["q3"]


def test_all_fields_are_kept(source, tmp_path):
    import_beir(source, tmp_path / "out")
    assert read_lines(tmp_path / "out" / "corpus.jsonl") == [*CORPUS[:2], {**CORPUS[2], "_id": "3"}]
    assert read_lines(tmp_path / "out" / "queries.jsonl") == QUERIES[:2]


def test_what_does_not_belong_together_is_left_out_and_told(source, tmp_path):
    more = "q9\td1\t1\nq8\td1\t1\nq2\td7\t1\nq3\td8\t1\n"
    (source / "qrels" / "test.tsv").write_text((source / "qrels" / "test.tsv").read_text() + more)
    imported = import_beir(source, tmp_path / "out")
    assert (imported.questions, imported.notes) == (
        2,
        (
            "left out judged questions without a text: 2, such as 'q9'",
            "left out judgements on documents that are not there (recall counts the others only): 2, such as 'd7'",
            "left out questions judged on such documents only: 1, such as 'q3'",
        ),
    )
    assert [one.id for one in load(tmp_path / "out").questions] == ["q1", "q2"]


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("corpus.jsonl", '{"_id": "d1", "text": "a"}\n{"_id": "d1", "text": "b"}', r"corpus.jsonl, line 2: .*'d1' was"),
        ("corpus.jsonl", '{"_id": "d1"}', r"corpus.jsonl, line 1: text: Field required"),
        ("corpus.jsonl", "\n", "has no documents"),
        (
            "queries.jsonl",
            '{"_id": "q1", "text": "a"}\n{"_id": "q1", "text": "b"}',
            r"queries.jsonl, line 2: .*'q1' was",
        ),
        ("queries.jsonl", '{"_id": "q1", "text": ""}', r"queries.jsonl, line 1: text"),
        ("queries.jsonl", '{"_id": "q7", "text": "a"}', "do the files belong together"),
        ("qrels/test.tsv", "q1\td1\t1\nq1\td1\t1", r"test.tsv, line 2: .* judged before"),
    ],
)
def test_a_broken_set_is_refused_and_leaves_nothing(source, tmp_path, file, content, problem):
    (source / file).write_text(content)
    with pytest.raises(BadInputError, match=problem):
        import_beir(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_split_that_is_not_there(source, tmp_path):
    with pytest.raises(BadInputError, match=r"dev\.tsv'; the splits of the set are: test, train"):
        import_beir(source, tmp_path / "out", "dev")
    with pytest.raises(BadInputError, match="the splits of the set are: none"):
        import_beir(tmp_path, tmp_path / "out")


@pytest.mark.parametrize("name", ["scifact", "squad2_dev16"])
def test_a_public_set_stays_what_it_is(tmp_path, name):
    if not (SHARED / name).is_dir():
        pytest.skip(f"the public set {name} is not here")
    source = tmp_path / "source"
    (source / "qrels").mkdir(parents=True)
    for file in ("corpus.jsonl", "queries.jsonl"):
        (source / file).symlink_to(SHARED / name / file)
    (source / "qrels" / "test.tsv").symlink_to(SHARED / name / "qrels.tsv")
    imported = import_beir(source, tmp_path / "out")
    ours, original = load(tmp_path / "out"), load(SHARED / name)
    judged = tuple(one for one in original.questions if one.judgements)
    assert (ours.corpus_digest, ours.questions) == (original.corpus_digest, judged)
    assert (imported.documents, imported.questions) == (len(ours.documents), len(judged))
