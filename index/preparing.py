"""From sources to document versions that are ready to be embedded: read, parsed, split; attachments as well.

An attachment is a document of its own, prepared before the file that it is in: that file is stored last, so that an
ingestion that was broken off takes up all of it again.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from corpus.database import Database
from corpus.errors import UnreadableError
from corpus.identity import version_digest
from corpus.near_duplicates import sketch, to_bytes
from corpus.originals import Originals
from corpus.parse_pool import ParsePool, Pending
from corpus.parsers import PARSER_VERSION, ParseLimits, page_counts, with_language
from corpus.records import DocumentVersion, Given, Identity, NewVersion, ReadReport, Shape, StoredSource
from corpus.sources import Source
from corpus.text import canonical
from corpus.types import Attachment, Metadata, ParsedDocument, Span
from index.looking import Order, look, storable, stored_uri
from index.results import FileResult, Status, failed, unchanged

SpansOf = Callable[[ParsedDocument], tuple[Span, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A new version, parsed and split, ready to be embedded and stored."""

    path: str
    version: NewVersion


@dataclass(slots=True)
class _Room:
    """What the attachments of one source, those inside of them included, may still come to."""

    members: int
    bytes: int

    def take(self, attachment: Attachment) -> bool:
        """Whether the attachment fits in; it is then counted."""
        if self.members < 1 or self.bytes < len(attachment.data):
            return False
        self.members -= 1
        self.bytes -= len(attachment.data)
        return True


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """A source to be prepared; `depth` counts the files that it is inside of."""

    source: Source
    path: str
    parent: Identity | None
    depth: int
    room: _Room


@dataclass(frozen=True, slots=True, eq=False)
class _Begun:
    """A source whose bytes are read; `pending` is what a worker process makes of them, None for a plain text.

    `before` is the document in force where nothing changed: it is read once more, because passwords may help now.
    """

    work: _Work
    data: bytes
    given: Given
    pending: Pending[ParsedDocument] | None
    before: DocumentVersion | StoredSource | None


class Preparer:
    """Prepares sources; the worker processes of `pool` read a few files ahead."""

    def __init__(self, database: Database, originals: Originals, pool: ParsePool, spans_of: SpansOf) -> None:
        self._database = database
        self._originals = originals
        self._pool = pool
        self._spans_of = spans_of

    def prepared(self, sources: Iterable[Source], order: Order) -> Iterator[Prepared | FileResult]:
        """The sources in their order, each behind its attachments."""
        limits = self._pool.options.limits
        works = (
            _Work(source, _path(source), None, 0, _Room(limits.max_members, limits.max_unpacked_bytes))
            for source in sources
        )
        return self._all(works, order)

    def preview(self, source: Source, order: Order) -> FileResult:
        """What would become of a source, as far as it can be told without parsing it."""
        path = _path(source)
        try:
            found = look(source, self._database, order, self._pool.options.limits.max_bytes)
        except UnreadableError as error:
            return failed(path, error)
        if found.current is None:
            return FileResult(path, None, "added", None, None)
        if found.is_same:
            return unchanged(path, found.current)
        status: Status = "updated" if source.moved_from is None else "renamed"
        return FileResult(path, found.current.document_id, status, None, None)

    def _all(self, works: Iterable[_Work], order: Order) -> Iterator[Prepared | FileResult]:
        ahead: deque[_Begun | FileResult] = deque()
        for work in works:
            ahead.append(self._begin(work, order))
            if len(ahead) > self._pool.workers.count:
                yield from self._finish(ahead.popleft(), order)
        for begun in ahead:
            yield from self._finish(begun, order)

    def _begin(self, work: _Work, order: Order) -> _Begun | FileResult:
        source, inside = work.source, work.depth > 0
        try:
            found = look(source, self._database, order, self._pool.options.limits.max_bytes)
        except UnreadableError as error:
            return failed(work.path, error, inside)
        before = found.current if found.is_same else None
        if before is not None and order.reparse and before.parser_version != PARSER_VERSION:
            before = None
        if before is not None and not (source.passwords and before.report.losses):
            return unchanged(work.path, before, inside)
        # A text that was given as such has nothing to be parsed.
        is_text = isinstance(source.content, str)
        pending = None if is_text else self._pool.parse(found.data, source.name, source.passwords)
        return _Begun(work, found.data, found.given, pending, before)

    def _finish(self, begun: _Begun | FileResult, order: Order) -> Iterator[Prepared | FileResult]:
        if isinstance(begun, FileResult):
            yield begun
            return
        work = begun.work
        try:
            document = _plain(work.source) if begun.pending is None else begun.pending.result()
        except UnreadableError as error:
            yield failed(work.path, error, work.depth > 0)
            return
        inside, losses = _attachments(begun, document, self._pool.options.limits)
        unreadable = 0
        for item in self._all(inside, order):
            unreadable += isinstance(item, FileResult) and item.status == "failed"
            yield item
        if unreadable:
            losses = (*losses, f"{unreadable} of the files inside could not be read")
        if begun.before is not None and begun.before.report == _report(document, losses):
            yield unchanged(work.path, begun.before, work.depth > 0)
            return
        yield Prepared(work.path, self._version(begun, document, losses, tuple(item.source.uri for item in inside)))

    def _version(
        self, begun: _Begun, document: ParsedDocument, losses: tuple[str, ...], attachments: tuple[str, ...]
    ) -> NewVersion:
        source, given = begun.work.source, begun.given
        identity = _identity(source)
        has_text = bool(document.text.strip())
        return NewVersion(
            uri=canonical(source.uri),
            document_id=identity.document_id,
            external_id=identity.external_id,
            digest=version_digest(document.text, PARSER_VERSION),
            parser_version=PARSER_VERSION,
            original=self._originals.put(begun.data),
            name=canonical(source.name),
            media_type=document.media_type,
            title=given.title or canonical(document.title or source.name),
            metadata={**storable(document.metadata), **given.metadata},
            text=document.text,
            page_starts=document.page_starts,
            sections=document.sections,
            spans=self._spans_of(document) if has_text else (),
            shape=Shape(document.page_labels, document.tables, bool(document.cell_rows), bool(document.boxes)),
            report=_report(document, losses),
            given=given,
            cell_rows=document.cell_rows,
            boxes=document.boxes,
            parent=begun.work.parent,
            attachments=attachments,
            moved_from=None if source.moved_from is None else identity.uri,
            sketch=to_bytes(sketch(document.text)) if has_text else b"",
        )


def _attachments(begun: _Begun, document: ParsedDocument, limits: ParseLimits) -> tuple[list[_Work], tuple[str, ...]]:
    """The attachments that are read, and in words those that are not."""
    work = begun.work
    if document.attachments and work.depth >= limits.max_nesting:
        return [], (f"{len(document.attachments)} files inside are not read: they are nested too deeply",)
    fitting = [attachment for attachment in document.attachments if work.room.take(attachment)]
    left_out = len(document.attachments) - len(fitting)
    losses = (f"{left_out} files inside are not read: together they are too many or too large",) if left_out else ()
    parent = _identity(work.source)
    return [_inside(work, attachment, parent, begun.given.metadata) for attachment in fitting], losses


def _inside(work: _Work, attachment: Attachment, parent: Identity, metadata: Metadata) -> _Work:
    name = canonical(attachment.name)
    source = Source(
        uri=f"{parent.uri}#{quote(name)}",
        name=PurePosixPath(name).name or name,
        content=attachment.data,
        external_id=f"{parent.external_id}/{name}",
        metadata=metadata,
        passwords=work.source.passwords,
    )
    return _Work(source, f"{work.path}#{name}", parent, work.depth + 1, work.room)


def _report(document: ParsedDocument, losses: tuple[str, ...]) -> ReadReport:
    total, with_text = page_counts(document)
    pages_failed = None if total is None else len(document.failed_pages)
    return ReadReport(total, with_text, pages_failed, tuple(map(canonical, (*document.losses, *losses))))


def _identity(source: Source) -> Identity:
    """What names the document in the store until its version is there, and with it a new source."""
    return Identity(stored_uri(source), source.document_id, canonical(source.external_id or source.name))


def _plain(source: Source) -> ParsedDocument:
    text = canonical(str(source.content))
    if not text.strip():
        raise UnreadableError("the text is empty")
    return with_language(ParsedDocument(text=text, media_type="text/plain", title=source.title or source.name))


def _path(source: Source) -> str:
    return canonical(str(source.content)) if not isinstance(source.content, str | bytes) else canonical(source.name)
