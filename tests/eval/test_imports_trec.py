import json

import pytest

from corpus.errors import BadInputError
from eval.datasets import load
from eval.datasets.imports import import_trec

TOPICS = "<top>\n<num> Number: 301\n<title> Owls at night\n</top>\n<top>\n<num> 302\n<title> Bats\n</top>\n"


@pytest.fixture
def topics(tmp_path):
    path = tmp_path / "topics.txt"
    path.write_text(TOPICS)
    return path


@pytest.fixture
def qrels(tmp_path):
    path = tmp_path / "qrels.txt"
    path.write_text("301 0 owls 2\n301 0 bats.v2 0\n301 0 AP88-1 1\n999 0 owls 1\n")
    return path


@pytest.fixture
def documents(tmp_path):
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    (folder / "owls.txt").write_text("Owls hunt at night.")
    (folder / "deep" / "bats.v2.html").write_text("<p>Bats")
    (folder / ".hidden.txt").write_text("no document")
    return folder


NOTES = (
    "left out judged questions without a text: 1, such as '999'",
    "left out judgements on documents that are not there (recall counts the others only): 1, such as 'AP88-1'",
    "left out topics without judgements: 1, such as '302'",
)


def test_a_folder_of_documents(tmp_path, topics, qrels, documents):
    imported = import_trec(topics, qrels, documents, tmp_path / "out")
    assert (imported.form, imported.documents, imported.questions, imported.notes) == ("files", 2, 1, NOTES)
    dataset = load(tmp_path / "out")
    (question,) = dataset.questions
    assert (question.id, question.text) == ("301", "Owls at night")
    assert question.judgements == {"owls": 2, "bats.v2": 0}
    assert {one.id: one.content.read_text() for one in dataset.documents} == {
        "owls": "Owls hunt at night.",
        "bats.v2": "<p>Bats",
    }


def test_the_set_stands_on_its_own(tmp_path, topics, qrels, documents):
    import_trec(topics, qrels, documents, tmp_path / "out")
    (documents / "owls.txt").write_text("Edited later.")
    documents.rename(tmp_path / "elsewhere")
    (tmp_path / "out").rename(tmp_path / "moved")
    texts = {one.content.read_text() for one in load(tmp_path / "moved").documents}
    assert texts == {"Owls hunt at night.", "<p>Bats"}


def test_judgements_may_name_files_with_their_endings(tmp_path, topics, qrels, documents):
    qrels.write_text("301 0 owls.txt 1\n301 0 bats.v2.html 1\n")
    import_trec(topics, qrels, documents, tmp_path / "out")
    assert load(tmp_path / "out").questions[0].judgements == {"owls": 1, "bats.v2": 1}
    qrels.write_text("301 0 owls.txt 1\n301 0 owls 0\n")
    with pytest.raises(BadInputError, match="'301' name a file both by its name and by its stem"):
        import_trec(topics, qrels, documents, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_corpus(tmp_path, topics, qrels):
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps({"_id": id_, "text": id_ * 2}) + "\n" for id_ in ("owls", "bats.v2", "x")))
    topics.write_text("301\tOwls at night\n302\tBats\n")
    imported = import_trec(topics, qrels, corpus, tmp_path / "out")
    assert (imported.form, imported.documents, imported.questions, imported.notes) == ("beir", 3, 1, NOTES)
    dataset = load(tmp_path / "out")
    assert dataset.form == "beir"
    assert dataset.questions[0].judgements == {"owls": 2, "bats.v2": 0}


def test_files_that_do_not_belong_together(tmp_path, topics, qrels, documents):
    topics.write_text("1\tOwls\n")
    with pytest.raises(BadInputError, match="do the files belong together"):
        import_trec(topics, qrels, documents, tmp_path / "out")
    with pytest.raises(BadInputError, match=r"nowhere\.jsonl"):
        import_trec(topics, qrels, tmp_path / "nowhere.jsonl", tmp_path / "out")
    assert not (tmp_path / "out").exists()
