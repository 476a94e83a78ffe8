"""Vectors in segments with tombstones, searched by FAISS.

Rows are never changed: a removed passage is a tombstone until its segment is merged or written anew. Most segments are
files (`index.vector_folder`); the newest passages are in segments in memory, until there are enough of them.
(Adding to a FAISS index during a search crashes, hence values; an IDMap around some index types ignores filters,
hence own row numbers.)
"""

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np

from index.embedder import FloatVector
from index.exact_engine import ExactEngine
from index.segments import Segment, best, joined
from index.vectors import Hit, Numbers, Rows, Scope

_BATCH = 2_000


class FaissVectors:
    """A vector index over segments; see `VectorIndex`."""

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self.segments = tuple(segments)

    def __len__(self) -> int:
        return sum(segment.count() for segment in self.segments)

    @property
    def stored(self) -> tuple[Segment, ...]:
        """The segments that are files."""
        return tuple(segment for segment in self.segments if segment.name is not None)

    @property
    def newest(self) -> tuple[Segment, ...]:
        """The segments that are in memory only."""
        return tuple(segment for segment in self.segments if segment.name is None)

    def with_added(self, rows: Rows) -> Self:
        """See `VectorIndex.with_added`."""
        return type(self)((*self.stored, *_merged([*self.newest, in_memory(rows)]))) if len(rows) else self

    def without(self, passages: Sequence[int]) -> Self:
        """See `VectorIndex.without`."""
        if not passages:
            return self
        gone = np.asarray(passages, dtype=np.int64)
        return type(self)([segment.without(gone) for segment in self.segments])

    def search(self, question: FloatVector, k: int, scope: Scope) -> list[Hit]:
        """See `VectorIndex.search`."""
        if k < 1 or not self.segments:
            return []
        found = [segment.search(question, k, scope) for segment in self.segments]
        return [Hit(passage, score) for passage, score in best(found, k)]

    def scores(self, question: FloatVector, passages: Sequence[int]) -> dict[int, float]:
        """See `VectorIndex.scores`."""
        wanted = np.asarray(passages, dtype=np.int64)
        found: dict[int, float] = {}
        for segment in self.segments:
            found |= segment.scores(question, wanted)
        return found

    def rows_in_force(self) -> Iterator[Rows]:
        """All rows in force, some at a time, in no particular order."""
        for segment in self.segments:
            rows = np.flatnonzero(segment.alive)
            for start in range(0, len(rows), _BATCH):
                yield segment.rows.take(rows[start : start + _BATCH])

    def removed(self) -> Numbers:
        """The passages that have a tombstone in a segment that is a file."""
        gone = [segment.removed() for segment in self.stored]
        return np.concatenate(gone) if gone else np.empty(0, dtype=np.int64)


def in_memory(rows: Rows) -> Segment:
    """A segment without files."""
    return Segment(rows, ExactEngine(rows.vectors), np.ones(len(rows), dtype=np.bool_))


def _merged(segments: list[Segment]) -> list[Segment]:
    """Merge from the newest backwards while a segment is less than twice as large as the one behind it.

    So there are few of them, and each row is copied O(log n) times.
    """
    while len(segments) > 1 and len(segments[-2].rows) < 2 * len(segments[-1].rows):
        newer, older = segments.pop(), segments.pop()
        segments.append(in_memory(joined([older.rows_in_force(), newer.rows_in_force()])))
    return segments
