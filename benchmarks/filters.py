"""Hybrid search under filters that allow few or many of the documents of a made-up home.

Usage, from the root of the checkout: .venv/bin/python -m benchmarks.filters [DOCUMENTS] [QUESTIONS]. A document has
ten passages of forty words; words are as frequent as in any language (Zipf), vectors stand around 500 centres.
Nothing is embedded or reranked: questions are five words as frequent as in the texts and a vector near to a centre.
Times are milliseconds of the thread that searches, median / 95th percentile; beside them, how long a scan of the store
takes.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from corpus.checksums import DOCUMENT_COLUMNS, sealed
from corpus.collections import collection_number, ensure_collection
from corpus.database import CORPUS_MIGRATIONS, Database, next_seq
from corpus.identity import passage_id, version_digest
from corpus.records import NewVersion, now
from corpus.store import add_version, text_checksum, versions_in_force
from corpus.tables import documents, passages, texts, versions
from corpus.types import Span
from corpus.version_rows import record_checksum, version_fields
from index.embedder import FloatMatrix, FloatVector
from index.keeper import IndexKeeper, Snapshot
from index.lock import WriteLock
from index.metadata_index import MetadataIndex, MetadataKeeper
from index.migrations import INDEX_MIGRATIONS
from index.store import add_vectors
from index.tables import generations
from index.vectors import Scope, rounded
from retrieval.filters import compile_filter

SHARES = (None, 0.001, 0.01, 0.1, 0.5)
PASSAGES, WORDS, DIMENSION, K = 10, 40, 384, 100
_AT_ONCE = 1_000  # documents in one transaction


@dataclass(frozen=True, slots=True)
class Home:
    """The parts of a home that search."""

    database: Database
    keeper: IndexKeeper


class Maker:
    """Texts, vectors and metadata out of nothing but a seed."""

    def __init__(self, documents: int) -> None:
        self.random = np.random.default_rng(1)
        self._words = [f"w{number}" for number in range(50_000)]
        weights = np.cumsum(1 / np.arange(1, len(self._words) + 1))
        self._until = weights / weights[-1]
        self._centres = self.random.standard_normal((500, DIMENSION)).astype(np.float32)
        self._ranks = self.random.permutation(documents)

    def words(self, count: int) -> str:
        """Some words."""
        chosen = np.searchsorted(self._until, self.random.random(count))
        return " ".join(self._words[word] for word in chosen.tolist())

    def vectors(self, count: int) -> FloatMatrix:
        """Unit vectors, as rows."""
        centres = self._centres[self.random.integers(len(self._centres), size=count)]
        made = centres + self.random.standard_normal((count, DIMENSION)).astype(np.float32)
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)

    def versions(self) -> Iterator[NewVersion]:
        """Documents whose key `rank` says what share of all comes before them."""
        for number, rank in enumerate(self._ranks.tolist()):
            metadata = {"rank": rank / len(self._ranks), "year": 1990 + rank % 35, "author": f"author {rank % 9973}"}
            yield _version(number, metadata, [self.words(WORDS) for _ in range(PASSAGES)])


def _version(number: int, metadata: dict[str, Any], parts: list[str]) -> NewVersion:
    text = "\n".join(parts)
    ends = np.cumsum([len(part) + 1 for part in parts]).tolist()
    return NewVersion(
        uri=f"made/{number}",
        document_id=None,
        external_id=str(number),
        digest=version_digest(text, "made"),
        parser_version="made",
        original="0" * 64,
        name=f"{number}.txt",
        media_type="text/plain",
        title=f"Document {number}",
        metadata=metadata,
        text=text,
        page_starts=(),
        sections=(),
        spans=tuple(Span(end - len(part) - 1, end - 1) for end, part in zip(ends, parts, strict=True)),
    )


def build(folder: Path, maker: Maker) -> Home:
    """A home with all documents, its indexes in step."""
    database = Database(f"sqlite:///{folder / 'store.db'}", (CORPUS_MIGRATIONS, INDEX_MIGRATIONS))
    lock = WriteLock(folder)
    home = Home(database, IndexKeeper(folder, database, lock))
    made, first = maker.versions(), 1
    made_by = {"fingerprint": json.dumps({"name": "made"}), "passage_size": "{}", "model": "made"}
    with lock.held(60):
        with database.write() as connection:
            connection.execute(generations.insert().values(number=1, added_seq=1, created_at=now(), **made_by))
        while group := list(islice(made, _AT_ONCE)):
            with database.write() as connection:
                _store(connection, group, maker, first)
            first += len(group)
        home.keeper.catch_up()
    return home


def _store(connection: sa.Connection, group: list[NewVersion], maker: Maker, first: int) -> None:
    """As `corpus.store.add_version` does it, many at once; numbers of documents and versions are the same."""
    seq = next_seq(connection)
    collection = ensure_collection(connection, "default")
    added = {table.name: list[dict[str, Any]]() for table in (documents, versions, texts, passages)}
    for number, new in enumerate(group, start=first):
        names = {"id": f"doc_{number}", "uri": new.uri, "external_id": "", "collection": collection, "parent": None}
        fields = version_fields(new)
        sealing = {"document": number, "created_at": now(), "added_seq": seq, "checksum": record_checksum(fields)}
        text = {"version": number, "text": new.text, "checksum": text_checksum(new.text)}
        added["documents"].append({"number": number, **sealed(names, DOCUMENT_COLUMNS)})
        added["versions"].append({"number": number, **fields, **sealing})
        added["texts"].append(text)
        for place, span in enumerate(new.spans, start=(number - 1) * PASSAGES + 1):
            name = passage_id(f"doc_{number}", new.digest, span)
            where = {"document": number, "version": number, "start": span.start, "end": span.end, "added_seq": seq}
            added["passages"].append({"number": place, "id": name, **where})
    for table in (documents, versions, texts, passages):
        connection.execute(table.insert(), added[table.name])
    numbers = [row["number"] for row in added["passages"]]
    add_vectors(connection, 1, numbers, rounded(maker.vectors(len(numbers))))


def milliseconds(asked: Callable[[], object]) -> float:
    """What it costs the calling thread."""
    begun = time.thread_time()
    asked()
    return (time.thread_time() - begun) * 1000


def measure(home: Home, maker: Maker, questions: int) -> None:
    """Print the table."""
    snapshot, keeper = home.keeper.snapshot(), MetadataKeeper()
    asked = [(maker.words(5), vector) for vector in maker.vectors(questions)]
    with home.database.read() as connection:
        scan = milliseconds(lambda: versions_in_force(connection, "default", snapshot.seq))
        first = milliseconds(lambda: keeper.at(connection, snapshot.seq))
        index, collection = keeper.at(connection, snapshot.seq), collection_number(connection, "default")
    print(f"{len(snapshot.vectors)} passages; a scan: {scan:.0f} ms; the index at the first filter: {first:.0f} ms\n")
    print("| allowed | filter | vectors | words | sum |\n|---|---|---|---|---|")
    for share in SHARES:
        times = [_times(snapshot, index, collection, share, *question) for question in asked]
        columns = [*zip(*times, strict=True), [sum(row) for row in times]]
        print(f"| {'all' if share is None else f'{share:.1%}'} |", " | ".join(map(_shown, columns)), "|")


def _times(
    snapshot: Snapshot, index: MetadataIndex, collection: int, share: float | None, words: str, vector: FloatVector
) -> tuple[float, float, float]:
    scope, filtering = Scope(collection), 0.0
    if share is not None:
        selection = compile_filter({"type": "lt", "key": "rank", "value": share})
        filtering = milliseconds(lambda: index.select(collection, selection))
        scope = Scope(collection, index.select(collection, selection))
    dense = milliseconds(lambda: snapshot.vectors.search(vector, K, scope))
    return filtering, dense, milliseconds(lambda: snapshot.words.search(words, K, scope))


def measure_change(home: Home, maker: Maker) -> None:
    """Print what the first filter after a change costs."""
    snapshot, keeper = home.keeper.snapshot(), MetadataKeeper()
    with home.database.read() as connection:
        keeper.at(connection, snapshot.seq)
    with home.database.write() as connection:
        seq = next_seq(connection)
        changed = _version(0, {"rank": 0.5}, [maker.words(WORDS)])
        add_version(connection, seq, ensure_collection(connection, "default"), changed)
    with home.database.read() as connection:
        print(f"\nafter one document was replaced: {milliseconds(lambda: keeper.at(connection, seq)):.1f} ms")


def _shown(values: Sequence[float]) -> str:
    return f"{np.median(values):.1f} / {np.quantile(values, 0.95):.1f}"


def main() -> None:
    """Build and measure."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    questions = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(count)
        home = build(Path(folder), maker)
        measure(home, maker, questions)
        measure_change(home, maker)
        home.keeper.close()
        home.database.close()


if __name__ == "__main__":
    main()
