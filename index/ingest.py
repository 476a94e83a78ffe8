"""Ingestion: sources are read, parsed, split and embedded, then stored in groups, each in one transaction.

A file is reported only when it is committed and the word index holds it: what was reported survives any crash, and
the rest is taken up by ingesting again, because unchanged files are skipped.
"""

import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from corpus.collections import check_collection_name, ensure_collection
from corpus.database import Database, next_seq
from corpus.errors import ConflictError, PinciteError, UnreadableError
from corpus.identity import version_digest
from corpus.originals import Originals
from corpus.parse_pool import ParsePool, PendingDocument
from corpus.parsers import PARSER_VERSION, page_counts
from corpus.records import DocumentVersion, NewVersion
from corpus.sources import Source, read_bytes
from corpus.splitter import PassageSize, split
from corpus.store import add_version, current_version
from corpus.text import canonical
from corpus.types import Metadata, ParsedDocument, Span
from index.embedder import Embedder
from index.generation import check_generation, require_generation
from index.keeper import IndexKeeper
from index.lock import WriteLock
from index.store import add_vectors
from index.vectors import HalfMatrix, rounded

_GROUP_PASSAGES = 64
_GROUP_SECONDS = 1.0
_EMBEDDED_AT_ONCE = 64

Status = Literal["added", "updated", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one source; `seq` is the state of the store that holds it."""

    path: str
    document_id: str | None
    status: Status
    reason: str | None
    seq: int | None
    pages_total: int | None
    pages_with_text: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingestion has come: the file at work, and the passages that are embedded with it."""

    path: str
    passages_done: int
    passages_total: int


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """A new version, parsed and split, ready to be embedded and stored."""

    path: str
    version: NewVersion
    pages: tuple[int | None, int | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Begun:
    """A source whose bytes are read; `pending` is what a worker process makes of them, None for a plain text."""

    source: Source
    data: bytes
    pending: PendingDocument | None


OnResult = Callable[[FileResult], None]
OnProgress = Callable[[Progress], None]


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
        self._originals = originals
        self._keeper = keeper
        self._lock = lock
        self._embedder = embedder
        self._target_tokens = target_tokens
        self._pool = pool

    def ingest(
        self,
        sources: Iterable[Source],
        collection: str,
        on_result: OnResult,
        on_progress: OnProgress,
        lock_seconds: float,
    ) -> None:
        """Ingest all sources; `on_result` is called once for each, after its commit.

        Raises LockedError when another process goes on writing for `lock_seconds`, ModelError when the home was
        built with another model, BadInputError for a collection's name that is not allowed. What is wrong with a
        single source is reported in its result.
        """
        check_collection_name(collection)
        with self._lock.held(lock_seconds):
            self._keeper.catch_up()
            check_generation(self._keeper.snapshot().generation, self._embedder().fingerprint, self._target_tokens)
            for group in _groups(self._prepared(sources, collection)):
                for result in self._committed(group, collection, on_progress):
                    on_result(result)
            self._keeper.save()

    # --- preparing ---------------------------------------------------------------------------------------------

    def _prepared(self, sources: Iterable[Source], collection: str) -> Iterator[_Prepared | FileResult]:
        """The sources in their order; the worker processes read a few files ahead."""
        ahead: deque[_Begun | FileResult] = deque()
        for source in sources:
            ahead.append(self._begin(source, collection))
            if len(ahead) > self._pool.workers.count:
                yield self._finish(ahead.popleft())
        yield from map(self._finish, ahead)

    def _begin(self, source: Source, collection: str) -> _Begun | FileResult:
        try:
            data = _data(source, self._pool.options.limits.max_bytes)
        except UnreadableError as error:
            return _failed(_path(source), error)
        digest = hashlib.sha256(data).hexdigest()
        with self._database.read() as connection:
            current = current_version(connection, collection, canonical(source.uri), source.document_id)
        if current is not None and _is_same(current, source, digest):
            return _unchanged(source, current)
        # A text that was given as such has nothing to be parsed.
        pending = None if isinstance(source.content, str) else self._pool.parse(data, source.name)
        return _Begun(source, data, pending)

    def _finish(self, begun: _Begun | FileResult) -> _Prepared | FileResult:
        if isinstance(begun, FileResult):
            return begun
        try:
            document = _plain(begun.source) if begun.pending is None else begun.pending.result()
        except UnreadableError as error:
            return _failed(_path(begun.source), error)
        version = self._version(begun.source, document, self._originals.put(begun.data))
        return _Prepared(_path(begun.source), version, page_counts(document))

    def _version(self, source: Source, document: ParsedDocument, original: str) -> NewVersion:
        return NewVersion(
            uri=canonical(source.uri),
            document_id=source.document_id,
            external_id=canonical(source.external_id or source.name),
            digest=version_digest(document.text, PARSER_VERSION),
            parser_version=PARSER_VERSION,
            original=original,
            name=canonical(source.name),
            media_type=document.media_type,
            title=canonical(source.title or document.title or source.name),
            metadata=_storable({**document.metadata, **source.metadata}),
            text=document.text,
            page_starts=document.page_starts,
            sections=document.sections,
            spans=passage_spans(document, self._embedder(), self._target_tokens),
        )

    # --- storing -----------------------------------------------------------------------------------------------

    def _committed(
        self, group: list[_Prepared | FileResult], collection: str, on_progress: OnProgress
    ) -> list[FileResult]:
        prepared = [item for item in group if isinstance(item, _Prepared)]
        stored = self._store(prepared, self._embedded(prepared, on_progress), collection) if prepared else {}
        return [stored[id(item)] if isinstance(item, _Prepared) else item for item in group]

    def _embedded(self, group: list[_Prepared], on_progress: OnProgress) -> list[HalfMatrix]:
        """The vectors of each document. Small ones are embedded together, so that every core has work."""
        texts = [(item.path, span.of(item.version.text)) for item in group for span in item.version.spans]
        parts = []
        for start in range(0, len(texts), _EMBEDDED_AT_ONCE):
            part = texts[start : start + _EMBEDDED_AT_ONCE]
            on_progress(Progress(part[0][0], start, len(texts)))
            parts.append(rounded(self._embedder().embed_passages([text for _, text in part])))
        ends = np.cumsum([len(item.version.spans) for item in group])
        return np.split(np.concatenate(parts), ends[:-1])

    def _store(self, group: list[_Prepared], vectors: list[HalfMatrix], collection: str) -> dict[int, FileResult]:
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
                    results[id(item)] = _failed(item.path, error)
                    continue
                add_vectors(connection, generation.number, stored.passages, matrix)
                status: Status = "updated" if stored.replaces else "added"
                results[id(item)] = FileResult(item.path, stored.document_id, status, None, seq, *item.pages)
        self._keeper.catch_up()
        return results


def passage_spans(document: ParsedDocument, embedder: Embedder, target_tokens: int) -> tuple[Span, ...]:
    """The passages of a document, as long as the setting says and no longer than the model reads."""
    size = PassageSize(max_tokens=embedder.max_passage_tokens(), target_tokens=target_tokens)
    return tuple(split(document, embedder.token_spans, size))


def _groups(items: Iterable[_Prepared | FileResult]) -> Iterator[list[_Prepared | FileResult]]:
    """Items that are embedded and committed together: few passages, so that none waits long for its report.

    A document with many passages is a group of its own, which those before it do not wait for.
    """
    group: list[_Prepared | FileResult] = []
    passages, begun = 0, time.monotonic()
    for item in items:
        size = len(item.version.spans) if isinstance(item, _Prepared) else 0
        if group and (passages + size > _GROUP_PASSAGES or time.monotonic() - begun > _GROUP_SECONDS):
            yield group
            group, passages, begun = [], 0, time.monotonic()
        group.append(item)
        passages += size
    if group:
        yield group


def _data(source: Source, max_bytes: int) -> bytes:
    if isinstance(source.content, str):
        return canonical(source.content).encode()
    return source.content if isinstance(source.content, bytes) else read_bytes(source.content, max_bytes)


def _plain(source: Source) -> ParsedDocument:
    text = canonical(str(source.content))
    if not text.strip():
        raise UnreadableError("the text is empty")
    return ParsedDocument(text=text, media_type="text/plain", title=source.title or source.name)


def _is_same(current: DocumentVersion, source: Source, digest: str) -> bool:
    given = _storable(source.metadata)
    # Compared as they are written down: 1, 1.0 and true are equal to Python alone.
    metadata_is_same = json.dumps({**current.metadata, **given}) == json.dumps(current.metadata)
    title_is_same = not source.title or canonical(source.title) == current.title
    return current.original == digest and metadata_is_same and title_is_same


def _storable(metadata: Metadata) -> Metadata:
    return {canonical(key): canonical(value) if isinstance(value, str) else value for key, value in metadata.items()}


def _failed(path: str, error: PinciteError) -> FileResult:
    return FileResult(path, None, "failed", str(error), None, None, None)


def _unchanged(source: Source, current: DocumentVersion) -> FileResult:
    return FileResult(_path(source), current.document_id, "unchanged", None, current.added_seq, None, None)


def _path(source: Source) -> str:
    return canonical(str(source.content)) if not isinstance(source.content, str | bytes) else canonical(source.name)
