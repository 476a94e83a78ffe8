"""Giving back the room of what was removed: both indexes and the store are written anew, while questions go on."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from corpus.database import Database, next_seq
from index.keeper import IndexKeeper
from index.lock import WriteLock
from index.store import drop_generations

_GENERATIONS = 2  # the one in force, and the one before it to go back to
_LOG_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes on the disk."""

    store: int
    words: int
    vectors: int
    originals: int


@dataclass(frozen=True, slots=True)
class Compacted:
    """What compaction did.

    `log_emptied` is False when others were reading all the time; then the store's log takes room until the next one.
    """

    before: Sizes
    after: Sizes
    generations_dropped: int
    log_emptied: bool


class Compactor:
    """Makes a home as small as what is in force and what old citations need."""

    def __init__(
        self, home: Path, database: Database, keeper: IndexKeeper, lock: WriteLock, lock_seconds: float
    ) -> None:
        self._home = home
        self._database = database
        self._keeper = keeper
        self._lock = lock
        self._lock_seconds = lock_seconds

    def compact(self) -> Compacted:
        """Raises LockedError."""
        with self._lock.held(self._lock_seconds):
            before = self._sizes()
            with self._database.write() as connection:
                next_seq(connection)  # so that every process takes up the new files
                dropped = drop_generations(connection, _GENERATIONS)
            emptied = self.rewrite()
            return Compacted(before, self._sizes(), dropped, emptied)

    def rewrite(self) -> bool:
        """Write indexes and store anew; returns whether the store's log could be emptied.

        Call it with the write lock held.
        """
        self._keeper.compact()
        return self._database.rewrite(_LOG_SECONDS)

    def _sizes(self) -> Sizes:
        index = self._home / "index"
        return Sizes(
            store=_bytes(self._home.glob("store.db*")),
            words=_bytes((index / "words").rglob("*")),
            vectors=_bytes((index / "vectors").rglob("*")),
            originals=_bytes((self._home / "originals").rglob("*")),
        )


def _bytes(paths: Iterable[Path]) -> int:
    total = 0
    for path in paths:
        with suppress(FileNotFoundError):  # removed meanwhile
            total += path.stat().st_size if path.is_file() else 0
    return total
