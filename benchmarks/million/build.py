"""The million in a real home: stored by the product's own functions, without parsing, splitting and embedding."""

import hashlib
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.million.real import Real, default_recipe
from benchmarks.million.recipe import PASSAGES_PER_DOCUMENT, Plan, Texts
from corpus.collections import ensure_collection
from corpus.database import CORPUS_MIGRATIONS, Database, next_seq
from corpus.identity import version_digest
from corpus.near_duplicates import sketch, to_bytes
from corpus.records import Given, NewVersion
from corpus.store import add_version
from corpus.types import Span
from index.generation import require_generation
from index.keeper import IndexKeeper
from index.lock import WriteLock
from index.migrations import INDEX_MIGRATIONS
from index.recipe import Recipe
from index.store import add_vectors
from index.vectors import HalfMatrix

COLLECTION = "default"

_AT_ONCE = 1_000  # documents in one transaction
_PER_COMMIT = 10_000  # documents in one commit of the words


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """The parts of a home, opened as `retrieval.assemble.open_service` does it."""

    database: Database
    keeper: IndexKeeper
    lock: WriteLock

    def close(self) -> None:
        """Wait for merges in the background and give the database back."""
        self.keeper.close()
        self.database.close()


@dataclass(slots=True)
class Clock:
    """Wall and processor seconds by part."""

    parts: dict[str, tuple[float, float]] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Add the duration of the block."""
        begun = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            wall, processor = self.parts.get(name, (0.0, 0.0))
            self.parts[name] = (wall + time.perf_counter() - begun[0], processor + time.process_time() - begun[1])

    def __str__(self) -> str:
        said = (f"{name} {wall:.1f} s ({processor:.1f} s)" for name, (wall, processor) in self.parts.items())
        return ", ".join(said)


def open_home(folder: Path) -> Home:
    """Open or make a home."""
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(f"sqlite:///{folder / 'store.db'}", (CORPUS_MIGRATIONS, INDEX_MIGRATIONS))
    lock = WriteLock(folder)
    return Home(database, IndexKeeper(folder, database, lock), lock)


def documents(real: Real, made: Plan, first: int, seed: int) -> Iterator[NewVersion]:
    """The documents of the plan, numbered from `first` on, for which `seed` decides their words and metadata."""
    texts, chance = Texts(real.passages, seed), random.Random(seed)
    for start in range(0, len(made), PASSAGES_PER_DOCUMENT):
        rows = range(start, min(start + PASSAGES_PER_DOCUMENT, len(made)))
        parts = [texts.make(int(made.base[row]), int(made.others[row, 0]), float(made.weight[row])) for row in rows]
        about = real.passages[int(made.base[start])]
        number = first + start // PASSAGES_PER_DOCUMENT
        metadata: dict[str, str | int] = {"thousandth": chance.randrange(1000), "set": about.document.partition("/")[0]}
        yield _version(f"million/{number}", about.title or f"Document {number}", parts, metadata)


def store(home: Home, versions: Iterator[NewVersion], matrix: HalfMatrix, clock: Clock) -> None:
    """Store all documents with their vectors, and bring the indexes up to them. Call it with the write lock held."""
    recipe, row, since = default_recipe(), 0, 0
    while group := _taken(versions, _AT_ONCE, clock):
        with clock.part("store"):
            row += store_group(home, recipe, group, matrix[row:])
        since += len(group)
        if since >= _PER_COMMIT:
            since = 0
            _index(home.keeper, clock, row)
    _index(home.keeper, clock, row)


def store_group(home: Home, recipe: Recipe, group: Sequence[NewVersion], matrix: HalfMatrix) -> int:
    """Documents in one transaction, with the first rows of the matrix; returns how many passages they have."""
    row = 0
    with home.database.write() as connection:
        seq = next_seq(connection)
        generation = require_generation(connection, seq, recipe)
        collection = ensure_collection(connection, COLLECTION)
        for version in group:
            numbers = add_version(connection, seq, collection, version).passages
            add_vectors(connection, generation.number, numbers, matrix[row : row + len(numbers)])
            row += len(numbers)
    return row


def build(folder: Path, real: Real, made: Plan, matrix: HalfMatrix) -> Clock:
    """Make the home. Returns what it took."""
    clock, home = Clock(), open_home(folder)
    with home.lock.held(60):
        store(home, documents(real, made, 0, 0), matrix, clock)
    with clock.part("merges"):
        home.close()
    return clock


def _index(keeper: IndexKeeper, clock: Clock, row: int) -> None:
    with clock.part("words"):
        keeper.catch_up()
    with clock.part("vectors"):
        keeper.publish()
    print(f"{row} passages: wall (processor) {clock}", flush=True)


def _taken(versions: Iterator[NewVersion], count: int, clock: Clock) -> list[NewVersion]:
    with clock.part("texts"):
        return list(islice(versions, count))


def _version(uri: str, title: str, parts: list[str], metadata: dict[str, str | int]) -> NewVersion:
    text = "\n\n".join(parts)
    ends = np.cumsum([len(part) + 2 for part in parts]) - 2
    spans = tuple(Span(int(end) - len(part), int(end)) for end, part in zip(ends, parts, strict=True))
    return NewVersion(
        uri=uri,
        document_id=None,
        external_id=uri,
        digest=version_digest(text, "made"),
        parser_version="made",
        original=hashlib.sha256(text.encode()).hexdigest(),
        name=f"{title}.txt",
        media_type="text/plain",
        title=title,
        metadata=metadata,
        text=text,
        page_starts=(),
        sections=(),
        spans=spans,
        given=Given(None, metadata),
        sketch=to_bytes(sketch(text)),
    )
