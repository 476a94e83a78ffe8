"""Removing documents and collections: one transaction, then the word index; the next answer no longer holds them."""

from collections.abc import Sequence

from corpus.collections import remove_collection
from corpus.database import Database, next_seq
from corpus.store import end_documents, version_of
from index.keeper import IndexKeeper
from index.lock import WriteLock


class Remover:
    """Takes documents out of force. Their texts stay readable under their version, so that old citations hold."""

    def __init__(self, database: Database, keeper: IndexKeeper, lock: WriteLock, lock_seconds: float) -> None:
        self._database = database
        self._keeper = keeper
        self._lock = lock
        self._lock_seconds = lock_seconds

    def remove_document(self, document_id: str) -> int:
        """The `seq` at which the document is gone. Raises NotFoundError, LockedError."""
        return self.remove_documents([document_id])

    def remove_documents(self, document_ids: Sequence[str]) -> int:
        """The `seq` at which the documents are gone: all, or none if one of them is not there.

        Raises NotFoundError, LockedError.
        """
        with self._lock.held(self._lock_seconds):
            with self._database.write() as connection:
                seq = next_seq(connection)
                end_documents(connection, seq, [version_of(connection, name, seq).document for name in document_ids])
            self._publish()
        return seq

    def remove_numbers(self, documents: Sequence[int]) -> int:
        """The `seq` at which these documents (rows, by number) and what is inside of them are gone."""
        with self._lock.held(self._lock_seconds):
            with self._database.write() as connection:
                seq = next_seq(connection)
                end_documents(connection, seq, documents)
            self._publish()
        return seq

    def remove_collection(self, name: str) -> int:
        """The `seq` at which the collection and its documents are gone. Raises NotFoundError, LockedError."""
        with self._lock.held(self._lock_seconds):
            with self._database.write() as connection:
                seq = next_seq(connection)
                remove_collection(connection, seq, name)
            self._publish()
        return seq

    def _publish(self) -> None:
        self._keeper.publish()
