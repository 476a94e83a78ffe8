"""Keeps a process' vectors in step with the store: opens the files, reads what is newer, and lets files be made."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa

from corpus.checks import require_sound
from corpus.errors import DamagedError, LockedError
from corpus.store import count_in_force
from index.faiss_vectors import FaissVectors
from index.store import Generation, passages_removed, rows_added
from index.tiers import Tiers
from index.vector_folder import Loaded, Stamp, VectorFolder

log = logging.getLogger("pincite.index")


class AheadError(LockedError):
    """The files stand at `seq`, and what is asked for is an older state."""

    def __init__(self, seq: int) -> None:
        super().__init__("the word index is being made anew by another process; try again when it has finished")
        self.seq = seq


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Vectors of a generation at `seq`, and the files that they were made from, if any."""

    generation: int | None = None
    vectors: FaissVectors = field(default_factory=FaissVectors)
    seq: int = 0
    files: Loaded | None = None

    @property
    def stamp(self) -> Stamp | None:
        """That of the files."""
        return None if self.files is None else self.files.stamp

    @property
    def newer(self) -> int:
        """How many passages and tombstones are not in the files."""
        in_files = 0 if self.files is None else self.files.vectors.tombstones
        return sum(len(segment.rows) for segment in self.vectors.newest) + self.vectors.tombstones - in_files


class VectorKeeper:
    """The vectors of a home as this process sees them. Its methods are called by one thread at a time."""

    def __init__(self, folder: Path, store_id: str, tiers: Tiers, on_repair: Callable[[str], None]) -> None:
        """`on_repair` is told when files were found damaged and are made anew, and why."""
        self._on_repair = on_repair
        self._folder = folder
        self._store_id = store_id
        self._tiers = tiers
        self._state = _State()
        self._merging: threading.Thread | None = None

    def is_current(self) -> bool:
        """Whether the files are still those that were opened."""
        number = self._state.generation
        return number is None or self._files(number).stamp() == self._state.stamp

    def at(self, connection: sa.Connection, generation: Generation | None, seq: int) -> FaissVectors:
        """The vectors in force at `seq`.

        Raises DamagedError when the store is damaged, AheadError when the files are newer than `seq` and this process
        knows no older state.
        """
        if generation is None:
            self._state = _State(seq=seq)
            return self._state.vectors
        state = self._opened(connection, generation, seq)
        vectors = state.vectors.without(passages_removed(connection, state.seq, seq))
        for rows in rows_added(connection, generation.number, state.seq, seq):
            vectors = vectors.with_added(rows)
        self._state = replace(state, vectors=vectors, seq=seq)
        return vectors

    def prepare(self, connection: sa.Connection, generation: Generation, seq: int) -> None:
        """Make the files of a generation that comes into force with `seq`, so that no reader has to."""
        if self._is_large(connection, seq):
            self._rebuilt(connection, self._files(generation.number), generation, seq)

    def flush_if_due(self) -> None:
        """Write what is newer than the files to a file once it is enough. Call it with the write lock held.

        Files of generations that are no longer in force are removed.
        """
        self._remove_former()
        generation = self._state.generation
        if generation is None or self._state.newer < self._tiers.flush:
            return
        try:
            files = self._flushed(generation)
        except (OSError, DamagedError) as error:  # what is to be saved is in the store, too
            log.warning("the vector index cannot be saved, so that the next start takes longer: %s", error)
            return
        self._merge_in_background(files)

    def flush(self) -> None:
        """Write what is newer than the files to a file, where there are files. Call it with the write lock held.

        Files of generations that are no longer in force are removed. Raises OSError.
        """
        self._remove_former()
        if self._state.generation is not None and self._state.files is not None:
            self._flushed(self._state.generation)

    def merge_all(self) -> None:
        """Make what is in files one segment without tombstones. Raises OSError.

        Call it with the write lock held. It takes long; another thread may use the vectors meanwhile.
        """
        generation = self._state.generation
        if generation is not None:
            self._files(generation).merge(everything=True)

    def discard(self, reason: str) -> None:
        """Let go of files that were found damaged, and of what was read from them; the next step begins anew."""
        self._on_repair(f"the vector index is made anew from the stored vectors: {reason}")
        self._remove_former()
        if self._state.generation is not None:
            self._files(self._state.generation).remove()
        self._state = _State()

    def close(self) -> None:
        """Wait for a merge that is under way."""
        if self._merging is not None:
            self._merging.join()

    def _opened(self, connection: sa.Connection, generation: Generation, seq: int) -> _State:
        """A state from which the store leads to `seq`: the present one, or that of the files."""
        state, files = self._state, self._files(generation.number)
        is_usable = state.generation == generation.number and state.seq <= seq
        if is_usable and files.stamp() == state.stamp:
            return state
        loaded = self._load(connection, files, generation, seq)
        if loaded is not None and loaded.seq <= seq:
            return _of_files(generation.number, loaded)
        if is_usable:
            return state
        if loaded is not None:
            raise AheadError(loaded.seq)
        return _State(generation.number)

    def _load(self, connection: sa.Connection, files: VectorFolder, generation: Generation, seq: int) -> Loaded | None:
        """The files, made anew from the store where they are damaged, or missing and worth it."""
        try:
            loaded = files.load(self._state.vectors.stored)
        except DamagedError as error:
            require_sound(connection)
            self._on_repair(f"the vector index is made anew from the stored vectors: {error}")
            return self._rebuilt(connection, files, generation, seq)
        if loaded is None:
            return self._rebuilt(connection, files, generation, seq) if self._is_large(connection, seq) else None
        return loaded

    def _rebuilt(
        self, connection: sa.Connection, files: VectorFolder, generation: Generation, seq: int
    ) -> Loaded | None:
        try:
            return files.rebuild(rows_added(connection, generation.number, 0, seq), seq)
        except OSError as error:
            log.warning("the vector index cannot be saved, so that every start takes longer: %s", error)
            return None

    def _is_large(self, connection: sa.Connection, seq: int) -> bool:
        return count_in_force(connection, seq)[1] >= self._tiers.flush * self._tiers.fan_out

    def _merge_in_background(self, files: VectorFolder) -> None:
        if self._merging is None or not self._merging.is_alive():
            self._merging = threading.Thread(target=_merge, args=(files,), daemon=True)
            self._merging.start()

    def _flushed(self, generation: int) -> VectorFolder:
        """Make files of the present state; returns their folder."""
        state, files = self._state, self._files(generation)
        loaded = files.flush(state.vectors, state.seq, None if state.files is None else state.files.seq)
        self._state = _of_files(generation, loaded)
        return files

    def _remove_former(self) -> None:
        """Remove the files of generations that are no longer in force, and those of before generations had folders."""
        generation = self._state.generation
        if generation is None:
            return
        for path in self._folder.glob("*"):
            if path.name.isdecimal() and int(path.name) < generation:
                self._files(int(path.name)).remove()
            elif path.is_file() and path.suffix != ".lock":
                path.unlink(missing_ok=True)

    def _files(self, generation: int) -> VectorFolder:
        return VectorFolder(self._folder, self._store_id, generation, self._tiers)


def _of_files(generation: int, loaded: Loaded) -> _State:
    return _State(generation, loaded.vectors, loaded.seq, loaded)


def _merge(files: VectorFolder) -> None:
    try:
        while files.merge():
            pass
    except (OSError, DamagedError) as error:
        log.warning("vector segments cannot be merged (%s); if it goes on, mend them with: pincite verify", error)
