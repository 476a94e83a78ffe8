"""Reading and writing documents, versions, texts and passages.

Functions over one connection: the caller decides which statements share a transaction.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from corpus.errors import ConflictError, DamagedError, NotFoundError
from corpus.identity import new_document_id, passage_id
from corpus.records import DocumentVersion, NewVersion, Passage, StoredVersion, now
from corpus.tables import collections, documents, passages, texts, versions
from corpus.types import Section, Span

_CHUNK = 500  # SQLite takes a limited number of values in one statement


# --- versions --------------------------------------------------------------------------------------------------

_VERSION = (
    sa.select(
        versions,
        documents.c.id.label("document_id"),
        documents.c.uri,
        documents.c.external_id,
        collections.c.name.label("collection"),
    )
    .join(documents, versions.c.document == documents.c.number)
    .join(collections, documents.c.collection == collections.c.number)
)


def add_version(connection: sa.Connection, seq: int, collection: int, new: NewVersion) -> StoredVersion:
    """Store a version as the current one of its document.

    The document's former version, if any, is marked as removed by the same `seq`. Raises ConflictError, before
    anything is written, when document id and source belong to different documents.
    """
    document, document_id = _ensure_document(connection, collection, new)
    replaces = end_version(connection, seq, document)
    fields = _version_fields(new)
    values = {**fields, "document": document, "created_at": now(), "added_seq": seq}
    values["checksum"] = _checksum(fields)
    version = connection.execute(versions.insert().values(values).returning(versions.c.number)).scalar_one()
    connection.execute(texts.insert().values(version=version, text=new.text, checksum=text_checksum(new.text)))
    numbers = _add_passages(connection, seq, version, document, document_id, new.digest, new.spans)
    return StoredVersion(document_id, tuple(numbers), replaces)


def end_version(connection: sa.Connection, seq: int, document: int) -> bool:
    """Mark the document's current version and its passages as removed; returns whether there was one."""
    current = sa.select(versions.c.number).where(versions.c.document == document, versions.c.removed_seq.is_(None))
    version = connection.scalar(current)
    if version is None:
        return False
    _end_passages(connection, seq, passages.c.version == version)
    connection.execute(versions.update().where(versions.c.number == version).values(removed_seq=seq))
    return True


def end_collection(connection: sa.Connection, seq: int, collection: int) -> int:
    """Mark every current version of a collection and its passages as removed; returns how many versions."""
    members = sa.select(documents.c.number).where(documents.c.collection == collection)
    current = sa.select(versions.c.number).where(versions.c.document.in_(members), versions.c.removed_seq.is_(None))
    _end_passages(connection, seq, passages.c.version.in_(current))
    ended = connection.execute(versions.update().where(versions.c.number.in_(current)).values(removed_seq=seq))
    return ended.rowcount


def current_version(
    connection: sa.Connection, collection: str, uri: str, document_id: str | None = None
) -> DocumentVersion | None:
    """The version in force of the document with this id, or where none is given, with this source."""
    identity = documents.c.uri == uri if document_id is None else documents.c.id == document_id
    statement = _VERSION.where(collections.c.name == collection, identity, versions.c.removed_seq.is_(None))
    row = connection.execute(statement).one_or_none()
    return _document_version(row) if row is not None else None


def version_of(connection: sa.Connection, document_id: str, seq: int, digest: str | None = None) -> DocumentVersion:
    """The version of a document in force at `seq`, or the newest one that has `digest`.

    Raises NotFoundError for an unknown document, a removed one, or an unknown digest.
    """
    statement = _VERSION.where(documents.c.id == document_id)
    if digest is None:
        statement = statement.where(*_in_force(versions, seq))
    else:
        statement = statement.where(versions.c.digest == digest)
    row = connection.execute(statement.order_by(versions.c.number.desc()).limit(1)).one_or_none()
    if row is None:
        what = f"document {document_id!r}" + (f" with version {digest!r}" if digest else "")
        raise NotFoundError(f"there is no {what}")
    return _document_version(row)


def versions_in_force(
    connection: sa.Connection, collection: str, seq: int, after: str | None = None, limit: int | None = None
) -> list[DocumentVersion]:
    """The documents of a collection as they stood at `seq`, by document id, from behind `after`."""
    statement = _VERSION.where(collections.c.name == collection, *_in_force(versions, seq))
    if after is not None:
        statement = statement.where(documents.c.id > after)
    rows = connection.execute(statement.order_by(documents.c.id).limit(limit))
    return [_document_version(row) for row in rows]


def versions_by_number(connection: sa.Connection, numbers: Iterable[int]) -> dict[int, DocumentVersion]:
    """Stored versions by their row numbers."""
    found = {}
    for part in _chunks(sorted(set(numbers))):
        for row in connection.execute(_VERSION.where(versions.c.number.in_(part))):
            found[int(row.number)] = _document_version(row)
    return found


def count_in_force(connection: sa.Connection, seq: int, collection: str | None = None) -> tuple[int, int]:
    """How many documents and passages were in force at `seq`, in one collection or in all."""
    counted = []
    for table in (versions, passages):
        statement = sa.select(sa.func.count()).select_from(table).where(*_in_force(table, seq))
        if collection is not None:
            statement = statement.where(
                table.c.document == documents.c.number,
                documents.c.collection == collections.c.number,
                collections.c.name == collection,
            )
        counted.append(int(connection.execute(statement).scalar_one()))
    return counted[0], counted[1]


def text_of(connection: sa.Connection, version: int) -> str:
    """The canonical text of a version. Raises DamagedError when it does not match its checksum."""
    row = connection.execute(sa.select(texts).where(texts.c.version == version)).one_or_none()
    if row is None or text_checksum(row.text) != row.checksum:
        raise DamagedError(f"the stored text of version {version} is missing or changed; restore a backup")
    return str(row.text)


def text_checksum(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


# --- passages --------------------------------------------------------------------------------------------------


def passages_by_number(connection: sa.Connection, numbers: Sequence[int], seq: int) -> dict[int, Passage]:
    """Those of the passages that were in force at `seq`. Raises DamagedError for one that does not fit its id."""
    joined = (
        sa.select(passages, documents.c.id.label("document_id"), versions.c.digest)
        .join(documents, passages.c.document == documents.c.number)
        .join(versions, passages.c.version == versions.c.number)
    )
    found = {}
    for part in _chunks(numbers):
        for row in connection.execute(joined.where(passages.c.number.in_(part), *_in_force(passages, seq))):
            found[int(row.number)] = _passage(row)
    return found


def replace_passages(connection: sa.Connection, seq: int, version: DocumentVersion, spans: Sequence[Span]) -> list[int]:
    """Put other passages of a version in force; returns their numbers in the order of `spans`."""
    _end_passages(connection, seq, passages.c.version == version.number)
    return _add_passages(connection, seq, version.number, version.document, version.document_id, version.digest, spans)


def _passage(row: Any) -> Passage:
    # The id follows from the rest of the record, which makes it the record's checksum.
    if not 0 <= row.start <= row.end or row.id != passage_id(row.document_id, row.digest, Span(row.start, row.end)):
        raise DamagedError(f"the record of passage {row.id!r} was changed on the disk; restore a backup")
    return Passage(row.number, row.id, row.version, Span(row.start, row.end))


def _end_passages(connection: sa.Connection, seq: int, which: sa.ColumnElement[bool]) -> None:
    # Those that a reindexing replaced ended before.
    in_force = sa.and_(which, passages.c.removed_seq.is_(None))
    connection.execute(passages.update().where(in_force).values(removed_seq=seq))


def _add_passages(
    connection: sa.Connection,
    seq: int,
    version: int,
    document: int,
    document_id: str,
    digest: str,
    spans: Sequence[Span],
) -> list[int]:
    rows = [
        {
            "id": passage_id(document_id, digest, span),
            "document": document,
            "version": version,
            "start": span.start,
            "end": span.end,
            "added_seq": seq,
        }
        for span in spans
    ]
    if not rows:
        return []
    inserted = passages.insert().returning(passages.c.number, sort_by_parameter_order=True)
    return [int(row[0]) for row in connection.execute(inserted, rows)]


def _ensure_document(connection: sa.Connection, collection: int, new: NewVersion) -> tuple[int, str]:
    by_source = sa.and_(documents.c.collection == collection, documents.c.uri == new.uri)
    row = connection.execute(sa.select(documents).where(by_source)).one_or_none()
    if new.document_id is not None:
        if row is not None and row.id != new.document_id:
            raise ConflictError(f"the source {new.uri!r} is document {row.id!r}, not {new.document_id!r}; give that id")
        row = connection.execute(sa.select(documents).where(documents.c.id == new.document_id)).one_or_none()
        if row is not None and row.collection != collection:
            raise ConflictError(f"document {row.id!r} belongs to another collection; choose another id")
    if row is not None:
        return int(row.number), str(row.id)
    document_id = new.document_id or new_document_id()
    statement = documents.insert().values(
        id=document_id, collection=collection, uri=new.uri, external_id=new.external_id
    )
    number = connection.execute(statement.returning(documents.c.number)).scalar_one()
    return int(number), document_id


def _in_force(table: sa.Table, seq: int) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    removed = table.c.removed_seq
    return table.c.added_seq <= seq, sa.or_(removed.is_(None), removed > seq)


def _version_fields(new: NewVersion) -> dict[str, str]:
    return {
        "digest": new.digest,
        "parser_version": new.parser_version,
        "original": new.original,
        "name": new.name,
        "media_type": new.media_type,
        "title": new.title,
        "metadata": json.dumps(dict(new.metadata), sort_keys=True, ensure_ascii=False),
        "page_starts": json.dumps(new.page_starts),
        "sections": json.dumps([[section.start, *section.path] for section in new.sections]),
    }


def _checksum(fields: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _document_version(row: Any) -> DocumentVersion:
    fields = {name: getattr(row, name) for name in _CHECKED}
    if _checksum(fields) != row.checksum:
        raise DamagedError(f"the record of document {row.document_id!r} was changed on the disk; restore a backup")
    return DocumentVersion(
        number=row.number,
        document=row.document,
        document_id=row.document_id,
        collection=row.collection,
        uri=row.uri,
        external_id=row.external_id,
        digest=row.digest,
        original=row.original,
        name=row.name,
        media_type=row.media_type,
        title=row.title,
        metadata=json.loads(row.metadata),
        page_starts=tuple(json.loads(row.page_starts)),
        sections=tuple(Section(start, tuple(path)) for start, *path in json.loads(row.sections)),
        created_at=row.created_at,
        added_seq=row.added_seq,
        removed_seq=row.removed_seq,
    )


_CHECKED = (
    "digest",
    "parser_version",
    "original",
    "name",
    "media_type",
    "title",
    "metadata",
    "page_starts",
    "sections",
)


def _chunks(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[position : position + _CHUNK] for position in range(0, len(numbers), _CHUNK))
