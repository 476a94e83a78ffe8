import gc
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from index.exact_vectors import ExactVectors
from index.faiss_vectors import FaissVectors
from index.tiers import Tiers
from index.vector_folder import VectorFolder
from index.vectors import Rows, Scope, rounded
from tests.contracts.vectors import (
    COLLECTIONS,
    DIMENSION,
    Corpus,
    assert_same,
    assert_same_hits,
    document_mask,
    follow,
    histories,
)

# Small, so that short histories meet every tier; nothing is approximate.
EXACT_TIERS = Tiers(flush=30, fan_out=3, approximate=1_000_000, bulk=100)


@settings(max_examples=40)
@given(histories)
def test_answers_as_the_oracle_does_at_every_step_and_ever_after(history):
    with tempfile.TemporaryDirectory() as folder:
        kept = Kept(Path(folder))
        steps, corpus = follow(history, FaissVectors(), kept.reload)
        # Only now: every earlier value still has to answer as it did when it was new, though its files are gone.
        for step in steps:
            assert_same(step, corpus)


class Kept:
    """Files that are written, merged and opened again at every turn."""

    def __init__(self, folder: Path, tiers: Tiers = EXACT_TIERS) -> None:
        self.folder = VectorFolder(folder, "store", 1, tiers)
        self.seq = 0

    def reload(self, index: FaissVectors) -> FaissVectors:
        since = self.seq or None
        self.seq += 1
        self.folder.flush(index, self.seq, since)
        while self.folder.merge():
            pass
        loaded = self.folder.load(index.stored if self.seq % 2 else ())
        assert loaded is not None
        assert loaded.seq == self.seq
        return loaded.vectors


def rows_of(vectors: np.ndarray, first: int = 1) -> Rows:
    count = len(vectors)
    numbers = np.arange(first, first + count)
    return Rows(numbers, numbers * 10, np.ones(count, dtype=np.int64), rounded(vectors))


def one_direction(count: int) -> np.ndarray:
    return np.tile(np.eye(1, DIMENSION, dtype=np.float32), (count, 1))


@pytest.mark.parametrize("index", [FaissVectors(), ExactVectors()])
def test_an_empty_index_finds_nothing(index):
    assert len(index) == 0
    assert index.search(one_direction(1)[0], 5, Scope(1)) == []
    assert index.scores(one_direction(1)[0], [1, 2]) == {}
    assert len(index.without([1, 2])) == 0
    assert len(index.with_added(rows_of(one_direction(0)))) == 0


@pytest.mark.parametrize("index", [FaissVectors(), ExactVectors()])
def test_an_index_that_was_emptied_finds_nothing_and_can_be_filled_again(index):
    filled = index.with_added(rows_of(one_direction(5)))
    emptied = filled.without([1, 2, 3, 4, 5])
    assert (len(emptied), emptied.search(one_direction(1)[0], 5, Scope(1))) == (0, [])
    again = emptied.with_added(rows_of(one_direction(2), first=6))
    assert [hit.number for hit in again.search(one_direction(1)[0], 5, Scope(1))] == [6, 7]


@pytest.mark.parametrize("k", [0, 1, 7, 8, 9, 63, 64, 65, 200])
@pytest.mark.parametrize("parts", [1, 4])
def test_ties_are_broken_by_number_wherever_k_cuts_them(k, parts):
    index = FaissVectors()
    better = np.roll(one_direction(8), 1, axis=1)  # another direction; the question leans towards it
    for part in range(parts):
        index = index.with_added(rows_of(np.concatenate([one_direction(56), better]), first=1 + 64 * part))
    question = one_direction(1)[0] * 0.6 + better[0] * 0.8
    best = [64 * part + row for part in range(parts) for row in range(57, 65)]
    rest = [64 * part + row for part in range(parts) for row in range(1, 57)]
    found = index.search(question, k, Scope(1))
    assert [hit.number for hit in found] == [*best, *rest][:k]


def test_removed_and_foreign_passages_are_not_found_even_when_they_are_the_only_ones():
    index = FaissVectors().with_added(rows_of(one_direction(10))).without([3])
    question = one_direction(1)[0]
    assert index.search(question, 5, Scope(1, document_mask(30))) == []
    assert index.search(question, 5, Scope(1, document_mask())) == []
    assert index.search(question, 5, Scope(2)) == []
    assert index.search(question, 5, Scope(1, document_mask(999))) == []
    assert index.scores(question, [3]) == {}


def test_a_mostly_removed_segment_gives_its_space_back(tmp_path):
    rows = Corpus(np.random.default_rng(1)).rows(1000)
    kept = Kept(tmp_path)
    index = kept.reload(FaissVectors().with_added(rows))
    index = kept.reload(index.without(rows.passages[10:].tolist()))
    assert len(index) == 10
    assert sum(len(segment.rows) for segment in index.segments) == 10


def test_segments_stay_few_in_files_too(tmp_path):
    corpus, kept = Corpus(np.random.default_rng(2)), Kept(tmp_path)
    index = FaissVectors()
    for _ in range(60):
        index = kept.reload(index.with_added(corpus.rows(40)))
    assert len(index) == 2400
    # Less than three of each tier: from 30, 90, 270 and 810 on, and one above.
    assert len(index.segments) <= 9


def test_segments_stay_few():
    corpus = Corpus(np.random.default_rng(2))
    index = FaissVectors()
    for _ in range(200):
        index = index.with_added(corpus.rows(3))
    assert len(index) == 600
    assert len(index.segments) <= 10


def test_searches_from_many_threads_beside_changes_are_right():
    corpus = Corpus(np.random.default_rng(3))
    index, oracle = FaissVectors(), ExactVectors()
    with ThreadPoolExecutor(4) as pool:
        waiting = []
        for _ in range(30):
            rows = corpus.rows(50)
            index, oracle = index.with_added(rows), oracle.with_added(rows)
            gone = corpus.random.permutation(corpus.passage)[:10].tolist()
            index, oracle = index.without(gone), oracle.without(gone)
            question, scope = corpus.question(), Scope(int(corpus.random.choice(COLLECTIONS)))
            waiting += [(pool.submit(index.search, question, 9, scope), oracle, question, scope) for _ in range(4)]
            gc.collect()
        for found, then, question, scope in waiting:
            assert_same_hits(found.result(), then.search(question, 9, scope))
