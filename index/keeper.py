"""Keeps the derived indexes in step with the store: opens, catches up, rebuilds, and hands out snapshots."""

import logging
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from corpus.database import Database, current_seq
from corpus.errors import DamagedError, LockedError
from corpus.store import count_in_force
from corpus.tables import store_state
from index.faiss_vectors import FaissVectors
from index.lock import WriteLock
from index.store import Generation, current_generation, passages_removed, rows_added, word_entries
from index.tantivy_words import TantivyWords
from index.vector_files import load_vectors, save_vectors
from index.vectors import VectorIndex
from index.words import WordSnapshot

log = logging.getLogger("pincite.index")

_REBUILD_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of store, vectors and words: all three hold the changes up to `seq`."""

    seq: int
    generation: int | None
    vectors: VectorIndex
    words: WordSnapshot


@dataclass(frozen=True, slots=True)
class VectorState:
    """A vector index and the `seq` of the store that it holds."""

    generation: int | None
    seq: int
    index: FaissVectors


class IndexKeeper:
    """The derived indexes of a home.

    The word index is brought to the store's `seq` by whoever writes, before a write is acknowledged; every reader
    takes the words' `seq` as its state and reads the vectors up to it from the store.
    """

    def __init__(self, home: Path, database: Database, lock: WriteLock) -> None:
        self._folder = home / "index"
        self._database = database
        self._lock = lock
        self._refreshing = threading.Lock()
        with database.read() as connection:
            self._store_id = str(connection.execute(sa.select(store_state.c.store_id)).scalar_one())
        self._words = self._open_words()
        self._vectors = self._load_vectors()
        self._current: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """The newest state that store, vectors and words all hold."""
        current = self._current
        with self._database.read() as connection:
            newest = current_seq(connection)
        if current is not None and current.seq == newest:
            return current
        with self._refreshing:
            self._catch_up_unless_somebody_writes(newest)
            self._current = self._advanced()
            return self._current

    def catch_up(self) -> None:
        """Bring the words to the store's newest `seq`. Call it with the write lock held."""
        with self._database.read() as connection:
            newest, done = current_seq(connection), self._words.snapshot().seq
            if done < newest:
                removed = passages_removed(connection, done, newest)
                self._words.change(word_entries(connection, done, newest), removed, newest)

    def save(self) -> None:
        """Write the vectors to files, so that the next start need not read them from the store."""
        self.snapshot()
        state = self._vectors
        if state.generation is not None:
            save_vectors(self._folder / "vectors", state.index, self._store_id, state.generation, state.seq)

    def _catch_up_unless_somebody_writes(self, newest: int) -> None:
        """A writer that was killed leaves the words behind the store; the next reader makes up for it."""
        if self._words.snapshot().seq >= newest:
            return
        try:
            with self._lock.held(0):
                self.catch_up()
        except LockedError:
            log.debug("the words are behind the store while another process writes")

    def _advanced(self) -> Snapshot:
        """The state of the newest committed words, with the vectors brought there from the store."""
        words = self._words.snapshot()
        with self._database.read() as connection:
            self._refuse_older_store(words.seq, current_seq(connection))
            generation = current_generation(connection)
            self._vectors = _brought_to(connection, self._vectors, generation, words.seq)
        return Snapshot(words.seq, self._vectors.generation, self._vectors.index, words)

    def _refuse_older_store(self, words_seq: int, store_seq: int) -> None:
        if words_seq > store_seq:
            raise DamagedError(
                f"the word index holds change {words_seq}, the store only {store_seq}: the database was replaced "
                f"by an older one; put the newest one back, or delete the folder {self._folder} to accept the "
                "older state"
            )

    # --- opening -----------------------------------------------------------------------------------------------

    def _open_words(self) -> TantivyWords:
        folder = self._folder / "words"
        try:
            words = TantivyWords(folder)
            if self._words_are_whole(words):
                return words
            reason = "it does not hold what the store holds"
        except ValueError as error:
            reason = str(error)
        log.warning("the word index is rebuilt from the store: %s", reason)
        with self._lock.held(_REBUILD_WAIT_SECONDS):
            shutil.rmtree(folder, ignore_errors=True)
            return TantivyWords(folder)

    def _words_are_whole(self, words: TantivyWords) -> bool:
        """Whether the index holds as many passages as were in force at its `seq`."""
        snapshot = words.snapshot()
        with self._database.read() as connection:
            return snapshot.seq > current_seq(connection) or (
                len(snapshot) == count_in_force(connection, snapshot.seq)[1]
            )

    def _load_vectors(self) -> VectorState:
        """The saved vectors; where they are missing or damaged, the next step reads them all from the store."""
        with self._database.read() as connection:
            generation = current_generation(connection)
        number = generation.number if generation else None
        empty = VectorState(number, 0, FaissVectors())
        if number is None:
            return empty
        try:
            loaded = load_vectors(self._folder / "vectors", self._store_id, number)
        except DamagedError as error:
            log.warning("the vector index is rebuilt from the stored vectors: %s", error)
            return empty
        return VectorState(number, loaded[1], loaded[0]) if loaded else empty


def _brought_to(connection: sa.Connection, state: VectorState, generation: Generation | None, seq: int) -> VectorState:
    """`state` with the store's changes up to `seq`; begun anew when it is of another generation or ahead of `seq`."""
    if generation is None:
        return VectorState(None, seq, FaissVectors())
    if state.generation != generation.number or state.seq > seq:
        state = VectorState(generation.number, 0, FaissVectors())
    index = state.index.without(passages_removed(connection, state.seq, seq))
    for rows in rows_added(connection, generation.number, state.seq, seq):
        index = index.with_added(rows)
    return VectorState(generation.number, seq, index)
