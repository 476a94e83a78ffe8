"""The oracle: a vector index in plain NumPy that the others are held equal to."""

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np

from index.embedder import FloatVector
from index.vectors import Hit, Rows, Scope


class ExactVectors:
    """Keeps every passage in a dictionary and scores all of them."""

    def __init__(self, rows: dict[int, tuple[int, int, np.ndarray]] | None = None) -> None:
        self._rows = rows or {}

    def __len__(self) -> int:
        return len(self._rows)

    def with_added(self, rows: Rows) -> Self:
        """See `VectorIndex.with_added`."""
        columns = (rows.passages.tolist(), rows.documents.tolist(), rows.collections.tolist(), rows.vectors)
        new = {number: (document, group, vector) for number, document, group, vector in zip(*columns, strict=True)}
        return type(self)(self._rows | new)

    def without(self, passages: Sequence[int]) -> Self:
        """See `VectorIndex.without`."""
        gone = set(passages)
        return type(self)({number: row for number, row in self._rows.items() if number not in gone})

    def search(self, question: FloatVector, k: int, scope: Scope) -> list[Hit]:
        """See `VectorIndex.search`."""
        if k < 1:
            return []
        hits = [
            Hit(passage, float(np.dot(vector.astype(np.float32), question)))
            for passage, (document, collection, vector) in self._rows.items()
            if collection == scope.collection and _allows(scope, document)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.number))[:k]

    def scores(self, question: FloatVector, passages: Sequence[int]) -> dict[int, float]:
        """See `VectorIndex.scores`."""
        known = (passage for passage in passages if passage in self._rows)
        return {passage: float(np.dot(self._rows[passage][2].astype(np.float32), question)) for passage in known}

    def rows_in_force(self) -> Iterator[Rows]:
        """See `VectorIndex.rows_in_force`."""
        for number, (document, collection, vector) in self._rows.items():
            passages, documents, collections = np.array([[number], [document], [collection]], dtype=np.int64)
            yield Rows(passages, documents, collections, vector[None])


def _allows(scope: Scope, document: int) -> bool:
    return scope.documents is None or (document < len(scope.documents) and bool(scope.documents[document]))
