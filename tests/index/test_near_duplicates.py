"""Near-duplicates of what is ingested, in a real home."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from corpus.errors import DamagedError
from corpus.sources import Source
from corpus.tables import sketches
from index import near_duplicates
from index.near_duplicates import groups_alike
from tests.corpus.files import zip_of
from tests.index.homes import Home, open_home, text_source

WORDS = " ".join(f"Sentence {number} tells of the harbour and its gate." for number in range(40))
OTHER = " ".join(f"Nothing of {number} is said about wool or cheese there." for number in range(40))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with open_home(tmp_path / "home") as opened:
        yield opened


def _added(home: Home, name: str, text: str, collection: str = "default") -> tuple[str, tuple[str, ...]]:
    (result,) = home.ingest(text_source(name, text), collection=collection)
    assert result.document_id is not None
    return result.document_id, result.near_duplicates


def _groups(home: Home, threshold: float = 0.8, collection: str = "default") -> list[dict[str, float]]:
    with home.database.read() as connection:
        found = groups_alike(connection, collection, threshold)
    return [{one.document_id: one.similarity for one in group} for group in found]


def test_copies_and_near_copies_are_named_with_the_ids_of_those_before(home: Home) -> None:
    first, before = _added(home, "first", WORDS)
    assert before == ()
    other, before = _added(home, "other", OTHER)
    assert before == ()
    near, before = _added(home, "near", WORDS.replace("Sentence 20 ", "Clause 20 "))
    assert before == (first,)
    copy, before = _added(home, "copy", WORDS.upper())
    assert before == (first, near)
    (group,) = _groups(home)
    assert list(group) == [first, near, copy]
    assert group[first] == group[copy] == 1 > group[near] >= 0.8
    assert _groups(home, 1.0) == [{first: 1.0, copy: 1.0}]
    assert other not in group


def test_what_was_removed_replaced_or_lies_in_another_collection_is_none(home: Home) -> None:
    first, _ = _added(home, "first", WORDS)
    replaced, _ = _added(home, "replaced", WORDS)
    _added(home, "elsewhere", WORDS, "elsewhere")
    home.remover.remove_document(first)
    assert _added(home, "replaced", OTHER) == (replaced, ())
    copy, before = _added(home, "copy", WORDS)
    assert before == ()
    assert _groups(home) == []
    # An update is compared with the others and not with what it replaces.
    again, _ = _added(home, "again", WORDS)
    assert _added(home, "copy", f"{WORDS} And more.") == (copy, (again,))
    assert _groups(home) == [{again: 1.0, copy: pytest.approx(0.98, abs=0.03)}]


def test_what_comes_together_is_reported_as_if_it_came_one_by_one(home: Home) -> None:
    one, two, three = home.ingest(*(text_source(name, WORDS) for name in ("one", "two", "three")))
    assert (one.near_duplicates, two.near_duplicates) == ((), (one.document_id,))
    assert three.near_duplicates == (one.document_id, two.document_id)
    (unchanged,) = home.ingest(text_source("three", WORDS))
    assert (unchanged.status, unchanged.near_duplicates) == ("unchanged", ())


def test_at_most_ten_are_named(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "_READ_AT_ONCE", 3)
    results = home.ingest(*(text_source(str(number), WORDS) for number in range(14)))
    home.remover.remove_document(str(results[0].document_id))
    _, before = _added(home, "last", WORDS)
    assert before == tuple(result.document_id for result in results[1:11])
    (group,) = _groups(home)
    assert len(group) == 14


def test_a_file_and_what_is_inside_of_it_are_no_copies_of_each_other(home: Home) -> None:
    mail = f"From: a@example.org\nSubject: Gate\n\n{WORDS}".encode()
    results = home.ingest(Source("file:///a.zip", "a.zip", zip_of(one_txt=WORDS.encode(), two_txt=WORDS.encode())))
    one, two, archive = results
    assert (one.inside, two.inside, archive.inside) == (True, True, False)
    assert (one.near_duplicates, two.near_duplicates) == ((), (one.document_id,))
    assert archive.near_duplicates == ()
    (sent,) = home.ingest(Source("file:///a.eml", "a.eml", mail))
    assert set(sent.near_duplicates) == {one.document_id, two.document_id}


def test_a_sketch_that_was_changed_on_the_disk_is_noticed(home: Home) -> None:
    _added(home, "first", WORDS)
    with home.database.write() as connection:
        connection.execute(sketches.update().values(data=sa.func.zeroblob(512)))
    with pytest.raises(DamagedError, match="sketch of version 1"):
        _groups(home)
