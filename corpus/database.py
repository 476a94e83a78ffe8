"""The database: engine, read and write transactions, `seq`, and migrations. The rooms own their tables."""

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from corpus.errors import DamagedError, LockedError, PinciteError
from corpus.files import sync_file
from corpus.tables import store_state

_WRITE = {"pincite_write": True}
_BUSY_SECONDS = 30

_DAMAGED = "is damaged; put back a backup of the home"
# What comes under the general name of an error; our statements ask for nothing that the migrations did not make.
_SIGNS_OF_DAMAGE = ("Could not decode to UTF-8", "no such table", "no such column", "no such index")
# What SQLite reports that is no defect of a statement, by the beginning of its name.
_CAUSES: dict[str, tuple[type[PinciteError], str]] = {
    "SQLITE_CORRUPT": (DamagedError, _DAMAGED),
    "SQLITE_NOTADB": (DamagedError, "is not a database; put back a backup of the home"),
    "SQLITE_IOERR_READ": (DamagedError, "cannot be read; check the disk, then put back a backup of the home"),
    "SQLITE_IOERR_SHORT": (DamagedError, "cannot be read; check the disk, then put back a backup of the home"),
    "SQLITE_BUSY": (LockedError, "is being written to by another process; try again when it has finished"),
    "SQLITE_FULL": (PinciteError, "cannot grow: the disk is full; make room and try again"),
    "SQLITE_IOERR": (PinciteError, "cannot be written: the disk reports an error; see to the disk and try again"),
    "SQLITE_READONLY": (PinciteError, "cannot be written to; give yourself the permission for the home"),
    "SQLITE_CANTOPEN": (PinciteError, "cannot be opened; see that its folder is there, may be written to and has room"),
}


@dataclass(frozen=True, slots=True)
class MigrationLine:
    """One room's migrations: the folder of its revisions and the newest of them.

    `depends_on` is the revision of another room that the newest one names as such; Alembic then keeps no record of
    that one.
    """

    folder: Path
    head: str
    depends_on: str | None = None


CORPUS_MIGRATIONS = MigrationLine(Path(__file__).parent / "migrations" / "versions", "corpus_0006")


class EmptyStoreError(DamagedError):
    """A database that should hold something has no tables."""


class Database:
    """A store's SQL database.

    Transactions are opened explicitly: a read sees one state of the store from its first statement to its last;
    a write takes SQLite's write lock at once, so that it cannot fail half way for want of it.
    """

    def __init__(self, url: str, migrations: Sequence[MigrationLine], *, may_be_new: bool = True) -> None:
        """Open, and make the tables of a new one. Raises EmptyStoreError for one without tables that must not be."""
        self._engine = _engine(url)
        self._migrations = tuple(migrations)
        self._may_be_new = may_be_new
        self._upgrade()

    @property
    def path(self) -> str:
        """The file, for messages."""
        return str(self._engine.url.database)

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

    @contextmanager
    def erase(self) -> Iterator[sa.Connection]:
        """A write whose deletions are overwritten in the file; references are not checked.

        (Looking for what refers to a deleted document would mean to read all passages.)
        """
        with self._engine.connect() as connection:
            driver = driver_of(connection)
            driver.execute("PRAGMA foreign_keys=OFF")
            driver.execute("PRAGMA secure_delete=ON")
            try:
                with (written := connection.execution_options(**_WRITE)).begin():
                    yield written
            finally:
                driver.execute("PRAGMA secure_delete=OFF")
                driver.execute("PRAGMA foreign_keys=ON")

    def rewrite(self, seconds: float) -> bool:
        """Write the file anew without room for what was deleted, and empty the log.

        Returns False when the log cannot be emptied within `seconds` because others are reading all the time. Raises
        LockedError when another process goes on writing.
        """
        with self._engine.connect() as connection:
            driver = driver_of(connection)
            try:
                driver.execute("VACUUM")
                driver.execute(f"PRAGMA busy_timeout={round(seconds * 1000)}")
                (busy, _, _) = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error as error:
                explain(error, self.path)
                raise
            finally:
                driver.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")
            if not busy:
                # SQLite does not: with the power gone now, the log would hold again what was deleted.
                sync_file(Path(f"{self._engine.url.database}-wal"))
            return not busy

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _upgrade(self) -> None:
        """Bring the schema to the newest revisions; costs one query where it is there already."""
        newest = {line.head for line in self._migrations} - {line.depends_on for line in self._migrations}
        revisions = self._revisions()
        if revisions == newest:
            return
        if not revisions and not self._may_be_new:
            raise EmptyStoreError(f"the database {self._engine.url.database!r} holds no tables")
        with self.write() as connection:
            self._migrate(connection)
            if connection.scalar(sa.select(store_state.c.seq)) is None:
                connection.execute(store_state.insert().values(id=1, seq=0, store_id=uuid.uuid4().hex))

    def _revisions(self) -> set[str]:
        with self.read() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return set()
            return {str(row[0]) for row in connection.execute(sa.text("SELECT version_num FROM alembic_version"))}

    def _migrate(self, connection: sa.Connection) -> None:
        # Imported here: a third of a second that only a new or an old home has to pay.
        from alembic import command
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        folders = "\n".join(str(line.folder) for line in self._migrations)
        # Alembic replaces what stands behind a percent sign.
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", folders.replace("%", "%%"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "heads")
        except CommandError as error:
            raise PinciteError(
                f"the database {self._engine.url.database!r} cannot be brought to this version of Pincite ({error}); "
                "a newer version may have written it: install that one"
            ) from error


def current_seq(connection: sa.Connection) -> int:
    """The `seq` of the newest committed change. Raises DamagedError when the counter was changed on the disk."""
    state = connection.execute(sa.select(store_state.c.seq, store_state.c.countdown)).one_or_none()
    if state is None or not isinstance(state.seq, int) or state.countdown != -state.seq:
        raise DamagedError("the counter of changes in the store was changed on the disk; restore a backup")
    return state.seq


def next_seq(connection: sa.Connection) -> int:
    """Count one change; call it inside a write transaction, before its other statements.

    The row stays locked until the commit, so that the order of `seq` is the order of commits.
    """
    counted = {"seq": store_state.c.seq + 1, "countdown": store_state.c.countdown - 1}
    connection.execute(store_state.update().values(counted))
    return current_seq(connection)


def _engine(url: str) -> sa.Engine:
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _configure_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        sa.event.listen(engine, "handle_error", _explain_sqlite)
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


def _explain_sqlite(context: sa.engine.ExceptionContext) -> None:
    explain(context.original_exception, str(context.engine.url.database) if context.engine else "")


def explain(error: BaseException, where: str) -> None:
    """Raise an error for the user in place of one that is no defect of ours."""
    name = getattr(error, "sqlite_errorname", None) or ""
    for beginning, (kind, what) in _CAUSES.items():
        if name.startswith(beginning):
            raise kind(f"the database {where!r} {what}") from error
    if any(sign in str(error) for sign in _SIGNS_OF_DAMAGE):
        raise DamagedError(f"the database {where!r} {_DAMAGED}") from error


def driver_of(connection: sa.Connection) -> sqlite3.Connection:
    """The connection of the `sqlite3` module, for what is no part of a transaction."""
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found
