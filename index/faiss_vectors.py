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
from index.tiers import folded
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
        if not len(rows):
            return self
        return type(self)((*self.stored, *folded([*self.newest, in_memory(rows)], _size, _joined)))

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

    @property
    def tombstones(self) -> int:
        """How many passages have a tombstone in a segment that is a file."""
        return sum(len(segment.rows) - segment.count() for segment in self.stored)

    def removed(self) -> Numbers:
        """The passages that have a tombstone in a segment that is a file."""
        gone = [segment.removed() for segment in self.stored]
        return np.concatenate(gone) if gone else np.empty(0, dtype=np.int64)


def in_memory(rows: Rows) -> Segment:
    """A segment without files."""
    return Segment(rows, ExactEngine(rows.vectors), np.ones(len(rows), dtype=np.bool_))


def _size(segment: Segment) -> int:
    return len(segment.rows)


def _joined(older: Segment, newer: Segment) -> Segment:
    return in_memory(joined([older.rows_in_force(), newer.rows_in_force()]))
