"""Reading and writing collections: functions over one connection, as in `corpus.store`."""

import re
from typing import Any

import sqlalchemy as sa

from corpus.checksums import COLLECTION_COLUMNS, check_row, sealed
from corpus.errors import BadInputError, NotFoundError
from corpus.records import now
from corpus.store import end_collection
from corpus.tables import collections

_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def collection_number(connection: sa.Connection, name: str) -> int:
    """Raises NotFoundError when there is no collection of that name."""
    row = _row(connection, name)
    if row is None or row.removed_at is not None:
        raise NotFoundError(f"there is no collection {name!r}")
    return int(row.number)


def has_collection(connection: sa.Connection, name: str) -> bool:
    """Whether there is a collection of that name."""
    row = _row(connection, name)
    return row is not None and row.removed_at is None


def check_collection_name(name: str) -> None:
    """Raises BadInputError for a name that is not allowed."""
    if not _NAME.fullmatch(name):
        raise BadInputError(
            f"a collection's name has 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter "
            f"or digit; {name!r} does not"
        )


def ensure_collection(connection: sa.Connection, name: str) -> int:
    """The number of the collection, which is made, or taken back into use, if need be.

    Raises BadInputError for a name that is not allowed.
    """
    check_collection_name(name)
    row = _row(connection, name)
    if row is None:
        values = sealed({"name": name, "created_at": now(), "removed_at": None}, COLLECTION_COLUMNS)
        return int(connection.execute(collections.insert().values(values).returning(collections.c.number)).scalar_one())
    if row.removed_at is not None:
        _change(connection, row, created_at=now(), removed_at=None)
    return int(row.number)


def remove_collection(connection: sa.Connection, seq: int, name: str) -> int:
    """End every document of the collection and take its name off the list; returns how many documents ended."""
    number = collection_number(connection, name)
    ended = end_collection(connection, seq, number)
    _change(connection, _row(connection, name), removed_at=now())
    return ended


def collection_names(connection: sa.Connection) -> list[tuple[str, str]]:
    """Name and time of creation of every collection, by name."""
    listed = sa.select(collections.c.name, collections.c.created_at).where(collections.c.removed_at.is_(None))
    return [(row.name, row.created_at) for row in connection.execute(listed.order_by(collections.c.name))]


def _row(connection: sa.Connection, name: str) -> Any:
    row = connection.execute(sa.select(collections).where(collections.c.name == name)).one_or_none()
    if row is not None:
        check_row(row, COLLECTION_COLUMNS, f"collection {name!r}")
    return row


def _change(connection: sa.Connection, row: Any, **changes: str | None) -> None:
    values = sealed({**row._mapping, **changes}, COLLECTION_COLUMNS)
    connection.execute(collections.update().where(collections.c.number == row.number).values(values))
