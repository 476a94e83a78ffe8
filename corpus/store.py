"""Reading and writing documents, versions and texts.

Functions over one connection: the caller decides which statements share a transaction.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from corpus.checksums import DOCUMENT_COLUMNS, check_row, sealed
from corpus.errors import ConflictError, DamagedError, GoneError, NotFoundError
from corpus.identity import new_document_id, version_digest
from corpus.layouts import add_layouts
from corpus.passages import add_passages, chunks, end_passages, in_force
from corpus.purged import was_purged
from corpus.records import DocumentVersion, Identity, NewVersion, StoredSource, StoredVersion, now
from corpus.sketches import add_sketch
from corpus.tables import collections, documents, passages, texts, versions
from corpus.version_rows import document_version, record_checksum, stored_source, version_fields

_parents = documents.alias("parents")
_VERSION = (
    sa.select(
        versions,
        documents.c.id.label("document_id"),
        documents.c.uri,
        documents.c.external_id,
        documents.c.collection.label("document_collection"),
        documents.c.parent.label("document_parent"),
        documents.c.checksum.label("document_checksum"),
        collections.c.name.label("collection"),
        _parents.c.id.label("parent_id"),
    )
    .join(documents, versions.c.document == documents.c.number)
    .join(collections, documents.c.collection == collections.c.number)
    .outerjoin(_parents, documents.c.parent == _parents.c.number)
)
_SOURCE = (
    sa.select(
        versions.c.document,
        versions.c.original,
        versions.c.parser_version,
        versions.c.given,
        versions.c.report,
        versions.c.added_seq,
        documents.c.id.label("document_id"),
        documents.c.uri,
        documents.c.parent,
    )
    .join(documents, versions.c.document == documents.c.number)
    .join(collections, documents.c.collection == collections.c.number)
    .where(versions.c.removed_seq.is_(None))
)


def add_version(connection: sa.Connection, seq: int, collection: int, new: NewVersion) -> StoredVersion:
    """Store a version as the current one of its document.

    The document's former version, if any, is marked as removed by the same `seq`, together with the attachments that
    are no longer there. Raises ConflictError when document id and source belong to different documents.
    """
    parent = None if new.parent is None else _ensure_document(connection, collection, new.parent, None)[0]
    identity = Identity(new.moved_from or new.uri, new.document_id, new.external_id)
    document, document_id = _ensure_document(connection, collection, identity, parent)
    replaces = end_version(connection, seq, document, keep=frozenset(new.attachments))
    fields = version_fields(new)
    values = {**fields, "document": document, "created_at": now(), "added_seq": seq}
    values["checksum"] = record_checksum(fields)
    version = connection.execute(versions.insert().values(values).returning(versions.c.number)).scalar_one()
    connection.execute(texts.insert().values(version=version, text=new.text, checksum=text_checksum(new.text)))
    add_layouts(connection, version, new.cell_rows, new.boxes)
    add_sketch(connection, version, new.sketch)
    numbers = add_passages(connection, seq, version, document, document_id, new.digest, new.spans)
    if new.moved_from is not None:
        _move(connection, seq, document, Identity(new.uri, document_id, new.external_id))
    return StoredVersion(version, document_id, tuple(numbers), replaces)


def end_version(connection: sa.Connection, seq: int, document: int, keep: Collection[str] = ()) -> bool:
    """Mark the document's current version, its passages and its attachments as removed.

    Returns whether there was a current version. Attachments whose source is in `keep` stay.
    """
    attached = sa.select(documents.c.number, documents.c.uri).where(documents.c.parent == document)
    end_documents(connection, seq, [row.number for row in connection.execute(attached) if row.uri not in keep])
    return bool(_end_versions(connection, seq, versions.c.document == document))


def end_documents(connection: sa.Connection, seq: int, numbers: Sequence[int]) -> None:
    """Mark the current versions of documents and of all that is inside of them, and their passages, as removed."""
    for part in chunks(numbers):
        _end_versions(connection, seq, versions.c.document.in_(sa.select(whole_documents(part).c.number)))


def whole_documents(numbers: Sequence[int]) -> sa.CTE:
    """Documents and what is inside of them at any depth, as a column `number`."""
    whole = sa.select(documents.c.number).where(documents.c.number.in_(numbers)).cte(recursive=True)
    return whole.union(sa.select(documents.c.number).where(documents.c.parent == whole.c.number))


def _end_versions(connection: sa.Connection, seq: int, which: sa.ColumnElement[bool]) -> int:
    """Mark those of the versions that are in force and their passages as removed; returns how many versions."""
    current = sa.select(versions.c.number).where(which, versions.c.removed_seq.is_(None))
    end_passages(connection, seq, passages.c.version.in_(current))
    ended = connection.execute(versions.update().where(versions.c.number.in_(current)).values(removed_seq=seq))
    return ended.rowcount


def end_collection(connection: sa.Connection, seq: int, collection: int) -> int:
    """Mark every current version of a collection and its passages as removed; returns how many versions."""
    members = sa.select(documents.c.number).where(documents.c.collection == collection)
    return _end_versions(connection, seq, versions.c.document.in_(members))


def current_version(
    connection: sa.Connection, collection: str, uri: str, document_id: str | None = None
) -> DocumentVersion | None:
    """The version in force of the document with this id, or where none is given, with this source."""
    identity = documents.c.uri == uri if document_id is None else documents.c.id == document_id
    statement = _VERSION.where(collections.c.name == collection, identity, versions.c.removed_seq.is_(None))
    row = connection.execute(statement).one_or_none()
    return document_version(row) if row is not None else None


def sources_in_force(connection: sa.Connection, collection: str) -> dict[str, StoredSource]:
    """What all documents of a collection were made from, by their sources."""
    rows = connection.execute(_SOURCE.where(collections.c.name == collection))
    return {row.uri: stored_source(row) for row in rows}


def has_newer_attachments(connection: sa.Connection, document: int, seq: int) -> bool:
    """Whether something inside of a document, at any depth, came into force after `seq`.

    An ingestion that was broken off leaves that: attachments of a file whose own new version was never stored.
    """
    inside = sa.select(documents.c.number).where(documents.c.parent == document).cte(recursive=True)
    inside = inside.union_all(sa.select(documents.c.number).where(documents.c.parent == inside.c.number))
    newer = sa.select(versions.c.number).where(
        versions.c.document.in_(sa.select(inside.c.number)),
        versions.c.added_seq > seq,
        versions.c.removed_seq.is_(None),
    )
    return bool(connection.scalar(sa.select(newer.exists())))


def version_of(connection: sa.Connection, document_id: str, seq: int, digest: str | None = None) -> DocumentVersion:
    """The version of a document in force at `seq`, or the newest one that has `digest`.

    Raises NotFoundError for an unknown document, a removed one, or an unknown digest, GoneError for a purged one.
    """
    statement = _VERSION.where(documents.c.id == document_id)
    if digest is None:
        statement = statement.where(*in_force(versions, seq))
    else:
        statement = statement.where(versions.c.digest == digest)
    row = connection.execute(statement.order_by(versions.c.number.desc()).limit(1)).one_or_none()
    if row is None:
        raise _missing(connection, document_id, digest)
    return document_version(row)


def _missing(connection: sa.Connection, document_id: str, digest: str | None) -> NotFoundError:
    known = connection.scalar(sa.select(documents.c.number).where(documents.c.id == document_id)) is not None
    # A document that was purged may have come back; then its versions from before are gone, and it may be removed.
    if was_purged(connection, document_id) and not (known and digest is None):
        return GoneError(f"document {document_id!r} was purged" + (", with the versions it had" if known else ""))
    what = f"document {document_id!r}" + (f" with version {digest!r}" if digest else "")
    return NotFoundError(f"there is no {what}")


def versions_in_force(
    connection: sa.Connection, collection: str, seq: int, after: str | None = None, limit: int | None = None
) -> list[DocumentVersion]:
    """The documents of a collection as they stood at `seq`, by document id, from behind `after`."""
    statement = _VERSION.where(collections.c.name == collection, *in_force(versions, seq))
    if after is not None:
        statement = statement.where(documents.c.id > after)
    rows = connection.execute(statement.order_by(documents.c.id).limit(limit))
    return [document_version(row) for row in rows]


def versions_by_number(connection: sa.Connection, numbers: Iterable[int]) -> dict[int, DocumentVersion]:
    """Stored versions by their row numbers."""
    found = {}
    for part in chunks(sorted(set(numbers))):
        for row in connection.execute(_VERSION.where(versions.c.number.in_(part))):
            found[int(row.number)] = document_version(row)
    return found


def count_in_force(connection: sa.Connection, seq: int, collection: str | None = None) -> tuple[int, int]:
    """How many documents and passages were in force at `seq`, in one collection or in all."""
    if collection is None:
        return _counted(connection, seq, versions), _counted(connection, seq, passages)
    counted = []
    for table in (versions, passages):
        statement = (
            sa.select(sa.func.count())
            .select_from(table)
            .where(
                *in_force(table, seq),
                table.c.document == documents.c.number,
                documents.c.collection == collections.c.number,
                collections.c.name == collection,
            )
        )
        counted.append(int(connection.execute(statement).scalar_one()))
    return counted[0], counted[1]


def _counted(connection: sa.Connection, seq: int, table: sa.Table) -> int:
    """All less those that came later or went before: three counts that indexes answer, without reading the rows."""
    count = sa.select(sa.func.count()).select_from(table)
    statements = (count, count.where(table.c.added_seq > seq), count.where(table.c.removed_seq <= seq))
    total, later, gone = (connection.execute(statement).scalar_one() for statement in statements)
    return int(total) - int(later) - int(gone)


def text_of(connection: sa.Connection, version: int) -> str:
    """The canonical text of a version. Raises DamagedError when it is not the one that the version was made with."""
    joined = sa.select(texts.c.text, versions.c.digest, versions.c.parser_version).join(versions)
    row = connection.execute(joined.where(texts.c.version == version)).one_or_none()
    if row is None or not is_text_of(row.text, row.digest, row.parser_version):
        raise DamagedError(f"the stored text of version {version} is missing or changed; restore a backup")
    return str(row.text)


def is_text_of(text: object, digest: str, parser_version: str) -> bool:
    """Whether it is the text that the version's digest names, and not that of another version."""
    return isinstance(text, str) and version_digest(text, str(parser_version)) == digest


def text_checksum(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _ensure_document(
    connection: sa.Connection, collection: int, identity: Identity, parent: int | None
) -> tuple[int, str]:
    """Number and id of the document, which is made if need be."""
    by_source = sa.and_(documents.c.collection == collection, documents.c.uri == identity.uri)
    wanted = identity.document_id
    row = connection.execute(sa.select(documents).where(by_source)).one_or_none()
    if wanted is not None:
        if row is not None and row.id != wanted:
            raise ConflictError(f"the source {identity.uri!r} is document {row.id!r}, not {wanted!r}; give that id")
        row = connection.execute(sa.select(documents).where(documents.c.id == wanted)).one_or_none()
        if row is not None and row.collection != collection:
            raise ConflictError(f"document {row.id!r} belongs to another collection; choose another id")
    if row is not None:
        check_row(row, DOCUMENT_COLUMNS, f"document {row.id!r}")
        if parent is not None and row.parent != parent:  # it was made for what is inside of it
            _change(connection, row, parent=parent)
        return int(row.number), str(row.id)
    document_id = wanted or new_document_id()
    names = {"id": document_id, "uri": identity.uri, "external_id": identity.external_id}
    values = sealed({**names, "collection": collection, "parent": parent}, DOCUMENT_COLUMNS)
    number = connection.execute(documents.insert().values(values).returning(documents.c.number)).scalar_one()
    return int(number), document_id


def _move(connection: sa.Connection, seq: int, document: int, new: Identity) -> None:
    """Bind a document and what is inside of it to another source.

    A document that had that source before, and is out of force, gives it up.
    """
    row = connection.execute(sa.select(documents).where(documents.c.number == document)).one()
    _release(connection, seq, row.collection, new.uri, document)
    _change(connection, row, uri=new.uri, external_id=new.external_id)
    for child in connection.execute(sa.select(documents).where(documents.c.parent == document)).all():
        uri = _following(child.uri, f"{row.uri}#", f"{new.uri}#")
        external_id = _following(child.external_id, f"{row.external_id}/", f"{new.external_id}/")
        _move(connection, seq, child.number, Identity(uri, child.id, external_id))


def _release(connection: sa.Connection, seq: int, collection: int, uri: str, document: int) -> None:
    holds_it = sa.and_(documents.c.collection == collection, documents.c.uri == uri, documents.c.number != document)
    holder = connection.execute(sa.select(documents).where(holds_it)).one_or_none()
    if holder is not None:
        end_version(connection, seq, holder.number)
        _change(connection, holder, uri=f"{uri}?former={holder.id}")


def _change(connection: sa.Connection, row: Any, **changes: str | int) -> None:
    check_row(row, DOCUMENT_COLUMNS, f"document {row.id!r}")
    values = sealed({**row._mapping, **changes}, DOCUMENT_COLUMNS)
    connection.execute(documents.update().where(documents.c.number == row.number).values(values))


def _following(name: str, before: str, after: str) -> str:
    return after + name.removeprefix(before) if name.startswith(before) else name
