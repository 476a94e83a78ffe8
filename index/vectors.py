"""What a vector index must do. Implementations: `faiss_vectors` (the product), `exact_vectors` (the oracle).

An index is a value: changing it gives a new one and leaves the old one as it was, so that a search that has begun
never meets a change. Vectors are unit vectors rounded once to float16, hence inner product = cosine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, Self

import numpy as np
import numpy.typing as npt

from index.embedder import FloatVector

Numbers = npt.NDArray[np.int64]
HalfMatrix = npt.NDArray[np.float16]
Mask = npt.NDArray[np.bool_]
# Indexed by document number; documents whose number lies behind its end are not allowed.
DocumentMask = Mask


class Hit(NamedTuple):
    """A passage number and its score (cosine for vectors, BM25 for words)."""

    number: int
    score: float


@dataclass(frozen=True, slots=True)
class Rows:
    """Passages with their vectors; all arrays are of length n, `vectors` has shape (n, dimension).

    `passages` ascend: numbers are given out in the order of insertion and never again.
    """

    passages: Numbers
    documents: Numbers
    collections: Numbers
    vectors: HalfMatrix

    def __len__(self) -> int:
        return len(self.passages)

    def take(self, rows: Numbers) -> Self:
        """Some of the rows."""
        columns = (self.passages[rows], self.documents[rows], self.collections[rows], self.vectors[rows])
        return type(self)(*columns)


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Where a search may look: one collection and, if `documents` is given, only the documents that it allows."""

    collection: int
    documents: DocumentMask | None = None

    def allows(self, documents: Numbers) -> Mask:
        """For each of the document numbers, of shape (n,), whether it is allowed; the collection is not asked."""
        if self.documents is None:
            return np.ones(len(documents), dtype=np.bool_)
        known = documents < len(self.documents)
        if known.all():
            return self.documents[documents]
        allowed = np.zeros(len(documents), dtype=np.bool_)
        allowed[known] = self.documents[documents[known]]
        return allowed


class VectorIndex(Protocol):
    """Exact or approximate nearest neighbours among the passages in force."""

    def __len__(self) -> int:
        """How many passages are in force."""

    def with_added(self, rows: Rows) -> Self:
        """The same index with further passages."""

    def without(self, passages: Sequence[int]) -> Self:
        """The same index less some passages; unknown numbers are ignored."""

    def search(self, question: FloatVector, k: int, scope: Scope) -> list[Hit]:
        """The best passages in `scope`, score descending, then passage number; fewer than `k` if there are fewer.

        Nothing for a `k` below 1.
        """

    def scores(self, question: FloatVector, passages: Sequence[int]) -> dict[int, float]:
        """The cosine of each of the passages that is in force."""

    def rows_in_force(self) -> Iterator[Rows]:
        """All passages in force with their vectors, some at a time, in no particular order."""


def rounded(vectors: npt.NDArray[np.float32]) -> HalfMatrix:
    """Vectors as they are stored, indexed and compared: float16, rounded once."""
    return vectors.astype(np.float16)
