"""Exact search of a segment, in a FAISS index of 16-bit floats."""

from typing import Any

import numpy as np

from index.embedder import FloatVector
from index.segments import Allowed, Scores, in_chunks
from index.vectors import HalfMatrix, Numbers


class ExactEngine:
    """Compares every allowed row. The FAISS index is made with the first search."""

    def __init__(self, vectors: HalfMatrix) -> None:
        self._vectors = vectors
        self._made: Any = None

    def nearest(self, question: FloatVector, k: int, allowed: Allowed) -> tuple[Scores, Numbers]:
        """The k best rows, and all further ones that tie with the last of them, so that ties break by passage."""
        import faiss

        # Questions are the unit of parallelism here; FAISS' own threads would compete with the models' and wait for
        # each other. OpenMP keeps the number for each thread of ours, so it is set by the one that searches.
        faiss.omp_set_num_threads(1)
        parameters = faiss.SearchParameters(sel=allowed.selector) if allowed.selector else None  # type: ignore[call-arg]
        while True:
            scores, rows = self._index().search(question[None, :], min(k + 1, allowed.count), params=parameters)
            tie_at_the_end = len(rows[0]) > k and scores[0][-1] == scores[0][k - 1]
            if not tie_at_the_end:
                return scores[0], rows[0]
            k *= 2

    def _index(self) -> Any:
        if self._made is None:
            import faiss

            index = faiss.IndexScalarQuantizer(
                self._vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
            )
            for chunk in in_chunks(self._vectors):
                index.add(np.ascontiguousarray(chunk))
            self._made = index  # two threads may make it at once: either is right
        return self._made
