"""Taking documents out of the store for good: functions over one connection, as in `corpus.store`.

What is left of a document is the hash of its id, and the numbers of its passages.
"""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa

from corpus.passages import chunks, in_force
from corpus.tables import documents, layouts, passages, purged, purged_passages, sketches, texts, versions


def was_purged(connection: sa.Connection, document_id: str) -> bool:
    """Whether a document of this id was purged; it may have come back since."""
    found = sa.select(purged.c.seq).where(purged.c.id_sha256 == _hashed(document_id))
    return connection.scalar(found) is not None


def purged_between(connection: sa.Connection, after: int, until: int) -> bool:
    """Whether a change after `after` and not after `until` purged something: it left no rows that tell what."""
    found = sa.select(purged.c.seq).where(purged.c.seq > after, purged.c.seq <= until).limit(1)
    return connection.scalar(found) is not None


def purge_rows(connection: sa.Connection, seq: int, numbers: Sequence[int]) -> None:
    """Delete documents with all of their versions; call it inside `Database.erase`.

    What refers to their passages must be gone before, and nothing may be inside of them that is not among them.
    """
    for part in chunks(numbers):
        ids = connection.scalars(sa.select(documents.c.id).where(documents.c.number.in_(part))).all()
        hashes = [_hashed(document_id) for document_id in ids]
        connection.execute(purged.delete().where(purged.c.id_sha256.in_(hashes)))
        connection.execute(purged.insert(), [{"id_sha256": value, "seq": seq} for value in hashes])
        _purge_versions(connection, seq, part)
        connection.execute(documents.delete().where(documents.c.number.in_(part)))


def passages_of(documents_of: Sequence[int]) -> sa.Select[tuple[int]]:
    """The passages of all versions of some documents."""
    # By their versions: there is no index of passages by document.
    return sa.select(passages.c.number).where(passages.c.version.in_(_versions_of(documents_of)))


def count_purged(connection: sa.Connection, seq: int) -> int:
    """How many passages that were purged since were in force at `seq`: an index that stands there still holds them."""
    there = sa.select(sa.func.count()).select_from(purged_passages).where(*in_force(purged_passages, seq))
    return int(connection.scalar(there) or 0)


def _purge_versions(connection: sa.Connection, seq: int, part: Sequence[int]) -> None:
    which = passages.c.version.in_(_versions_of(part))
    removed = sa.func.coalesce(passages.c.removed_seq, seq)
    gone = sa.select(passages.c.number, passages.c.added_seq, removed).where(which)
    connection.execute(purged_passages.insert().from_select(["number", "added_seq", "removed_seq"], gone))
    connection.execute(passages.delete().where(which))
    for table in (layouts, sketches, texts):
        connection.execute(table.delete().where(table.c.version.in_(_versions_of(part))))
    connection.execute(versions.delete().where(versions.c.document.in_(part)))


def _versions_of(part: Sequence[int]) -> sa.Select[tuple[int]]:
    return sa.select(versions.c.number).where(versions.c.document.in_(part))


def _hashed(document_id: str) -> str:
    return hashlib.sha256(document_id.encode("utf-8", "surrogatepass")).hexdigest()
