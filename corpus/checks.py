"""Checks of the store's soundness."""

import sqlalchemy as sa

from corpus.errors import DamagedError


def require_sound(connection: sa.Connection) -> None:
    """Raises DamagedError when the database contradicts itself: nothing may be derived from it then.

    PostgreSQL has checksums of its own; there is nothing to ask it.
    """
    if connection.dialect.name == "sqlite" and (found := problems_of_sqlite(connection)):
        raise DamagedError(f"the database is damaged ({found[0]}); put back a backup of the home")


def problems_of_sqlite(connection: sa.Connection) -> list[str]:
    """What SQLite finds wrong with pages, indexes and references."""
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    problems = [line for line in found if line != "ok"]
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        problems.append(f"row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there")
    return problems
