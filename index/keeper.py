"""Keeps the derived indexes in step with the store: opens, catches up, rebuilds, and hands out snapshots."""

import logging
import shutil
import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from corpus.checks import require_sound
from corpus.database import Database, current_seq
from corpus.errors import DamagedError, LockedError
from corpus.purged import count_purged
from corpus.store import count_in_force
from corpus.tables import store_state
from index.lock import WriteLock
from index.origin import refuse_other_store
from index.store import Generation, generation_at, passages_removed, word_entries
from index.tantivy_words import ANALYZER, TantivyWords
from index.tiers import Tiers
from index.vector_keeper import AheadError, VectorKeeper
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


IndexName = Literal["words", "vectors"]


@dataclass(frozen=True, slots=True)
class Repair:
    """A derived index that was found damaged and made anew, and why."""

    index: IndexName
    message: str


class IndexKeeper:
    """The derived indexes of a home.

    The word index is brought to the store's `seq` by whoever writes, before a write is acknowledged; every reader
    takes the words' `seq` as its state and reads the vectors up to it from the store.
    """

    def __init__(self, home: Path, database: Database, lock: WriteLock, tiers: Tiers | None = None) -> None:
        self._folder = home / "index"
        self._words_folder = self._folder / "words"
        self._database = database
        self._lock = lock
        self._refreshing = threading.Lock()
        with database.read() as connection:
            self.store_id = str(connection.execute(sa.select(store_state.c.store_id)).scalar_one())
        refuse_other_store(self._folder, self.store_id)
        self.repairs: list[Repair] = []
        self._words = self._open_words()
        self._vectors = VectorKeeper(
            self._folder / "vectors", self.store_id, tiers or Tiers(), partial(self._note_repair, "vectors")
        )
        self._current: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """The newest state that store, vectors and words all hold."""
        try:
            return self._refreshed()
        except DamagedWordsError:
            # Another process may be making them anew this moment; if none is, this one does.
            with self._lock.held(_REBUILD_WAIT_SECONDS):
                self.catch_up()
            return self._refreshed()

    def catch_up(self) -> None:
        """Bring the words to the store's newest `seq`. Call it with the write lock held.

        Raises DamagedError when the store is older than the words.
        """
        self._write_words(anew=False)

    def publish(self) -> None:
        """Bring both indexes to the store's newest `seq`; every reader sees it from then on.

        Call it after each commit, with the write lock held.
        """
        self.catch_up()
        with self._refreshing:
            self._current = self._advanced()
            self._vectors.flush_if_due()

    def make_anew(self, index: IndexName, reason: str) -> None:
        """Replace a derived index that was found damaged from the store. Call it with the write lock held."""
        if index == "words":
            self._words = self._new_words(DamagedWordsError(reason))
            self.catch_up()
        with self._refreshing:
            self._current = None
            if index == "vectors":
                self._vectors.discard(reason)
            self._current = self._advanced()

    def compact(self) -> None:
        """Make the files anew that still hold parts of what was removed. Call it with the write lock held.

        Other processes let go of the old files at the next change; hence commit one before. Raises DamagedError as
        `catch_up` does.
        """
        self._write_words(anew=True)
        with self._refreshing:
            self._current = self._advanced()
            self._vectors.flush()
        self._vectors.merge_all()  # questions go on

    def close(self) -> None:
        """Wait for work in the background."""
        self._vectors.close()

    def _refreshed(self) -> Snapshot:
        current = self._current
        with self._database.read() as connection:
            newest = current_seq(connection)
        if current is not None and current.seq == newest and self._vectors.is_current():
            return current
        with self._refreshing:
            self._catch_up_unless_somebody_writes(newest)
            self._current = self._advanced()
            return self._current

    def _write_words(self, *, anew: bool) -> None:
        """Bring the words to the store's newest `seq`, in place of damaged ones if need be; `anew` without leavings."""
        try:
            self._bring_words(anew)
        except DamagedWordsError as error:
            self._words = self._new_words(error)
            self._bring_words(anew)

    def _bring_words(self, anew: bool) -> None:
        done = self._words.snapshot().seq
        with self._database.read() as connection:
            newest = self._refuse_older_store(connection, done)
            if done == newest and not anew:
                return
            self._prepare_vectors(connection, done, newest)
            if anew:
                self._words.rebuild(word_entries(connection, 0, newest), newest)
            else:
                removed = passages_removed(connection, done, newest)
                self._words.change(word_entries(connection, done, newest), removed, newest)
            write_note(self._words_folder, self.store_id, ANALYZER)

    def _catch_up_unless_somebody_writes(self, newest: int) -> None:
        """A writer that was killed leaves the words behind the store; the next reader makes up for it.

        While another process makes all words anew there is nothing to answer from, hence the wait. Raises LockedError
        when it was in vain, and OSError when there are no words and none can be written.
        """
        latest = time.monotonic() + _REBUILD_WAIT_SECONDS
        while (done := self._words.snapshot().seq) < newest:
            try:
                with self._lock.held(0):
                    self.catch_up()
            except LockedError:
                log.debug("the words are behind the store while another process writes")
                if done or self._current is not None:
                    return
                if time.monotonic() > latest:
                    raise
                time.sleep(_POLL_SECONDS)
            except OSError as error:  # a full disk keeps nobody from the state that is there
                if not done and self._current is None:
                    raise
                log.warning("the words are behind the store and cannot be brought there: %s", error)
                return

    def _advanced(self) -> Snapshot:
        """The state of the newest committed words, with the vectors brought there from the store."""
        while True:
            words = self._words.snapshot()
            if self._current is not None and words.seq < self._current.seq:
                return self._current  # another process makes the words anew
            try:
                with self._database.read() as connection:
                    newest = self._refuse_older_store(connection, words.seq)
                    generation = generation_at(connection, words.seq)
                    vectors = self._vectors.at(connection, generation, words.seq)
            except AheadError as ahead:
                with self._database.read() as connection:  # the state of this moment
                    self._refuse_older_store(connection, ahead.seq)
                if self._words.snapshot().seq < ahead.seq:
                    raise
                continue  # a writer came between; it commits the store first, then the words
            # At an older state, what was purged since is no longer in the store that vectors are read from.
            if self._current is None and words.seq == newest and len(words) != len(vectors):
                raise DamagedError(
                    f"the word index holds {len(words)} passages, the vector index {len(vectors)}; run: pincite verify"
                )
            return Snapshot(words.seq, generation, vectors, words)

    def _refuse_older_store(self, connection: sa.Connection, seq: int) -> int:
        """The store's newest `seq`. Raises DamagedError when an index, which stands at `seq`, holds later changes."""
        newest = current_seq(connection)
        if seq > newest:
            raise DamagedError(
                f"the indexes hold change {seq}, the store only {newest}: the database was replaced by an older one; "
                f"put the newest one back, or delete the folder {self._folder} to accept the older state"
            )
        return newest

    def _prepare_vectors(self, connection: sa.Connection, done: int, newest: int) -> None:
        """Before readers turn to another generation, its files are made."""
        before, after = generation_at(connection, done), generation_at(connection, newest)
        if after is not None and before is not None and after.number != before.number:
            self._vectors.prepare(connection, after, newest)

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
        if note.store_id != self.store_id:
            raise DamagedWordsError("it was made from another store")
        if note.analyzer != ANALYZER:
            raise DamagedWordsError(f"it was made with the analyzer {note.analyzer!r}, which is now {ANALYZER!r}")
        check_files(self._words_folder, _READ_WHOLE_BYTES)
        words = TantivyWords(self._words_folder)
        snapshot = words.snapshot()
        with self._database.read() as connection:
            held = count_in_force(connection, snapshot.seq)[1] + count_purged(connection, snapshot.seq)
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
        write_note(self._words_folder, self.store_id, ANALYZER)
        return words

    def _note_repair(self, name: IndexName, message: str) -> None:
        log.warning(message)
        self.repairs.append(Repair(name, message))
