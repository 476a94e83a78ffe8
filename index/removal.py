"""Removing documents and collections: one transaction, then the word index; the next answer no longer holds them."""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

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

        def end(connection: sa.Connection, seq: int) -> None:
            end_documents(connection, seq, [version_of(connection, name, seq).document for name in document_ids])

        return self._removed(end)

    def remove_numbers(self, documents: Sequence[int]) -> int:
        """The `seq` at which these documents (rows, by number) and what is inside of them are gone."""
        return self._removed(lambda connection, seq: end_documents(connection, seq, documents))

    def remove_collection(self, name: str) -> int:
        """The `seq` at which the collection and its documents are gone. Raises NotFoundError, LockedError."""
        return self._removed(lambda connection, seq: remove_collection(connection, seq, name))

    def _removed(self, end: Callable[[sa.Connection, int], object]) -> int:
        """Carry out and publish one removal; returns its `seq`."""
        with self._lock.held(self._lock_seconds):
            with self._database.write() as connection:
                seq = next_seq(connection)
                end(connection, seq)
            self._keeper.publish()
        return seq
