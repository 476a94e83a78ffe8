"""The write lock of a home: one job writes at a time, whichever process it runs in.

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
    """Held for the length of a job; reentrant within a thread."""

    def __init__(self, home: Path) -> None:
        # Thread-local: two threads of one process exclude each other as two processes do.
        self._lock = FileLock(home / "write.lock", thread_local=True)
        self._note = home / "write.lock.owner"

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
        return f"{who} is writing to this home; try again when it has finished"
