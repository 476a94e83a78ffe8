"""The vector segments of one generation in a folder, and the manifest that says which of them are in force.

Segment files never change and have names that are used once. What changes is the manifest, under a lock that is held
for moments: by whoever writes the newest passages to a file, and by the merging that goes on beside it. Readers need no
lock: whoever has a file open keeps it, and whoever finds that a file is gone reads the manifest again.
"""

import io
import shutil
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from corpus.errors import DamagedError
from corpus.files import write_durably
from index.faiss_vectors import FaissVectors, in_memory
from index.manifest import (
    FileEntry,
    Manifest,
    check_file,
    entry_of,
    manifest_stamp,
    read_manifest,
    remove_strangers,
    write_manifest,
)
from index.segments import Segment, joined
from index.tiers import SegmentSize, Tiers, due
from index.vector_files import file_names, read_segment, write_segment
from index.vectors import Numbers, Rows

Stamp = tuple[int, int, int]

_REMOVED = "removed.npy"
_CHECKED_AT_OPENING = 256_000_000  # bytes of all files up to which they are hashed when they are opened


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """What a manifest says: the vectors and the `seq` they stand at; `stamp` is that of the manifest."""

    vectors: FaissVectors
    seq: int
    stamp: Stamp | None


class VectorFolder:
    """The files of one generation of one store's vectors."""

    def __init__(self, folder: Path, store_id: str, generation: int, tiers: Tiers) -> None:
        self._folder = folder / str(generation)
        self._store_id = store_id
        self._generation = generation
        self._tiers = tiers

    def stamp(self) -> Stamp | None:
        """Differs after every change of the files; costs next to nothing."""
        return manifest_stamp(self._folder)

    def load(self, opened: Sequence[Segment] = ()) -> Loaded | None:
        """The vectors in the files, or None where there are none; segments that are `opened` already are kept.

        Files are compared with their hashes while they are not too large for that, else with their sizes (`verify`
        hashes them all). Raises DamagedError when a file is missing or altered.
        """
        stamp, manifest = self.stamp(), self._manifest()
        if manifest is None:
            return None
        try:
            return Loaded(self._read(manifest, opened), manifest.seq, stamp)
        except DamagedError:
            if self._manifest() == manifest:
                raise
        return self.load(opened)  # the files were replaced while they were read

    def flush(self, vectors: FaissVectors, seq: int, since: int | None) -> Loaded:
        """Make the newest passages a segment file; `seq` is what `vectors` stand at.

        `since` is the `seq` of the files that they were made from, None where there were none. Call it with the home's
        write lock held. Raises OSError, and DamagedError when the files were made anew meanwhile.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._manifest_lock():
            manifest = self._manifest()
            if (manifest.seq if manifest else None) != since:
                raise DamagedError(f"the vector files in {self._folder} were made anew by another process")
            newest = [segment for segment in vectors.newest if segment.count()]
            written = [write_segment(self._folder, newest, self._tiers.approximate, vectors.stored)] if newest else []
            names = [*(manifest.segments if manifest else ()), *_names(written)]
            self._put(names, self._entries(written), vectors.removed(), seq, len(vectors))
        return self._loaded(vectors.stored)

    def rebuild(self, rows: Iterator[Rows], seq: int) -> Loaded:
        """New files for all passages in force at `seq`, in place of what is there. Raises OSError.

        `rows` are read only if no other process makes the files at the same time; else theirs are taken.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        before = self.stamp()
        with self._merging(wait=True):
            if self.stamp() != before:
                return self._loaded()
            segments: list[Segment] = []
            try:
                for part in self._bulks(rows):
                    segments.append(write_segment(self._folder, [part], self._tiers.approximate, segments))
                entries, count = self._entries(segments), sum(len(segment.rows) for segment in segments)
                with self._manifest_lock():
                    self._put(_names(segments), entries, _NONE, seq, count)
            finally:  # where the disk became full, what was written takes the room that is missing
                with self._manifest_lock():
                    remove_strangers(self._folder)
        return self._loaded(segments)

    def merge(self, *, everything: bool = False) -> bool:
        """Merge what is due, or all segments into one that is trained anew; returns whether something was done.

        Where another process is merging nothing is done, unless `everything` is asked for, which waits for it. What
        killed processes left is removed, too.
        """
        with self._merging(wait=everything) as free:
            if not free:
                return False
            loaded = self.load()
            self._remove_strangers()
            if loaded is None:
                return False
            segments = {str(segment.name): segment for segment in loaded.vectors.stored}
            sizes = [SegmentSize(name, len(found.rows), found.count()) for name, found in segments.items()]
            names = due(sizes, self._tiers) if not everything else tuple(segments) if _can_shrink(sizes) else ()
            if not names:
                return False
            self._check_merged(names)
            self._merge([segments[name] for name in names], () if everything else tuple(segments.values()))
            return True

    def remove(self) -> None:
        """Remove the files; whoever has them open keeps them."""
        shutil.rmtree(self._folder, ignore_errors=True)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _remove_strangers(self) -> None:
        """Remove what processes that were killed left. Call it while nobody else merges."""
        if self._folder.exists():
            with self._manifest_lock():
                remove_strangers(self._folder)

    def _check_merged(self, names: Sequence[str]) -> None:
        """Raises DamagedError where a file was altered: what is merged gets a new hash, which would hide it."""
        known = self._known_files()
        for file in (file for name in names for file in file_names(name) if file in known):
            check_file(self._folder, file, known[file], hashed=True)

    def _merge(self, segments: Sequence[Segment], trained: Sequence[Segment]) -> None:
        full = [segment for segment in segments if segment.count()]
        merged = [write_segment(self._folder, full, self._tiers.approximate, trained)] if full else []
        dropped = np.concatenate([segment.removed() for segment in segments])
        entries = self._entries(merged)
        with self._manifest_lock():
            manifest, gone = self._manifest(), set(_names(segments))
            if manifest is None or not gone.issubset(manifest.segments):
                raise DamagedError(f"the vector files in {self._folder} were made anew while they were merged")
            names = [name for name in manifest.segments if name not in gone]
            # Those that were removed meanwhile have their tombstone in what was merged.
            removed = np.setdiff1d(self._removed(manifest), dropped)
            self._put([*names, *_names(merged)], entries, removed, manifest.seq, manifest.count)

    def _entries(self, written: Sequence[Segment]) -> dict[str, FileEntry]:
        """Sizes and hashes of the files of new segments."""
        files = (self._folder / file for name in _names(written) for file in file_names(name))
        return {path.name: entry_of(path) for path in files if path.exists()}

    def _put(self, names: Sequence[str], new: Mapping[str, FileEntry], removed: Numbers, seq: int, count: int) -> None:
        """Write the tombstones and the manifest; `new` files are not in the one in force. Its lock is held."""
        known = {**self._known_files(), **new}
        tombstones = f"{uuid.uuid4().hex[:16]}.{_REMOVED}"
        stream = io.BytesIO()
        np.save(stream, removed, allow_pickle=False)
        write_durably(self._folder / tombstones, stream.getvalue())
        files = {file: known[file] for name in names for file in file_names(name) if file in known}
        files[tombstones] = entry_of(self._folder / tombstones)
        manifest = Manifest(self._store_id, self._generation, seq, count, tuple(names), files)
        write_manifest(self._folder, manifest)

    def _known_files(self) -> Mapping[str, FileEntry]:
        try:
            manifest = self._manifest()
        except DamagedError:
            return {}
        return manifest.files if manifest else {}

    def _manifest(self) -> Manifest | None:
        manifest = read_manifest(self._folder)
        ours = manifest is not None and (manifest.store_id, manifest.generation) == (self._store_id, self._generation)
        return manifest if ours else None

    def _loaded(self, opened: Sequence[Segment] = ()) -> Loaded:
        loaded = self.load(opened)
        if loaded is None:
            raise DamagedError(f"the vector files in {self._folder} were removed by another process")
        return loaded

    def _read(self, manifest: Manifest, opened: Sequence[Segment]) -> FaissVectors:
        known = {segment.name: segment for segment in opened}
        self._check_files(manifest, {name for name in manifest.segments if name in known})
        removed = self._removed(manifest)
        segments = [
            known[name].revived(removed) if name in known else read_segment(self._folder, name).without(removed)
            for name in manifest.segments
        ]
        vectors = FaissVectors(segments)
        if len(vectors) != manifest.count:
            raise DamagedError(f"the files in {self._folder} hold {len(vectors)} passages, not {manifest.count}")
        return vectors

    def _check_files(self, manifest: Manifest, known: Collection[str]) -> None:
        hashed = sum(entry.size for entry in manifest.files.values()) <= _CHECKED_AT_OPENING
        for file, entry in manifest.files.items():
            if file.partition(".")[0] not in known:
                check_file(self._folder, file, entry, hashed=hashed)

    def _removed(self, manifest: Manifest) -> Numbers:
        try:
            (file,) = (name for name in manifest.files if name.endswith(_REMOVED))
            removed: Numbers = np.load(self._folder / file, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise DamagedError(f"the tombstones in {self._folder} cannot be read: {error}") from error
        return removed

    def _bulks(self, rows: Iterator[Rows]) -> Iterator[Segment]:
        """Rows in segments as large as those that are made at once."""
        waiting: list[Rows] = []
        for part in rows:
            waiting.append(part)
            if sum(map(len, waiting)) >= self._tiers.bulk:
                yield in_memory(joined(waiting))
                waiting = []
        if waiting:
            yield in_memory(joined(waiting))

    @contextmanager
    def _manifest_lock(self) -> Iterator[None]:
        with FileLock(self._folder.parent / "manifest.lock"):
            yield

    @contextmanager
    def _merging(self, *, wait: bool) -> Iterator[bool]:
        """Whether nobody else merges, or makes the files anew; nobody does as long as the block runs."""
        lock = FileLock(self._folder.parent / "merge.lock")
        try:
            lock.acquire(timeout=-1 if wait else 0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()


_NONE = np.empty(0, dtype=np.int64)


def _names(segments: Sequence[Segment]) -> list[str]:
    return [segment.name for segment in segments if segment.name is not None]


def _can_shrink(sizes: Sequence[SegmentSize]) -> bool:
    """Whether merging everything changes something."""
    return len(sizes) > 1 or any(size.alive < size.rows for size in sizes)
