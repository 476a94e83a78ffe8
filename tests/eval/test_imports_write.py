import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import BadInputError
from eval.datasets import load
from eval.datasets.imports.write import new_set, write_lines, write_qrels
from eval.trec import read_qrels
from tests.hostile_text import raw_texts


def write_small_set(draft):
    write_lines(draft / "queries.jsonl", [{"_id": "q", "text": "?"}])
    write_lines(draft / "corpus.jsonl", [{"_id": "d", "text": "x"}])
    write_qrels(draft / "qrels.tsv", {"q": {"d": 1}})


def test_a_set_appears_at_the_end(tmp_path):
    folder = tmp_path / "deep" / "set"
    with new_set(folder) as draft:
        write_small_set(draft)
        with pytest.raises(BadInputError, match="is no evaluation set"):
            load(folder)
    assert load(folder).questions[0].judgements == {"d": 1}
    assert sorted(path.name for path in folder.iterdir()) == ["corpus.jsonl", "qrels.tsv", "queries.jsonl"]


def test_an_empty_folder_is_filled_and_stays_the_same(tmp_path, monkeypatch):
    folder = tmp_path / "set"
    folder.mkdir()
    monkeypatch.chdir(folder)
    inode = folder.stat().st_ino
    with new_set(folder) as draft:
        write_small_set(draft)
    assert folder.stat().st_ino == inode
    assert len(load(".").questions) == 1


@pytest.mark.parametrize("name", ["note.txt", ".hidden"])
def test_nothing_is_overwritten(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(BadInputError, match="is not empty"), new_set(tmp_path):
        raise AssertionError("the block must not begin")
    with pytest.raises(BadInputError, match="is a file"), new_set(tmp_path / name):
        raise AssertionError("the block must not begin")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_broken_off_import_leaves_what_was_there(tmp_path, error):
    def broken(folder):
        with new_set(folder) as draft:
            write_small_set(draft)
            raise error

    with pytest.raises(error):
        broken(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(error):
        broken(tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []


def test_the_questions_come_last_and_without_them_there_is_no_set(tmp_path):
    folder = tmp_path / "set"

    def hindered():
        with new_set(folder) as draft:
            write_small_set(draft)
            (draft / "zebra").mkdir()
            # Something else has taken this name, so that moving breaks off.
            (folder / "zebra").write_text("")

    with pytest.raises(BadInputError, match=r"failed: .*zebra"):
        hindered()
    assert sorted(path.name for path in folder.iterdir()) == ["corpus.jsonl", "qrels.tsv", "zebra"]
    with pytest.raises(BadInputError, match=r"queries\.jsonl"):
        load(folder)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInputError, match=r"failed: .*Not a directory"), new_set(tmp_path / "file" / "set"):
        raise AssertionError("the block must not begin")


# JSON cannot tell two halves of a pair that stand together from the pair: no text that was read has them.
readable_texts = raw_texts.map(lambda text: json.loads(json.dumps(text)))


@given(values=st.lists(readable_texts))
def test_lines_hold_any_text(tmp_path_factory, values):
    path = tmp_path_factory.getbasetemp() / "lines.jsonl"
    assert write_lines(path, ({"text": value} for value in values)) == len(values)
    lines = path.read_bytes().decode().split("\n")[:-1]
    assert [json.loads(line)["text"] for line in lines] == values


def test_characters_are_written_as_such(tmp_path):
    write_lines(tmp_path / "lines", [{"text": "ü😀\ud800"}])
    assert (tmp_path / "lines").read_text() == '{"text": "ü😀\\ud800"}\n'


ids = st.text(st.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]), min_size=1, max_size=6)
judgements = st.dictionaries(ids, st.dictionaries(ids, st.integers(-3, 9), min_size=1, max_size=4), min_size=1)


@given(qrels=judgements)
def test_judgements_survive_being_written(tmp_path_factory, qrels):
    path = tmp_path_factory.getbasetemp() / "qrels.tsv"
    write_qrels(path, qrels)
    assert read_qrels(path) == qrels


@pytest.mark.parametrize("name", ["", "a\tb", "a\nb", "a\r", "\udc80"])
def test_ids_that_do_not_fit_are_refused(tmp_path, name):
    for qrels in ({name: {"d": 1}}, {"q": {name: 1}}):
        with pytest.raises(BadInputError, match=r"cannot stand in qrels\.tsv"):
            write_qrels(tmp_path / "qrels.tsv", qrels)
