"""The metadata of documents without the rest of their records: functions over one connection, as in `corpus.store`."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from corpus.document_dates import document_date
from corpus.passages import chunks, in_force
from corpus.records import Given
from corpus.tables import documents, versions
from corpus.types import Metadata
from corpus.version_rows import checked_metadata

_BATCH = 2_000  # records read at a time, to bound memory
_RECORD = sa.select(versions, documents.c.id.label("document_id"), documents.c.collection).join(
    documents, versions.c.document == documents.c.number
)


class DocumentMetadata(NamedTuple):
    """What a document says of itself: its number, that of its collection, its metadata, and of when it is.

    `date` are seconds since 1970 (UTC), NaN where it is not known; see `corpus.document_dates`.
    """

    document: int
    collection: int
    metadata: Metadata
    date: float = math.nan


def metadata_in_force(
    connection: sa.Connection, seq: int, among: Sequence[int] | None = None
) -> Iterator[DocumentMetadata]:
    """Of the documents in force at `seq`, all or those `among` the given numbers, each once, in any order.

    Raises DamagedError for a record that does not match its checksum.
    """
    statement = _RECORD.where(*in_force(versions, seq))
    parts = [statement] if among is None else [statement.where(versions.c.document.in_(part)) for part in chunks(among)]
    for part in parts:
        for batch in connection.execute(part).partitions(_BATCH):
            for row in batch:
                metadata = checked_metadata(row)
                yield DocumentMetadata(row.document, row.collection, metadata, _seconds(row, metadata))


def _seconds(row: Any, metadata: Metadata) -> float:
    date = document_date(Given(**json.loads(row.given)).metadata, metadata, row.title, row.name)
    return math.nan if date is None else date.start.timestamp()


def documents_changed(connection: sa.Connection, after: int, until: int) -> list[int]:
    """The documents that came into force, changed or went out of force after `after` and not after `until`."""
    added, removed = versions.c.added_seq, versions.c.removed_seq
    came = sa.select(versions.c.document).where(added > after, added <= until)
    went = sa.select(versions.c.document).where(removed > after, removed <= until)
    return [int(row[0]) for row in connection.execute(sa.union(came, went))]
