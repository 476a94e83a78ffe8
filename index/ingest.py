"""Ingestion: sources are read, parsed, split and embedded, then stored in groups, each in one transaction.

A file is reported only when it is committed and the word index holds it: what was reported survives any crash, and
the rest is taken up by ingesting again, because unchanged files are skipped.
"""

import time
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from corpus.collections import check_collection_name, ensure_collection
from corpus.database import Database, next_seq
from corpus.errors import ConflictError
from corpus.originals import Originals
from corpus.parse_pool import ParsePool
from corpus.sources import Source
from corpus.splitter import PassageSize, split
from corpus.store import add_version
from corpus.types import ParsedDocument, Span
from index.embedder import Embedder
from index.embedding_text import embedding_text
from index.generation import check_generation, require_generation
from index.keeper import IndexKeeper
from index.lock import WriteLock
from index.preparing import Prepared, Preparer
from index.results import FileResult, OnProgress, OnResult, Progress, Status, failed, read_result
from index.store import add_vectors
from index.vectors import HalfMatrix, rounded

_GROUP_PASSAGES = 64
_GROUP_SECONDS = 1.0
_EMBEDDED_AT_ONCE = 64


class Ingester:
    """Brings sources into the store and the indexes of one home."""

    def __init__(
        self,
        database: Database,
        originals: Originals,
        keeper: IndexKeeper,
        lock: WriteLock,
        embedder: Callable[[], Embedder],
        target_tokens: int,
        pool: ParsePool,
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._lock = lock
        self._embedder = embedder
        self._target_tokens = target_tokens
        self._preparer = Preparer(database, originals, pool, self._spans)

    def ingest(
        self,
        sources: Iterable[Source],
        collection: str,
        on_result: OnResult,
        on_progress: OnProgress,
        lock_seconds: float,
        *,
        reparse: bool = False,
    ) -> None:
        """Ingest all sources; `on_result` is called once for each and for each of its attachments, after its commit.

        `reparse` reads unchanged files again that an older version of the parsers read.

        Raises LockedError when another process goes on writing for `lock_seconds`, ModelError when the home was
        built with another model, BadInputError for a collection's name that is not allowed. What is wrong with a
        single source is reported in its result.
        """
        check_collection_name(collection)
        with self._lock.held(lock_seconds):
            self._keeper.catch_up()
            check_generation(self._keeper.snapshot().generation, self._embedder().fingerprint, self._target_tokens)
            for group in _groups(self._preparer.prepared(sources, collection, reparse=reparse)):
                for result in self._committed(group, collection, on_progress):
                    on_result(result)
            self._keeper.save()

    def _committed(
        self, group: list[Prepared | FileResult], collection: str, on_progress: OnProgress
    ) -> list[FileResult]:
        prepared = [item for item in group if isinstance(item, Prepared)]
        stored = self._store(prepared, self._embedded(prepared, on_progress), collection) if prepared else {}
        return [stored[id(item)] if isinstance(item, Prepared) else item for item in group]

    def _embedded(self, group: list[Prepared], on_progress: OnProgress) -> list[HalfMatrix]:
        """The vectors of each document. Small ones are embedded together, so that every core has work."""
        texts = [
            (item.path, embedding_text(item.version.text, item.version.shape.tables, span))
            for item in group
            for span in item.version.spans
        ]
        parts = [np.empty((0, self._embedder().fingerprint.dimension), dtype=np.float16)]
        for start in range(0, len(texts), _EMBEDDED_AT_ONCE):
            part = texts[start : start + _EMBEDDED_AT_ONCE]
            on_progress(Progress(part[0][0], start, len(texts)))
            parts.append(rounded(self._embedder().embed_passages([text for _, text in part])))
        ends = np.cumsum([len(item.version.spans) for item in group])
        return np.split(np.concatenate(parts), ends[:-1])

    def _store(self, group: list[Prepared], vectors: list[HalfMatrix], collection: str) -> dict[int, FileResult]:
        """Commit a group in one transaction and publish it to the word index."""
        embedder = self._embedder()
        results = {}
        with self._database.write() as connection:
            seq = next_seq(connection)
            generation = require_generation(connection, seq, embedder.fingerprint, self._target_tokens)
            number = ensure_collection(connection, collection)
            for item, matrix in zip(group, vectors, strict=True):
                try:
                    stored = add_version(connection, seq, number, item.version)
                except ConflictError as error:
                    results[id(item)] = failed(item.path, error)
                    continue
                add_vectors(connection, generation.number, stored.passages, matrix)
                status: Status = "updated" if stored.replaces else "added"
                results[id(item)] = read_result(item.path, stored.document_id, status, seq, item.version.report)
        self._keeper.catch_up()
        return results

    def _spans(self, document: ParsedDocument) -> tuple[Span, ...]:
        return passage_spans(document, self._embedder(), self._target_tokens)


def passage_spans(document: ParsedDocument, embedder: Embedder, target_tokens: int) -> tuple[Span, ...]:
    """The passages of a document, as long as the setting says and no longer than the model reads."""
    size = PassageSize(max_tokens=embedder.max_passage_tokens(), target_tokens=target_tokens)
    return tuple(split(document, embedder.token_spans, size))


def _groups(items: Iterable[Prepared | FileResult]) -> Iterator[list[Prepared | FileResult]]:
    """Items that are embedded and committed together: few passages, so that none waits long for its report.

    A document with many passages is a group of its own, which those before it do not wait for.
    """
    group: list[Prepared | FileResult] = []
    passages, begun = 0, time.monotonic()
    for item in items:
        size = len(item.version.spans) if isinstance(item, Prepared) else 0
        if group and (passages + size > _GROUP_PASSAGES or time.monotonic() - begun > _GROUP_SECONDS):
            yield group
            group, passages, begun = [], 0, time.monotonic()
        group.append(item)
        passages += size
    if group:
        yield group
