"""Vectors in FAISS: immutable segments with tombstones, searched exactly.

A segment is a FAISS index of 16-bit floats beside the arrays that say which passage each row is. Rows are never
changed: a removed passage is a tombstone until its segment is merged, or made anew because most of it is tombstones.
New passages come as a new segment, and segments of similar size are merged, so that there are few of them and each
row is copied O(log n) times.
(Adding to a FAISS index during a search crashes, hence values; an IDMap around some index types ignores filters,
hence own row numbers.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from index.embedder import FloatVector
from index.vectors import Hit, Mask, Numbers, Rows, Scope


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Rows and their FAISS index; row i of the one is row i of the other."""

    rows: Rows
    engine: Any
    alive: Mask

    @property
    def name(self) -> str:
        """First and last passage and count: rows are immutable, so this names them within a generation."""
        return f"{self.rows.passages[0]}-{self.rows.passages[-1]}-{len(self.rows)}"


class FaissVectors:
    """An exact index over segments."""

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self.segments = tuple(segments)

    def __len__(self) -> int:
        return sum(int(segment.alive.sum()) for segment in self.segments)

    def with_added(self, rows: Rows) -> Self:
        """See `VectorIndex.with_added`."""
        return type(self)(_merged([*self.segments, _segment(rows)])) if len(rows) else self

    def without(self, passages: Sequence[int]) -> Self:
        """See `VectorIndex.without`."""
        if not passages:
            return self
        gone = np.asarray(passages, dtype=np.int64)
        segments = [_without(segment, gone) for segment in self.segments]
        return type(self)(_merged([segment for segment in segments if segment.alive.any()]))

    def search(self, question: FloatVector, k: int, scope: Scope) -> list[Hit]:
        """See `VectorIndex.search`."""
        if k < 1:
            return []
        hits = [hit for segment in self.segments for hit in _search(segment, question, k, scope)]
        return sorted(hits, key=lambda hit: (-hit.score, hit.number))[:k]

    def scores(self, question: FloatVector, passages: Sequence[int]) -> dict[int, float]:
        """See `VectorIndex.scores`."""
        wanted = np.asarray(passages, dtype=np.int64)
        found: dict[int, float] = {}
        for segment in self.segments:
            rows = np.flatnonzero(np.isin(segment.rows.passages, wanted) & segment.alive)
            values = segment.rows.vectors[rows].astype(np.float32) @ question
            found.update(zip(segment.rows.passages[rows].tolist(), values.tolist(), strict=True))
        return found

    def removed(self) -> Numbers:
        """The passages that have a tombstone."""
        gone = [segment.rows.passages[~segment.alive] for segment in self.segments]
        return np.concatenate(gone) if gone else np.empty(0, dtype=np.int64)


def make_engine(dimension: int) -> Any:
    """An empty exact FAISS index of 16-bit floats under the inner product."""
    import faiss

    return faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)


def _segment(rows: Rows) -> Segment:
    engine = make_engine(rows.vectors.shape[1])
    engine.add(rows.vectors.astype(np.float32))
    return Segment(rows, engine, np.ones(len(rows), dtype=np.bool_))


def _without(segment: Segment, removed: Numbers) -> Segment:
    hit = np.isin(segment.rows.passages, removed)
    if not hit.any():
        return segment
    left = Segment(segment.rows, segment.engine, segment.alive & ~hit)
    return _segment(_joined(left)) if 0 < 2 * left.alive.sum() < len(left.rows) else left


def _merged(segments: list[Segment]) -> list[Segment]:
    """Merge from the newest backwards while a segment is less than twice as large as the one behind it."""
    while len(segments) > 1 and len(segments[-2].rows) < 2 * len(segments[-1].rows):
        newer, older = segments.pop(), segments.pop()
        segments.append(_segment(_joined(older, newer)))
    return segments


def _joined(*segments: Segment) -> Rows:
    """The rows in force of all segments, in their order."""

    def column(name: str) -> npt.NDArray[Any]:
        return np.concatenate([getattr(part.rows, name)[part.alive] for part in segments])

    return Rows(column("passages"), column("documents"), column("collections"), column("vectors"))


def _search(segment: Segment, question: FloatVector, k: int, scope: Scope) -> Iterator[Hit]:
    allowed = segment.alive & (segment.rows.collections == scope.collection)
    if scope.documents is not None:
        allowed &= scope.allows(segment.rows.documents)
    count = int(allowed.sum())
    if not count:
        return
    scores, rows = _nearest(segment, question, min(k, count), count, allowed)
    for score, row in zip(scores.tolist(), rows.tolist(), strict=True):
        if row >= 0 and allowed[row]:  # checked again: some FAISS indexes have ignored their filter
            yield Hit(int(segment.rows.passages[row]), score)


def _nearest(
    segment: Segment, question: FloatVector, k: int, count: int, allowed: Mask
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """The k best rows, and all further ones that tie with the last of them, so that ties break by number."""
    import faiss

    # Questions are the unit of parallelism here; FAISS' own threads would compete with the models' and wait for each
    # other. OpenMP keeps the number for each thread of ours, so it is set by the one that searches.
    faiss.omp_set_num_threads(1)
    packed = np.packbits(allowed, bitorder="little")
    selector = faiss.IDSelectorBitmap(packed)  # type: ignore[call-arg, arg-type] # the stub shows C++'s arguments
    parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg] # likewise
    while True:
        scores, rows = segment.engine.search(question[None, :], min(k + 1, count), params=parameters)
        tie_at_the_end = len(rows[0]) > k and scores[0][-1] == scores[0][k - 1]
        if not tie_at_the_end:
            return scores[0], rows[0]
        k *= 2
