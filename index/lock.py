"""The locks of a home: one job writes to it, and one builds it anew, at a time, whichever process that is in.

The operating system releases the lock when its holder ends, however it ends; the note of who holds it serves the
message only.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.errors import LockedError


class WriteLock:
    """Held for the length of a job; reentrant within a thread. `doing` says in messages what its holder does."""

    def __init__(self, home: Path, name: str = "write.lock", doing: str = "writing to") -> None:
        # Thread-local: two threads of one process exclude each other as two processes do.
        self._lock = FileLock(home / name, thread_local=True)
        self._note = home / f"{name}.owner"
        self._doing = doing

    @contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """Wait up to `seconds` for the lock; 0 asks once. Raises LockedError naming the owner."""
        try:
            self._lock.acquire(timeout=seconds, poll_interval=0.02)
        except Timeout as error:
            raise LockedError(self._message()) from error
        try:
            self._note.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
            yield
        finally:
            self._lock.release()

    def _message(self) -> str:
        try:
            owner = json.loads(self._note.read_text())
            who = f"process {owner['pid']} on {owner['host']}"
        except (OSError, ValueError, KeyError, TypeError):
            who = "another process"
        return f"{who} is {self._doing} this home; try again when it has finished"
