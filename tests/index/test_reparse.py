"""Originals are read again with the parsers of today, and what was given for them stays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.database import current_seq
from corpus.errors import LockedError
from corpus.parsers import PARSER_VERSION
from corpus.records import DocumentVersion
from corpus.sources import Source, file_source
from corpus.store import text_of, versions_in_force
from index import preparing
from index.lock import WriteLock
from index.reparse import Reparser
from index.results import FileResult, Reports
from tests.corpus.files import pdf, zip_of
from tests.index.homes import Home, open_home, text_source

LIGHT = "Karn Light was lit in 1887."


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with open_home(tmp_path / "home") as opened:
        yield opened


def _older(home: Home, *sources: Source, collection: str = "default") -> list[FileResult]:
    """Ingest as an older version of the parsers did."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(preparing, "PARSER_VERSION", "old")
        return home.ingest(*sources, collection=collection)


def _reparsed(home: Home, *passwords: str) -> tuple[int, list[FileResult]]:
    totals: list[int] = []
    results: list[FileResult] = []
    reports = Reports(totals.append, results.append, lambda _progress: None)
    Reparser(home.database, home.originals, home.ingester, home.lock).reparse(passwords, reports, 10)
    (total,) = totals
    return total, results


def _versions(home: Home, collection: str = "default") -> dict[str, DocumentVersion]:
    with home.database.read() as connection:
        found = versions_in_force(connection, collection, current_seq(connection))
    return {version.uri: version for version in found}


def test_what_an_older_parser_read_is_read_again_under_the_same_identity(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "light.md"
    file.write_text(f"# Karn\n\n{LIGHT}")
    archive = Source("upload:all.zip", "all.zip", zip_of(one_txt=b"One owl."), metadata={"year": 2026})
    _older(home, replace(file_source(file, "Lights", {"kind": "light"}), document_id="mine"), archive)
    _older(home, text_source("there", LIGHT), collection="other")
    home.ingest(text_source("new", "Of today."))
    before = _versions(home)
    file.unlink()  # the home has its bytes
    total, results = _reparsed(home)
    assert total == 3
    assert {result.path: result.status for result in results} == {
        "light.md": "updated",
        "all.zip": "updated",
        "all.zip#one.txt": "updated",
        "there": "updated",
    }
    after = _versions(home)
    assert after.keys() == before.keys()
    for uri, version in after.items():
        old = before[uri]
        same = ("document_id", "external_id", "name", "title", "metadata", "given", "original", "parent_id", "sections")
        assert [getattr(version, name) for name in same] == [getattr(old, name) for name in same]
        assert version.parser_version == PARSER_VERSION
        assert (version.digest == old.digest) == (uri == "text:new")
    assert _reparsed(home) == (0, [])


def test_a_text_that_was_given_as_such_stays_one_whatever_it_looks_like(home: Home) -> None:
    markup = "<html><body><p>Not a page, but a text about pages.</p></body></html>"
    _older(home, text_source("a", markup), Source("file:///b.html", "b.html", markup.encode()))
    _reparsed(home)
    with home.database.read() as connection:
        texts = {uri: text_of(connection, one.number) for uri, one in _versions(home).items()}
    assert texts["text:a"] == markup
    assert "<p>" not in texts["file:///b.html"]


def test_nothing_is_read_while_another_process_writes(home: Home) -> None:
    _older(home, text_source("a", LIGHT))
    other = WriteLock(home.path)
    reparser = Reparser(home.database, home.originals, home.ingester, other)
    reports = Reports(lambda _total: pytest.fail("it was looked at"), lambda _result: None, lambda _progress: None)
    with home.lock.held(0), pytest.raises(LockedError):
        reparser.reparse((), reports, 0)


def test_a_damaged_original_fails_alone(home: Home, tmp_path: Path) -> None:
    _older(home, text_source("a", LIGHT), text_source("b", "Two owls."))
    before = _versions(home)
    digest = before["text:a"].original
    (tmp_path / "home" / "originals" / digest[:2] / digest).write_bytes(b"changed")
    _, results = _reparsed(home)
    assert {result.path: result.status for result in results} == {"a": "failed", "b": "updated"}
    assert next(result for result in results if result.path == "a").reason == (
        f"the original {digest} was changed on the disk; remove the document and ingest it again"
    )
    assert _versions(home)["text:a"] == before["text:a"]


def test_passwords_are_given_again_because_they_are_not_stored(home: Home) -> None:
    secret = Source("file:///a.pdf", "a.pdf", pdf(["Secret owls."], password="x"), passwords=("x",))
    assert _older(home, secret)[0].status == "added"
    (failed,) = _reparsed(home)[1]
    assert failed.status == "failed"
    assert home.by_words("owls") == {"Secret owls."}
    assert _reparsed(home, "x")[1][0].status == "updated"
