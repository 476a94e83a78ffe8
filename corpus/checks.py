"""Checks of a home: how one is counted and reported, and whether SQLite's own structures are sound."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from corpus.errors import DamagedError
from corpus.tables import metadata

CheckStatus = Literal["ok", "damaged", "repaired"]
OnStep = Callable[[str, int], None]
"""Is told now and then which check is at work and how many things it has looked at."""

_MOST_DETAILS = 1_000
_STEP = 1_000


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check. `details` name what is damaged; of a check that is ok, what else there is to say."""

    name: str
    status: CheckStatus
    checked: int
    details: tuple[str, ...] = ()


class Tally:
    """A check at work: how much it has looked at, and what it found."""

    def __init__(self, name: str, on_step: OnStep) -> None:
        self._name = name
        self._on_step = on_step
        self._checked = 0
        self._problems: list[str] = []
        self._notes: list[str] = []

    def count(self, number: int = 1) -> None:
        """So many things more were looked at."""
        before, self._checked = self._checked // _STEP, self._checked + number
        if self._checked // _STEP > before:
            self._on_step(self._name, self._checked)

    def passes(self, is_right: bool) -> bool:
        """One thing more was looked at; returns whether it is right."""
        self.count()
        return is_right

    def problem(self, text: str) -> None:
        """Something is damaged."""
        self._problems.append(text)

    def note(self, text: str) -> None:
        """Something that is no damage."""
        self._notes.append(text)

    def check(self) -> Check:
        """What came out."""
        left_out = len(self._problems) - _MOST_DETAILS
        more = [f"and {left_out} more"] if left_out > 0 else []
        details = (*self._problems[:_MOST_DETAILS], *more, *self._notes)
        return Check(self._name, "damaged" if self._problems else "ok", self._checked, details)


def run_check(name: str, on_step: OnStep, work: Callable[[Tally], None]) -> Check:
    """Carry out a check; what cannot be read at all is a finding of it."""
    tally = Tally(name, on_step)
    on_step(name, 0)
    try:
        work(tally)
    except DamagedError as error:
        tally.problem(str(error))
    return tally.check()


def require_sound(connection: sa.Connection) -> None:
    """Raises DamagedError when the database contradicts itself: nothing may be derived from it then.

    PostgreSQL has checksums of its own; there is nothing to ask it.
    """
    if connection.dialect.name == "sqlite" and (found := _problems_of_sqlite(connection)):
        raise DamagedError(f"the database is damaged ({found[0]}); put back a backup of the home")


def check_database(connection: sa.Connection, tally: Tally) -> None:
    """Pages, indexes against tables, references, and the tables and indexes themselves; counts the tables."""
    tables = _structure(connection)
    tally.count(len(tables))
    if connection.dialect.name == "sqlite":
        for problem in _problems_of_sqlite(connection):
            tally.problem(problem)
        for name, declared in _declared_structure().items():
            if tables.get(name) != declared:
                tally.problem(f"the columns or indexes of the table {name} are not those that were made")


def _problems_of_sqlite(connection: sa.Connection) -> list[str]:
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    problems = [line for line in found if line != "ok"]
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        problems.append(f"row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there")
    return problems


def _declared_structure() -> dict[str, list[Any]]:
    """The structure that the rooms' tables have when they are made directly."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        declared = _structure(connection)
    engine.dispose()
    return declared


def _structure(connection: sa.Connection) -> dict[str, list[Any]]:
    """Columns, references and indexes of each table of ours."""
    inspector = sa.inspect(connection)
    structure = {}
    for name in metadata.tables.keys() & set(inspector.get_table_names()):
        columns = [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)]
        indexes = sorted((index["name"] or "", index["column_names"]) for index in inspector.get_indexes(name))
        references = sorted(
            (key["constrained_columns"], key["referred_table"]) for key in inspector.get_foreign_keys(name)
        )
        structure[name] = [columns, indexes, references, inspector.get_pk_constraint(name)["constrained_columns"]]
    return structure
