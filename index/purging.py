"""Purging documents: afterwards no byte of the home is theirs, nor any of their versions' or attachments'.

One transaction takes them out of the store and leaves the hash of their ids. The rest - both indexes, original bytes,
uploads, the store's free room and its log - follows from what the store then says, so that a purge that was broken off
is finished by running it again.
"""

import hashlib
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from corpus.database import Database, current_seq, next_seq
from corpus.errors import BadInputError, NotFoundError, UnfinishedError
from corpus.originals import Originals
from corpus.passages import chunks
from corpus.purged import purge_rows, was_purged
from corpus.store import whole_documents
from corpus.tables import collections, documents, versions
from index.compaction import Compactor
from index.jobs import delete_jobs_about, uploads_waiting
from index.lock import WriteLock
from index.store import delete_vectors_of

_ARRIVING_SECONDS = 3600.0  # a file of an upload is there a moment before its job is


class Purger:
    """Takes documents out of a home for good."""

    def __init__(
        self,
        home: Path,
        database: Database,
        originals: Originals,
        compactor: Compactor,
        lock: WriteLock,
        lock_seconds: float,
    ) -> None:
        self._uploads = home / "uploads"
        self._database = database
        self._originals = originals
        self._compactor = compactor
        self._lock = lock
        self._lock_seconds = lock_seconds

    def purge(self, document_ids: Sequence[str]) -> int:
        """The `seq` at which the documents, in force or not, and what is inside of them are gone.

        Documents that were purged already are purged to the end. Raises NotFoundError when one never was there,
        BadInputError for one that is inside of another, whose bytes hold it, too; then nothing is changed. Raises
        LockedError, and UnfinishedError when the store's log still holds something.
        """
        with self._lock.held(self._lock_seconds):
            seq = self._take_out(document_ids)
            self._originals.remove_leavings()
            self._remove_files()
            if not self._compactor.rewrite():
                raise UnfinishedError(
                    "the documents are gone, but the log of the store may still hold parts of them, because it is "
                    "being read all the time; run the same command again when there are fewer questions"
                )
        return seq

    def _take_out(self, document_ids: Sequence[str]) -> int:
        with self._database.erase() as connection:
            numbers = _whole(connection, document_ids)
            if not numbers:
                return current_seq(connection)
            seq = next_seq(connection)
            for upload in _delete_jobs(connection, numbers):
                (self._uploads / upload).unlink(missing_ok=True)
            delete_vectors_of(connection, numbers)
            purge_rows(connection, seq, numbers)
        return seq

    def _remove_files(self) -> None:
        """Remove the originals that no version has, and uploads that nobody waits for. The write lock is held."""
        with self._database.read() as connection:
            used = set(connection.scalars(sa.select(versions.c.original).distinct()))
            waiting = uploads_waiting(connection)
        unused = set(self._originals.digests()) - used
        for path in self._uploads.glob("*"):
            if path.name not in waiting and _is_leaving(path, unused):
                path.unlink(missing_ok=True)
        for digest in unused:
            self._originals.remove(digest)


def _whole(connection: sa.Connection, document_ids: Sequence[str]) -> list[int]:
    """The documents that are still there, with all that is inside of them."""
    found = [row for name in dict.fromkeys(document_ids) if (row := _row(connection, name)) is not None]
    chosen = {row.number for row in found}
    for row in found:
        if row.parent is not None and row.parent not in chosen:
            parent = connection.scalar(sa.select(documents.c.id).where(documents.c.number == row.parent))
            raise BadInputError(
                f"document {row.id!r} came inside of {parent!r}, whose bytes hold it, too; purge that one"
            )
    numbers: set[int] = set()
    for part in chunks(sorted(chosen)):
        numbers.update(connection.scalars(sa.select(whole_documents(part).c.number)))
    return sorted(numbers)


def _row(connection: sa.Connection, document_id: str) -> Any:
    columns = sa.select(documents.c.number, documents.c.id, documents.c.parent)
    row = connection.execute(columns.where(documents.c.id == document_id)).one_or_none()
    if row is None and not was_purged(connection, document_id):
        raise NotFoundError(f"there is no document {document_id!r}")
    return row


def _delete_jobs(connection: sa.Connection, numbers: Sequence[int]) -> list[str]:
    """Delete the jobs about the documents; returns the files of their uploads."""
    columns = sa.select(documents.c.id, collections.c.name, documents.c.uri).select_from(documents).join(collections)
    rows = [row for part in chunks(numbers) for row in connection.execute(columns.where(documents.c.number.in_(part)))]
    return delete_jobs_about(connection, {row.id for row in rows}, {(row.name, row.uri) for row in rows})


def _is_leaving(path: Path, unused: set[str]) -> bool:
    """Whether a file that belongs to no waiting job holds a purged document, or has been there for long."""
    with suppress(FileNotFoundError):
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() in unused:
                return True
        return time.time() - path.stat().st_mtime > _ARRIVING_SECONDS
    return False
