"""A segment: rows that never change, an engine that searches them, and a mask of those still in force."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from index.embedder import FloatVector
from index.vectors import HalfMatrix, Mask, Numbers, Rows, Scope

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Allowed:
    """Rows of a segment that a search may return: how many, and which; a `mask` of None stands for all of them.

    `selector` is the mask as FAISS takes it; `bits` is the memory that it points into.
    """

    count: int
    mask: Mask | None
    selector: Any
    bits: npt.NDArray[np.uint8] | None

    @classmethod
    def of(cls, mask: Mask) -> Self:
        """The rows of a mask."""
        count = int(np.count_nonzero(mask))
        if count in (0, len(mask)):
            return cls(count, mask if count == 0 else None, None, None)
        import faiss

        bits = np.packbits(mask, bitorder="little")
        return cls(count, mask, faiss.IDSelectorBitmap(bits), bits)  # type: ignore[call-arg, arg-type] # C++'s

    def among(self, rows: Numbers) -> Mask:
        """Which of the rows that an engine returned are rows at all and allowed: some indexes ignore their filter."""
        known: Mask = rows >= 0
        return known if self.mask is None else known & self.mask[rows]


class Engine(Protocol):
    """Finds the nearest rows of a segment."""

    def nearest(self, question: FloatVector, k: int, allowed: Allowed) -> tuple[Scores, Numbers]:
        """Exact scores and rows, in any order: at least the k nearest of those allowed, or what is taken for them."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Rows, their engine, and which are in force. `name` is that of its files; None while it is in memory only."""

    rows: Rows
    engine: Engine
    alive: Mask
    name: str | None = None
    # What a search without a filter may return, by collection; it follows from the rest.
    _allowed: dict[int, Allowed] = field(default_factory=dict)

    def without(self, passages: Numbers) -> Self:
        """The same segment with tombstones on some passages; unknown ones are ignored."""
        gone = self._positions(passages)
        if not self.alive[gone].any():
            return self
        alive = self.alive.copy()
        alive[gone] = False
        return replace(self, alive=alive, _allowed={})

    def revived(self, removed: Numbers) -> Self:
        """The same segment with tombstones on the passages `removed` only; itself where it has just these."""
        alive = np.ones(len(self.rows), dtype=np.bool_)
        alive[self._positions(removed)] = False
        return self if np.array_equal(alive, self.alive) else replace(self, alive=alive, _allowed={})

    def count(self) -> int:
        """How many rows are in force."""
        return int(np.count_nonzero(self.alive))

    def search(self, question: FloatVector, k: int, scope: Scope) -> tuple[Scores, Numbers]:
        """Scores and passages, in any order; see `Engine.nearest`."""
        allowed = self._in(scope)
        if not allowed.count:
            return np.empty(0, np.float32), np.empty(0, np.int64)
        scores, rows = self.engine.nearest(question, min(k, allowed.count), allowed)
        kept = allowed.among(rows)
        return scores[kept], self.rows.passages[rows[kept]]

    def scores(self, question: FloatVector, passages: Numbers) -> dict[int, float]:
        """The cosine of each of the passages that is in force here."""
        rows = self._positions(passages)
        rows = rows[self.alive[rows]]
        values = self.rows.vectors[rows].astype(np.float32) @ question
        return dict(zip(self.rows.passages[rows].tolist(), values.tolist(), strict=True))

    def rows_in_force(self) -> Rows:
        """Those without a tombstone."""
        return self.rows.take(np.flatnonzero(self.alive))

    def removed(self) -> Numbers:
        """The passages that have a tombstone."""
        return self.rows.passages[~self.alive]

    def _in(self, scope: Scope) -> Allowed:
        if scope.documents is not None:
            return Allowed.of(self._of_collection(scope.collection) & scope.allows(self.rows.documents))
        if scope.collection not in self._allowed:
            self._allowed[scope.collection] = Allowed.of(self._of_collection(scope.collection))
        return self._allowed[scope.collection]

    def _of_collection(self, collection: int) -> Mask:
        chosen: Mask = self.alive & (self.rows.collections == collection)
        return chosen

    def _positions(self, passages: Numbers) -> Numbers:
        """Rows of those of the passages that are here, by bisection: passages ascend."""
        rows = np.searchsorted(self.rows.passages, passages)
        inside = rows < len(self.rows)
        rows = rows[inside]
        found: Numbers = rows[self.rows.passages[rows] == passages[inside]]
        return found


def best(parts: Sequence[tuple[Scores, Numbers]], k: int) -> list[tuple[int, float]]:
    """The k best passages of several searches with their scores: score descending, then passage."""
    scores = np.concatenate([part[0] for part in parts])
    passages = np.concatenate([part[1] for part in parts])
    order = np.lexsort((passages, -scores))[:k]
    return list(zip(passages[order].tolist(), scores[order].tolist(), strict=True))


def joined(parts: Sequence[Rows]) -> Rows:
    """The rows of all parts, by passage."""
    together = Rows(
        np.concatenate([part.passages for part in parts]),
        np.concatenate([part.documents for part in parts]),
        np.concatenate([part.collections for part in parts]),
        np.concatenate([part.vectors for part in parts]),
    )
    return together.take(np.argsort(together.passages, kind="stable"))


def in_chunks(vectors: HalfMatrix, size: int = 16_384) -> Iterator[npt.NDArray[np.float32]]:
    """Vectors in 32 bits, some at a time, to bound memory."""
    for start in range(0, len(vectors), size):
        yield vectors[start : start + size].astype(np.float32)
