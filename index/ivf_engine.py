"""Approximate search of a large segment: an inverted file over 8-bit codes, exact scores for what it proposes.

The rows are divided into lists around centroids; a search reads the codes of the lists nearest to the question and
computes the exact scores of the best from the stored vectors. Under a filter it reads as many more lists as the filter
leaves out rows, and where few rows are allowed it computes all of their scores.
(FAISS wiki, "Faster search" and "Guidelines to choose an index".)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpus.errors import DamagedError
from index.embedder import FloatVector
from index.segments import Allowed, Scores, in_chunks
from index.vectors import HalfMatrix, Numbers

_EXACT = 5_000  # allowed rows up to which all of their scores are computed
_READ = 1 / 16  # share of the lists that a search without a filter reads
_PROPOSED = 2  # times k, and some: codes of 8 bits can change the order of neighbours
_PROPOSED_MORE = 50
_TRAINED_WITH = 40  # rows for each list


class IvfEngine:
    """`index` is a FAISS IVF index whose ids are the rows of `vectors`."""

    def __init__(self, index: Any, vectors: HalfMatrix) -> None:
        self.index = index
        self._vectors = vectors

    def nearest(self, question: FloatVector, k: int, allowed: Allowed) -> tuple[Scores, Numbers]:
        """See `Engine.nearest`. Raises DamagedError when the index names rows that there are not."""
        rows = np.flatnonzero(allowed.mask) if allowed.mask is not None and allowed.count <= _EXACT else None
        if rows is None:
            rows = self._proposed(question, _PROPOSED * k + _PROPOSED_MORE, allowed)
            if rows.max() >= len(self._vectors):  # large files are not compared with their hashes when they are opened
                raise DamagedError("the vector index was changed on the disk; make it anew with: pincite verify")
            rows = rows[allowed.among(rows)]
        return self._vectors[rows].astype(np.float32) @ question, rows

    def _proposed(self, question: FloatVector, wanted: int, allowed: Allowed) -> Numbers:
        import faiss

        faiss.omp_set_num_threads(1)  # see `ExactEngine`
        lists, wanted = self.index.nlist, min(wanted, allowed.count)
        # As many allowed rows are compared with a filter as without one, if they are spread over the lists; if they
        # are elsewhere than the question, that shows by their lack.
        read = math.ceil(lists * _READ * len(self._vectors) / allowed.count)
        while True:
            parameters = faiss.SearchParametersIVF(nprobe=min(read, lists), sel=allowed.selector)  # type: ignore[call-arg]
            rows: Numbers = self.index.search(question[None, :], wanted, params=parameters)[1][0]
            if rows[-1] >= 0 or read >= lists:
                return rows
            read *= 4


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What becomes of a former index: the row that each of its rows has in the new one, -1 for none."""

    index: Any
    new_rows: Numbers


def make_index(vectors: HalfMatrix, parts: Sequence[Part], trained: Sequence[Any]) -> Any:
    """An IVF index over `vectors`, (n, dimension), some of which are in the indexes of `parts` already.

    Training costs more than all else. So the lists of a `trained` index are taken over, those of the one with the most,
    if there are at least as many as the square root of n (a training makes four times as many); and rows that are in
    the same lists already are copied with their codes.
    """
    import faiss

    faiss.omp_set_num_threads(1)  # it runs beside questions
    finest = max(trained, key=lambda index: int(index.nlist), default=None)
    is_fine_enough = finest is not None and finest.nlist**2 >= len(vectors)
    index = _like(finest) if is_fine_enough else _trained(vectors)
    missing = np.ones(len(vectors), dtype=np.bool_)
    for part in parts:
        if _same_lists(part.index, index):
            _copy(part, index)
            missing[part.new_rows[part.new_rows >= 0]] = False
    rows = np.flatnonzero(missing)
    for start in range(0, len(rows), _ADDED_AT_ONCE):
        chunk = rows[start : start + _ADDED_AT_ONCE]
        index.add_with_ids(vectors[chunk].astype(np.float32), chunk)
    return index


_ADDED_AT_ONCE = 16_384


def _trained(vectors: HalfMatrix) -> Any:
    """An empty index whose lists and codes fit the vectors."""
    import faiss

    lists = 2 ** round(math.log2(4 * math.sqrt(len(vectors))))
    index = _empty(faiss.IndexFlatIP(vectors.shape[1]), lists)
    index.cp.spherical = True
    index.cp.max_points_per_centroid = _TRAINED_WITH
    index.cp.min_points_per_centroid = 1  # else it warns on the standard error where there are a few less than 40
    sample = np.sort(np.random.default_rng(0).permutation(len(vectors))[: _TRAINED_WITH * lists])
    index.train(np.concatenate(list(in_chunks(vectors[sample]))))
    return index


def _empty(centroids: Any, lists: int) -> Any:
    import faiss

    codes = faiss.ScalarQuantizer.QT_8bit
    return faiss.IndexIVFScalarQuantizer(centroids, centroids.d, lists, codes, faiss.METRIC_INNER_PRODUCT, False)


def _like(index: Any) -> Any:
    """An empty index with the same lists and codes."""
    import faiss

    centroids = faiss.IndexFlatIP(index.d)
    centroids.add(_centroids(index))
    empty = _empty(centroids, index.nlist)
    empty.sq = index.sq
    empty.is_trained = True
    return empty


def _centroids(index: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    centroids: np.ndarray[Any, np.dtype[np.float32]] = index.quantizer.reconstruct_n(0, index.nlist)
    return centroids


def _same_lists(left: Any, right: Any) -> bool:
    import faiss

    if left.nlist != right.nlist:
        return False
    left_range, right_range = (faiss.vector_to_array(index.sq.trained) for index in (left, right))
    return np.array_equal(left_range, right_range) and np.array_equal(_centroids(left), _centroids(right))


def _copy(part: Part, index: Any) -> None:
    """Take the rows of a former index over with their codes, list by list."""
    import faiss

    lists = part.index.invlists
    for number in range(part.index.nlist):
        size = lists.list_size(number)
        if not size:
            continue
        rows = part.new_rows[faiss.rev_swig_ptr(lists.get_ids(number), size)]
        codes = faiss.rev_swig_ptr(lists.get_codes(number), size * lists.code_size).reshape(size, -1)
        kept = rows >= 0
        rows, codes = np.ascontiguousarray(rows[kept]), np.ascontiguousarray(codes[kept])
        if len(rows):
            index.invlists.add_entries(number, len(rows), faiss.swig_ptr(rows), faiss.swig_ptr(codes))
            index.ntotal += len(rows)
