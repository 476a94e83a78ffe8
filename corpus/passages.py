"""Reading and writing passages: functions over one connection, as in `corpus.store`."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from corpus.errors import DamagedError
from corpus.identity import passage_id
from corpus.records import Passage
from corpus.tables import SHADOW_SEQ, documents, passages, versions
from corpus.types import Span

_Value = TypeVar("_Value")
_CHUNK = 500  # SQLite takes a limited number of values in one statement


def passages_by_number(connection: sa.Connection, numbers: Sequence[int], seq: int) -> dict[int, Passage]:
    """Those of the passages that were in force at `seq`. Raises DamagedError for one that does not fit its id."""
    joined = (
        sa.select(
            passages,
            documents.c.id.label("document_id"),
            documents.c.collection,
            versions.c.digest,
            versions.c.document.label("version_document"),
        )
        .join(documents, passages.c.document == documents.c.number)
        .join(versions, passages.c.version == versions.c.number)
    )
    found = {}
    for part in chunks(numbers):
        for row in connection.execute(joined.where(passages.c.number.in_(part), *in_force(passages, seq))):
            found[int(row.number)] = _passage(row)
    return found


def newest_passage(connection: sa.Connection) -> int:
    """The highest number that a passage has; 0 where there is none."""
    return int(connection.scalar(sa.select(sa.func.max(passages.c.number))) or 0)


def _passage(row: Any) -> Passage:
    if not is_passage(row):
        raise DamagedError(f"the record of passage {row.id!r} was changed on the disk; restore a backup")
    return Passage(row.number, row.id, row.collection, row.document, row.version, Span(row.start, row.end))


def is_passage(row: Any) -> bool:
    """Whether a row of a passage, its document's id and its version's digest and document fit together.

    The id follows from the rest of the record, which makes it the record's checksum.
    """
    if not (isinstance(row.start, int) and isinstance(row.end, int) and 0 <= row.start <= row.end):
        return False
    named = passage_id(str(row.document_id), str(row.digest), Span(row.start, row.end))
    return bool(row.id == named and row.document == row.version_document)


def end_passages(connection: sa.Connection, seq: int, which: sa.ColumnElement[bool]) -> None:
    """Mark those of the passages that are in force as removed."""
    # Those that a reindexing replaced ended before; those of its shadow were never in force.
    current = sa.and_(which, passages.c.removed_seq.is_(None), passages.c.added_seq < SHADOW_SEQ)
    connection.execute(passages.update().where(current).values(removed_seq=seq))


def add_passages(
    connection: sa.Connection,
    seq: int,
    version: int,
    document: int,
    document_id: str,
    digest: str,
    spans: Sequence[Span],
) -> list[int]:
    """Store the passages of a version; returns their numbers in the order of `spans`."""
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


def in_force(table: sa.Table, seq: int) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """The condition that a version or passage was in force at `seq`."""
    removed = table.c.removed_seq
    return table.c.added_seq <= seq, sa.or_(removed.is_(None), removed > seq)


def chunks(values: Sequence[_Value]) -> Iterable[Sequence[_Value]]:
    """Values in parts that fit into one statement."""
    return (values[position : position + _CHUNK] for position in range(0, len(values), _CHUNK))
