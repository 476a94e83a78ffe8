"""Reading and writing collections: functions over one connection, as in `corpus.store`."""

import re

import sqlalchemy as sa

from corpus.errors import BadInputError, NotFoundError
from corpus.records import now
from corpus.store import end_collection
from corpus.tables import collections

_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def collection_number(connection: sa.Connection, name: str) -> int:
    """Raises NotFoundError when there is no collection of that name."""
    statement = sa.select(collections.c.number).where(collections.c.name == name, collections.c.removed_at.is_(None))
    number = connection.scalar(statement)
    if number is None:
        raise NotFoundError(f"there is no collection {name!r}")
    return int(number)


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
    row = connection.execute(sa.select(collections).where(collections.c.name == name)).one_or_none()
    if row is None:
        statement = collections.insert().values(name=name, created_at=now()).returning(collections.c.number)
        return int(connection.execute(statement).scalar_one())
    if row.removed_at is not None:
        revived = collections.update().where(collections.c.number == row.number)
        connection.execute(revived.values(removed_at=None, created_at=now()))
    return int(row.number)


def remove_collection(connection: sa.Connection, seq: int, name: str) -> int:
    """End every document of the collection and take its name off the list; returns how many documents ended."""
    number = collection_number(connection, name)
    ended = end_collection(connection, seq, number)
    connection.execute(collections.update().where(collections.c.number == number).values(removed_at=now()))
    return ended


def collection_names(connection: sa.Connection) -> list[tuple[str, str]]:
    """Name and time of creation of every collection, by name."""
    listed = sa.select(collections.c.name, collections.c.created_at).where(collections.c.removed_at.is_(None))
    return [(row.name, row.created_at) for row in connection.execute(listed.order_by(collections.c.name))]
