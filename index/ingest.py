"""Ingestion: sources are read, parsed, split and embedded, then stored in groups, each in one transaction.

A file is reported only when it is committed and the word index holds it: what was reported survives any crash, and
the rest is taken up by ingesting again, because unchanged files are skipped.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace

import numpy as np

from corpus.collections import check_collection_name, ensure_collection
from corpus.database import Database, current_seq, next_seq
from corpus.errors import ConflictError, ModelError
from corpus.originals import Originals
from corpus.parse_pool import ParsePool
from corpus.records import StoredSource, StoredVersion
from corpus.sources import Source
from corpus.store import add_version
from corpus.types import ParsedDocument, Span
from index.generation import Recipes, require_generation
from index.keeper import IndexKeeper
from index.lock import WriteLock
from index.looking import Order
from index.near_duplicates import KnownSketches
from index.preparing import Prepared, Preparer
from index.recipe import Recipe
from index.results import FileResult, OnProgress, OnResult, Progress, Status, failed, read_result
from index.store import add_vectors, generation_at
from index.vectors import HalfMatrix, rounded

_GROUP_PASSAGES = 64
_GROUP_SECONDS = 1.0
_EMBEDDED_AT_ONCE = 64

# What became of each document of a group: its version and the `seq` that added it, or why it could not be stored.
_Outcomes = dict[Prepared, tuple[StoredVersion, int] | ConflictError]


class Ingester:
    """Brings sources into the store and the indexes of one home."""

    def __init__(
        self,
        database: Database,
        originals: Originals,
        keeper: IndexKeeper,
        lock: WriteLock,
        recipes: Recipes,
        pool: ParsePool,
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._lock = lock
        self._recipes = recipes
        self._preparer = Preparer(database, originals, pool, self._spans)
        self._sketches: dict[str, KnownSketches] = {}  # by collection; used with the write lock held

    def ingest(
        self,
        sources: Iterable[Source],
        collection: str,
        on_result: OnResult,
        on_progress: OnProgress,
        lock_seconds: float,
        *,
        reparse: bool = False,
        known: Mapping[str, StoredSource] | None = None,
    ) -> None:
        """Ingest all sources; `on_result` is called once for each and for each of its attachments, after its commit.

        `reparse` and `known` are explained at `index.looking.Order`.

        Raises LockedError when another process goes on writing for `lock_seconds`, ModelError when the home was
        built with another model, BadInputError for a collection's name that is not allowed. What is wrong with a
        single source is reported in its result.
        """
        check_collection_name(collection)
        with self._lock.held(lock_seconds):
            self._keeper.catch_up()
            self._recipe()  # if it does not fit nothing is read
            sketches = self._sketches.setdefault(collection, KnownSketches(collection))
            for group in _groups(self._preparer.prepared(sources, Order(collection, reparse, known))):
                prepared = [item for item in group if isinstance(item, Prepared)]
                stored = self._store(prepared, self._embedded(prepared, on_progress), collection) if prepared else {}
                alike = self._alike(stored, sketches)
                for item in group:
                    on_result(_result(item, stored, alike) if isinstance(item, Prepared) else item)

    def writing(self, lock_seconds: float) -> AbstractContextManager[None]:
        """Hold the write lock around several steps, of which ingesting is one. Raises LockedError."""
        return self._lock.held(lock_seconds)

    def preview(self, sources: Iterable[Source], order: Order) -> Iterator[FileResult]:
        """What would become of the sources, without reading more of them than their bytes; changes nothing."""
        check_collection_name(order.collection)
        return (self._preparer.preview(source, order) for source in sources)

    def _embedded(self, group: list[Prepared], on_progress: OnProgress) -> list[HalfMatrix]:
        """The vectors of each document. Small ones are embedded together, so that every core has work.

        Raises ModelError where the model makes something else.
        """
        recipe = self._recipe()
        embedder = recipe.embedder
        texts = [
            (item.path, recipe.text_to_embed(item.version, item.version.text, span))
            for item in group
            for span in item.version.spans
        ]
        parts = [np.empty((0, embedder.fingerprint.dimension), dtype=np.float16)]
        for start in range(0, len(texts), _EMBEDDED_AT_ONCE):
            part = texts[start : start + _EMBEDDED_AT_ONCE]
            on_progress(Progress(part[0][0], start, len(texts)))
            parts.append(rounded(embedder.embed_passages([text for _, text in part])))
            if not np.isfinite(parts[-1]).all():
                raise ModelError(
                    f"the model {embedder.fingerprint.name!r} makes of {part[0][0]!r}, or of what follows it, a vector "
                    "with what is no number in it; nothing of it was stored: set PINCITE_MODEL to another model"
                )
        ends = np.cumsum([len(item.version.spans) for item in group])
        return np.split(np.concatenate(parts), ends[:-1])

    def _store(self, group: list[Prepared], vectors: list[HalfMatrix], collection: str) -> _Outcomes:
        """Commit a group in one transaction and publish it to the word index."""
        recipe = self._recipe()
        outcomes: _Outcomes = {}
        with self._database.write() as connection:
            seq = next_seq(connection)
            generation = require_generation(connection, seq, recipe)
            number = ensure_collection(connection, collection)
            for item, matrix in zip(group, vectors, strict=True):
                try:
                    stored = add_version(connection, seq, number, item.version)
                except ConflictError as error:
                    outcomes[item] = error
                    continue
                add_vectors(connection, generation.number, stored.passages, matrix)
                outcomes[item] = (stored, seq)
        self._keeper.publish()
        return outcomes

    def _alike(self, stored: _Outcomes, sketches: KnownSketches) -> dict[Prepared, tuple[str, ...]]:
        """The near-duplicates of each document that is now in the store."""
        if not stored:
            return {}
        with self._database.read() as connection:
            sketches.catch_up(connection)
            return {
                item: sketches.like(connection, outcome[0].number, item.version.sketch)
                for item, outcome in stored.items()
                if isinstance(outcome, tuple)
            }

    def _spans(self, document: ParsedDocument) -> tuple[Span, ...]:
        return self._recipe().spans(document)

    def _recipe(self) -> Recipe:
        """That of the home; it stays the same while the lock is held."""
        with self._database.read() as connection:
            return self._recipes.fitting(generation_at(connection, current_seq(connection)))


def _result(item: Prepared, stored: _Outcomes, alike: dict[Prepared, tuple[str, ...]]) -> FileResult:
    outcome, version = stored[item], item.version
    inside = version.parent is not None
    if isinstance(outcome, ConflictError):
        return failed(item.path, outcome, inside)
    status: Status = "updated" if outcome[0].replaces else "added"
    if version.moved_from is not None:
        status = "renamed"
    result = read_result(item.path, outcome[0].document_id, status, outcome[1], version.report)
    return replace(result, near_duplicates=alike[item], inside=inside)


def _groups(items: Iterable[Prepared | FileResult]) -> Iterator[list[Prepared | FileResult]]:
    """Items that are embedded and committed together: few passages, so that none waits long for its report.

    A document with many passages is a group of its own, which those before it do not wait for.
    """
    group: list[Prepared | FileResult] = []
    passages, begun = 0, 0.0
    for item in items:
        size = len(item.version.spans) if isinstance(item, Prepared) else 0
        if group and (passages + size > _GROUP_PASSAGES or time.monotonic() - begun > _GROUP_SECONDS):
            yield group
            group, passages = [], 0
        begun = begun if group else time.monotonic()
        group.append(item)
        passages += size
    if group:
        yield group
