"""Keeps the derived indexes in step with the store: opens, catches up, rebuilds, and hands out snapshots."""

import logging
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from corpus.checks import require_sound
from corpus.database import Database, current_seq
from corpus.errors import DamagedError, LockedError
from corpus.store import count_in_force
from corpus.tables import store_state
from index.faiss_vectors import FaissVectors
from index.lock import WriteLock
from index.origin import refuse_other_store
from index.store import Generation, generation_at, passages_removed, rows_added, word_entries
from index.tantivy_words import ANALYZER, TantivyWords
from index.vector_files import load_vectors, save_vectors
from index.vectors import VectorIndex
from index.word_files import check_files, read_note, write_note
from index.words import DamagedWordsError, WordSnapshot

log = logging.getLogger("pincite.index")

_REBUILD_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.05
# Words of more bytes are compared with their checksums by `pincite verify` only: here, somebody waits for an answer.
_READ_WHOLE_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of store, vectors and words: all three hold the changes up to `seq`."""

    seq: int
    generation: Generation | None
    vectors: VectorIndex
    words: WordSnapshot


@dataclass(frozen=True, slots=True)
class VectorState:
    """A vector index and the `seq` of the store that it holds."""

    generation: int | None
    seq: int
    index: FaissVectors


@dataclass(frozen=True, slots=True)
class Repair:
    """A derived index, "words" or "vectors", that was found damaged and made anew, and why."""

    index: str
    message: str


class IndexKeeper:
    """The derived indexes of a home.

    The word index is brought to the store's `seq` by whoever writes, before a write is acknowledged; every reader
    takes the words' `seq` as its state and reads the vectors up to it from the store.
    """

    def __init__(self, home: Path, database: Database, lock: WriteLock) -> None:
        self._folder = home / "index"
        self._words_folder = self._folder / "words"
        self._database = database
        self._lock = lock
        self._refreshing = threading.Lock()
        with database.read() as connection:
            self._store_id = str(connection.execute(sa.select(store_state.c.store_id)).scalar_one())
        refuse_other_store(self._folder, self._store_id)
        self.repairs: list[Repair] = []
        self._words = self._open_words()
        self._vector_files_are_whole = True
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
            try:
                self._catch_up_unless_somebody_writes(newest)
                self._current = self._advanced()
            except DamagedWordsError:
                # Another process may be making them anew this moment; if none is, this one does.
                with self._lock.held(_REBUILD_WAIT_SECONDS):
                    self.catch_up()
                self._current = self._advanced()
            self._mend_vector_files()
            return self._current

    def catch_up(self) -> None:
        """Bring the words to the store's newest `seq`. Call it with the write lock held.

        Raises DamagedError when the store is older than the words.
        """
        try:
            self._change_words()
        except DamagedWordsError as error:
            self._words = self._new_words(error)
            self._change_words()

    def save(self) -> None:
        """Write the vectors to files, so that the next start need not read them from the store.

        Call it with the write lock held.
        """
        self.snapshot()
        self._save_vectors()

    def _mend_vector_files(self) -> None:
        """Replace damaged files at once, or else every start would read all vectors from the store."""
        if self._vector_files_are_whole:
            return
        try:
            with self._lock.held(0):
                self._save_vectors()
        except LockedError:
            log.debug("the writer will replace the damaged vector files")

    def _save_vectors(self) -> None:
        state = self._vectors
        if state.generation is None:
            return
        folder, whole = self._folder / "vectors", self._vector_files_are_whole
        try:
            save_vectors(folder, state.index, self._store_id, state.generation, state.seq, trust_files=whole)
            self._vector_files_are_whole = True
        except OSError as error:  # what is to be saved is in the store, too
            log.warning("the vector index cannot be saved, so that the next start takes longer: %s", error)

    def _change_words(self) -> None:
        done = self._words.snapshot().seq
        with self._database.read() as connection:
            newest = current_seq(connection)
            self._refuse_older_store(done, newest)
            if done < newest:
                removed = passages_removed(connection, done, newest)
                self._words.change(word_entries(connection, done, newest), removed, newest)
                write_note(self._words_folder, self._store_id, ANALYZER)

    def _catch_up_unless_somebody_writes(self, newest: int) -> None:
        """A writer that was killed leaves the words behind the store; the next reader makes up for it.

        While another process makes all words anew there is nothing to answer from, hence the wait.
        """
        latest = time.monotonic() + _REBUILD_WAIT_SECONDS
        while (done := self._words.snapshot().seq) < newest:
            try:
                with self._lock.held(0):
                    self.catch_up()
            except LockedError:
                log.debug("the words are behind the store while another process writes")
                if done or self._current is not None or time.monotonic() > latest:
                    return
                time.sleep(_POLL_SECONDS)

    def _advanced(self) -> Snapshot:
        """The state of the newest committed words, with the vectors brought there from the store."""
        words = self._words.snapshot()
        if self._current is not None and words.seq < self._current.seq:
            return self._current  # another process makes the words anew
        with self._database.read() as connection:
            self._refuse_older_store(words.seq, current_seq(connection))
            generation = generation_at(connection, words.seq)
            self._vectors = _brought_to(connection, self._vectors, generation, words.seq)
        return Snapshot(words.seq, generation, self._vectors.index, words)

    def _refuse_older_store(self, index_seq: int, store_seq: int) -> None:
        if index_seq > store_seq:
            raise DamagedError(
                f"the indexes hold change {index_seq}, the store only {store_seq}: the database was replaced "
                f"by an older one; put the newest one back, or delete the folder {self._folder} to accept the "
                "older state"
            )

    # --- opening -----------------------------------------------------------------------------------------------

    def _open_words(self) -> TantivyWords:
        try:
            return self._whole_words()
        except DamagedWordsError:
            with self._lock.held(_REBUILD_WAIT_SECONDS):
                try:
                    return self._whole_words()  # another process may have been faster
                except DamagedWordsError as error:
                    return self._new_words(error)

    def _whole_words(self) -> TantivyWords:
        """The words in the folder. Raises DamagedWordsError when they cannot be read or are not all there."""
        note = read_note(self._words_folder)
        if note.store_id != self._store_id:
            raise DamagedWordsError("it was made from another store")
        if note.analyzer != ANALYZER:
            raise DamagedWordsError(f"it was made with the analyzer {note.analyzer!r}, which is now {ANALYZER!r}")
        check_files(self._words_folder, _READ_WHOLE_BYTES)
        words = TantivyWords(self._words_folder)
        snapshot = words.snapshot()
        with self._database.read() as connection:
            held = count_in_force(connection, snapshot.seq)[1]
            # Of a store that is older than the words, `snapshot` complains.
            if snapshot.seq <= current_seq(connection) and len(snapshot) != held:
                raise DamagedWordsError(f"it holds {len(snapshot)} passages, where the store held {held}")
        return words

    def _new_words(self, reason: DamagedWordsError) -> TantivyWords:
        """Words that hold nothing yet, in place of the old ones. Call it with the write lock held."""
        with self._database.read() as connection:
            if current_seq(connection):
                require_sound(connection)
                self._note_repair("words", f"the word index is made anew from the store: {reason}")
        if self._words_folder.exists():
            shutil.rmtree(self._words_folder)
        words = TantivyWords(self._words_folder)
        write_note(self._words_folder, self._store_id, ANALYZER)
        return words

    def _note_repair(self, name: str, message: str) -> None:
        log.warning(message)
        self.repairs.append(Repair(name, message))

    def _load_vectors(self) -> VectorState:
        """The saved vectors; where they are missing or damaged, the next step reads them all from the store."""
        with self._database.read() as connection:
            generation = generation_at(connection, current_seq(connection))
        number = generation.number if generation else None
        empty = VectorState(number, 0, FaissVectors())
        if number is None:
            return empty
        try:
            loaded = load_vectors(self._folder / "vectors", self._store_id, number)
        except DamagedError as error:
            with self._database.read() as connection:
                require_sound(connection)
            self._note_repair("vectors", f"the vector index is made anew from the stored vectors: {error}")
            self._vector_files_are_whole = False
            return empty
        if loaded is None:
            return empty
        with self._database.read() as connection:
            self._refuse_older_store(loaded[1], current_seq(connection))
        return VectorState(number, loaded[1], loaded[0])


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
