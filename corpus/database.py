"""The database: engine, read and write transactions, `seq`, and migrations. The rooms own their tables."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from corpus.errors import DamagedError
from corpus.tables import store_state

_WRITE = {"pincite_write": True}
_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class MigrationLine:
    """One room's migrations: the folder of its revisions and the newest of them."""

    folder: Path
    head: str


CORPUS_MIGRATIONS = MigrationLine(Path(__file__).parent / "migrations" / "versions", "corpus_0001")


class Database:
    """A store's SQL database.

    Transactions are opened explicitly: a read sees one state of the store from its first statement to its last;
    a write takes SQLite's write lock at once, so that it cannot fail half way for want of it.
    """

    def __init__(self, url: str, migrations: Sequence[MigrationLine]) -> None:
        self._engine = _engine(url)
        self._migrations = tuple(migrations)
        self._upgrade()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read-only transaction on one state of the store."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that commits when the block ends and is rolled back when it raises."""
        with self._engine.connect() as connection:
            connection = connection.execution_options(**_WRITE)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _upgrade(self) -> None:
        """Bring the schema to the newest revisions; costs one query where it is there already."""
        if self._revisions() == {line.head for line in self._migrations}:
            return
        with self.write() as connection:
            _migrate(connection, self._migrations)
            if connection.scalar(sa.select(store_state.c.seq)) is None:
                connection.execute(store_state.insert().values(id=1, seq=0, store_id=uuid.uuid4().hex))

    def _revisions(self) -> set[str]:
        with self._engine.connect() as connection:
            try:
                rows = connection.execute(sa.text("SELECT version_num FROM alembic_version"))
                return {str(row[0]) for row in rows}
            except sa.exc.OperationalError:  # a new database
                return set()
            except sa.exc.DatabaseError as error:
                raise DamagedError(
                    f"the database {self._engine.url.database!r} cannot be read ({error.orig}); "
                    "put back a backup of the home"
                ) from error


def current_seq(connection: sa.Connection) -> int:
    """The `seq` of the newest committed change."""
    return int(connection.execute(sa.select(store_state.c.seq)).scalar_one())


def next_seq(connection: sa.Connection) -> int:
    """Count one change; call it inside a write transaction, before its other statements.

    The row stays locked until the commit, so that the order of `seq` is the order of commits.
    """
    statement = store_state.update().values(seq=store_state.c.seq + 1).returning(store_state.c.seq)
    return int(connection.execute(statement).scalar_one())


def _engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _configure_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite alone
    # The first statement waits for another process that is just creating the file.
    connection.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("pincite_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(connection: sa.Connection, lines: Sequence[MigrationLine]) -> None:
    # Imported here: a third of a second that only a new or an old home has to pay.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(line.folder) for line in lines))
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")
