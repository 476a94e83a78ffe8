"""The sketches of texts in the store: functions over one connection, as in `corpus.store`."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from corpus.errors import DamagedError
from corpus.near_duplicates import Sketches, from_bytes
from corpus.passages import chunks
from corpus.tables import collections, documents, sketches, versions


@dataclass(frozen=True, slots=True, eq=False)
class SketchRows:
    """Sketches with the numbers of their versions, ascending."""

    versions: npt.NDArray[np.int64]
    sketches: Sketches


@dataclass(frozen=True, slots=True)
class Sketched:
    """A version in force and its document; `parent` is the number of the document that it is an attachment of."""

    version: int
    document: int
    document_id: str
    parent: int | None
    title: str
    uri: str


def add_sketch(connection: sa.Connection, version: int, data: bytes) -> None:
    """Store the sketch of a version; nothing for a version without text."""
    if data:
        values = {"version": version, "data": data, "checksum": zlib.crc32(data)}
        connection.execute(sketches.insert().values(values))


def sketch_rows(connection: sa.Connection, collection: str, after: int = 0) -> SketchRows:
    """The sketches of a collection's versions in force with numbers above `after`. Raises DamagedError."""
    statement = (
        sa.select(sketches)
        .join(versions, sketches.c.version == versions.c.number)
        .join(documents, versions.c.document == documents.c.number)
        .join(collections, documents.c.collection == collections.c.number)
        .where(collections.c.name == collection, sketches.c.version > after, versions.c.removed_seq.is_(None))
        .order_by(sketches.c.version)
    )
    rows = connection.execute(statement).all()
    return SketchRows(np.array([row.version for row in rows], np.int64), from_bytes([_checked(row) for row in rows]))


def sketched_in_force(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, Sketched]:
    """Those of the versions that are in force, by number."""
    columns = (versions.c.number, versions.c.document, documents.c.id, documents.c.parent)
    statement = sa.select(*columns, versions.c.title, documents.c.uri).join(documents)
    found = {}
    for part in chunks(numbers):
        for row in connection.execute(statement.where(versions.c.number.in_(part), versions.c.removed_seq.is_(None))):
            found[int(row.number)] = Sketched(row.number, row.document, row.id, row.parent, row.title, row.uri)
    return found


def _checked(row: Any) -> bytes:
    if zlib.crc32(row.data) != row.checksum:
        raise DamagedError(f"the stored sketch of version {row.version} was changed on the disk; restore a backup")
    return bytes(row.data)
