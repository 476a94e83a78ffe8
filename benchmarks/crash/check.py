"""Looking at a home after a crash: what it holds, and whether store, words and vectors agree about it."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.crash.children import Say
from benchmarks.crash.documents import body, marker, markers_in, name_of, number_of, revision_of
from corpus.checks import Check
from corpus.collections import collection_number
from corpus.database import Database, current_seq
from corpus.errors import NotFoundError
from corpus.passages import passages_by_number
from corpus.store import text_of, versions_in_force
from corpus.tables import SHADOW_SEQ, passages
from index.embedder import Embedder
from index.keeper import Snapshot
from index.restore import restore
from index.vectors import Scope

_ALL = 100_000
# Passages that are neither removed nor those of a reindexing that was broken off.
_IN_FORCE = (passages.c.removed_seq.is_(None), passages.c.added_seq < SHADOW_SEQ)


@dataclass(frozen=True, slots=True)
class Opened:
    """A home that is open for looking at it; `verify` is its deep check."""

    database: Database
    embedder: Embedder
    snapshot: Snapshot
    verify: Callable[[], Iterable[Check]]


Opening = Callable[[Path], AbstractContextManager[Opened]]
Marked = tuple[int, int]  # a document and one of its revisions


def look(home_path: Path, opening: Opening, gone: Iterable[Marked], purged: Collection[Marked], say: Say) -> None:
    """Open the home and say what is in it: `found` (document and revision), `seq`, `tokens`, `problems`, `notices`.

    `gone` are documents and revisions of them that were acknowledged as removed or replaced, `purged` those of which
    no trace may be left.
    """
    notices = _Notices()
    logging.getLogger("pincite").addHandler(notices)
    logging.getLogger("pincite").propagate = False
    with opening(home_path) as home:
        found, problems = _texts(home)
        problems += [
            *_verified(home, bool(notices.texts)),
            *_whole(home),
            *_searchable(home, found),
            *_absent(home, found, gone),
        ]
        problems += [f"{name_of(one)} at revision {at} has left a trace" for one, at in _traces(home_path, purged)]
        generation = home.snapshot.generation
        say(
            {
                "found": sorted(found.items()),
                "seq": home.snapshot.seq,
                "tokens": generation.passage_size["target_tokens"] if generation else None,
                "problems": problems,
                "notices": notices.texts,
            }
        )


def look_at_backup(backup: Path, home: Path, opening: Opening, say: Say) -> None:
    """Make a home from a backup, and look at it."""
    restore(backup, home, lambda _done, _total: None)
    look(home, opening, (), (), say)


def _traces(home: Path, purged: Collection[Marked]) -> list[Marked]:
    """Those documents and revisions whose words stand in any file of the home."""
    if not purged:
        return []
    found = set().union(*(markers_in(path.read_bytes()) for path in home.rglob("*") if path.is_file()))
    return sorted(found & set(purged))


def _verified(home: Opened, was_repaired: bool) -> Iterator[str]:
    """What the deep check finds wrong; that an index was made anew as the home was opened is known already."""
    for check in home.verify():
        if check.status == "damaged" or (check.status == "repaired" and not was_repaired):
            yield f"verify: {check.name} is {check.status}: {check.details[:3]}"


def _texts(home: Opened) -> tuple[dict[int, int], list[str]]:
    """The documents in force with their revisions, and those whose text is none of theirs or that are there twice."""
    found: dict[int, int] = {}
    problems = []
    with home.database.read() as connection:
        for version in versions_in_force(connection, "default", home.snapshot.seq):
            number = number_of(version.name)
            revision = revision_of(number, text_of(connection, version.number))
            if revision is None:
                problems.append(f"the text of document {number} is none of its texts")
            elif number in found:
                problems.append(f"document {number} is there twice")
            else:
                found[number] = revision
    return found, problems


def _whole(home: Opened) -> Iterator[str]:
    """Store, words and vectors hold the same passages, each once."""
    snapshot = home.snapshot
    with home.database.read() as connection:
        newest = current_seq(connection)
        rows = connection.execute(sa.select(passages.c.number, passages.c.id).where(*_IN_FORCE))
        ids = {row.number: row.id for row in rows}
    if snapshot.seq != newest:
        yield f"the indexes stand at change {snapshot.seq}, the store at {newest}"
    if not len(ids) == len(snapshot.words) == len(snapshot.vectors):
        yield f"passages: store {len(ids)}, words {len(snapshot.words)}, vectors {len(snapshot.vectors)}"
    twice = [name for name, count in Counter(ids.values()).items() if count > 1]
    if twice:
        yield f"passages that are there twice: {twice[:3]}"
    if ids:
        scored = snapshot.vectors.scores(home.embedder.embed_question("the harbour"), sorted(ids))
        if scored.keys() != ids.keys():
            yield f"{len(ids.keys() - scored.keys())} passages have no vector in the index"


def _searchable(home: Opened, found: Mapping[int, int]) -> Iterator[str]:
    """Each document is found by its marker, whole and alone, and by its vectors."""
    if not found:
        return
    scope = _scope(home)
    with home.database.read() as connection:
        numbers = {
            number_of(version.name): set(_passages_of(connection, version.number))
            for version in versions_in_force(connection, "default", home.snapshot.seq)
        }
    for number, revision in found.items():
        hits = [hit.number for hit in home.snapshot.words.search(marker(number, revision), _ALL, scope)]
        if len(hits) != len(set(hits)):
            yield f"document {number}: words find a passage twice"
        if not hits or not set(hits) <= numbers[number]:
            yield f"document {number} at revision {revision}: words find {len(hits)} passages, not all of them its own"
        vector = home.embedder.embed_passages([body(number, revision).split("\n\n")[0]])[0]
        near = [hit.number for hit in home.snapshot.vectors.search(vector, 5, scope)]
        if not numbers[number] & set(near):
            yield f"document {number} at revision {revision}: vectors do not find it"


def _absent(home: Opened, found: Mapping[int, int], gone: Iterable[tuple[int, int]]) -> Iterator[str]:
    """Nothing of a removed document, or of an older revision, is found."""
    try:
        scope = _scope(home)
    except NotFoundError:
        return
    for number, revision in gone:
        if found.get(number) != revision and _is_found(home, marker(number, revision), scope):
            yield f"{name_of(number)} at revision {revision} is found although it was removed or replaced"
    with home.database.read() as connection:
        there = set(connection.scalars(sa.select(passages.c.number).where(*_IN_FORCE)))
    every = {hit.number for hit in home.snapshot.vectors.search(home.embedder.embed_question("quay"), _ALL, scope)}
    if not every <= there:
        yield f"vectors find {len(every - there)} passages that were removed"


def _is_found(home: Opened, word: str, scope: Scope) -> bool:
    """Whether a passage with the word is found; for one that stands nowhere a similar one is searched for."""
    hits = home.snapshot.words.search(word, _ALL, scope)
    with home.database.read() as connection:
        found = passages_by_number(connection, [hit.number for hit in hits], home.snapshot.seq)
        return any(word in passage.span.of(text_of(connection, passage.version)) for passage in found.values())


def _passages_of(connection: sa.Connection, version: int) -> list[int]:
    chosen = sa.select(passages.c.number).where(passages.c.version == version, *_IN_FORCE)
    return list(connection.scalars(chosen))


def _scope(home: Opened) -> Scope:
    with home.database.read() as connection:
        return Scope(collection_number(connection, "default"))


class _Notices(logging.Handler):
    """What the home said while it was opened, such as that an index was made anew."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
