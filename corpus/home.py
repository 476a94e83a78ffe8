"""The store of a home folder, which is never begun anew beside what only an older one can have left."""

from collections.abc import Sequence
from pathlib import Path

from corpus.database import Database, EmptyStoreError, MigrationLine
from corpus.errors import DamagedError

# Written only after the store is there.
_BESIDE_THE_STORE = ("index", "originals")


def open_store(home: Path, migrations: Sequence[MigrationLine]) -> Database:
    """The database of a home, made if the home is new.

    Raises DamagedError when the database is missing or empty and the rest of the home is not: whatever would be
    derived from a new one would be empty, too.
    """
    path = home / "store.db"
    left = [home / name for name in _BESIDE_THE_STORE if any((home / name).glob("*"))]
    # SQLite throws away a log whose database is gone.
    log = home / "store.db-wal"
    if not _size(path) and (left or _size(log)):
        raise _lost(path, left or [log])
    try:
        return Database(f"sqlite:///{path}", migrations, may_be_new=not left)
    except EmptyStoreError as error:
        raise _lost(path, left) from error


def _lost(path: Path, left: Sequence[Path]) -> DamagedError:
    others = " and ".join(map(str, left))
    return DamagedError(
        f"the database {str(path)!r} is missing or empty; put back a backup of the home, or delete {others} to begin "
        "anew"
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
