"""Large segments are searched approximately: scores are exact all the same, and hardly a neighbour is missed."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import DamagedError
from index import ivf_engine
from index.faiss_vectors import FaissVectors
from index.ivf_engine import IvfEngine
from index.tiers import Tiers
from index.vector_folder import VectorFolder
from index.vectors import Rows, Scope, rounded

DIMENSION = 48
COUNT = 24_000
TIERS = Tiers(flush=100, fan_out=2, approximate=1_000, bulk=COUNT)
QUESTIONS = 30
K = 10


def directions(random: np.random.Generator, count: int) -> np.ndarray:
    """Around 300 topics, as texts are."""
    topics = np.random.default_rng(99).standard_normal((300, DIMENSION))
    vectors = topics[random.integers(300, size=count)] + 0.6 * random.standard_normal((count, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@cache
def corpus() -> Rows:
    numbers = np.arange(1, COUNT + 1)
    vectors = rounded(directions(np.random.default_rng(1), COUNT))
    # Ten passages a document; two collections, so that a scope without a filter is one, too.
    return Rows(numbers, numbers // 10, 1 + (numbers // 10) % 5 // 4, vectors)


@cache
def questions() -> np.ndarray:
    return directions(np.random.default_rng(2), QUESTIONS)


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> FaissVectors:
    """All rows in one segment that was merged from three, one of them with tombstones and one without an index."""
    rows = corpus()
    folder = VectorFolder(tmp_path_factory.mktemp("ivf"), "store", 1, TIERS)
    index, since = FaissVectors(), None
    for seq, (start, end) in enumerate([(0, 14_000), (14_000, 23_500), (23_500, COUNT)], start=1):
        added = index.with_added(rows.take(np.arange(start, end))).without(REMOVED)
        index, since = folder.flush(added, seq, since).vectors, seq
    kinds = [isinstance(segment.engine, IvfEngine) for segment in index.segments]
    assert kinds == [True, True, False]
    assert folder.merge(everything=True)
    loaded = folder.load()
    assert loaded is not None
    (segment,) = loaded.vectors.segments
    assert isinstance(segment.engine, IvfEngine)
    assert segment.engine.index.ntotal == len(segment.rows) == COUNT - 3
    return loaded.vectors


REMOVED = [5, 6, 14_100]


def truth(question: np.ndarray, scope: Scope) -> tuple[np.ndarray, np.ndarray]:
    """The scores of all passages, and the numbers of the best that may be found."""
    rows = corpus()
    scores = rows.vectors.astype(np.float32) @ question
    allowed = (rows.collections == scope.collection) & scope.allows(rows.documents)
    allowed[np.array(REMOVED) - 1] = False
    order = np.argsort(np.where(allowed, -scores, np.inf), kind="stable")
    return scores, rows.passages[order[: min(K, int(allowed.sum()))]]


def check(index: FaissVectors, scopes: list[Scope]) -> float:
    """Mean recall; scores, order and length are checked on the way."""
    recalls = []
    for question, scope in zip(questions(), scopes, strict=True):
        found, (scores, expected) = index.search(question, K, scope), truth(question, scope)
        assert all(abs(hit.score - scores[hit.number - 1]) < 1e-5 for hit in found)
        assert found == sorted(found, key=lambda hit: (-hit.score, hit.number))
        assert len(found) == len(expected), "a list is never short because of a filter"
        if len(expected):
            recalls.append(np.isin(expected, [hit.number for hit in found]).mean())
    return float(np.mean(recalls)) if recalls else 1.0


def masks(share: float) -> list[Scope]:
    """A filter for each question that allows some share of the documents."""
    random = np.random.default_rng(3)
    return [Scope(1, random.random(COUNT // 10 + 1) < share) for _ in range(QUESTIONS)]


def test_without_a_filter(merged):
    assert check(merged, [Scope(1)] * QUESTIONS) >= 0.98
    assert check(merged, [Scope(2)] * QUESTIONS) >= 0.98


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.1, 0.5])
@pytest.mark.parametrize("exact", [0, 5_000], ids=["approximately", "as it is"])
def test_under_a_filter(merged, share, exact, monkeypatch):
    monkeypatch.setattr(ivf_engine, "_EXACT", exact)
    assert check(merged, masks(share)) >= 0.98


@pytest.mark.parametrize("exact", [0, 5_000], ids=["approximately", "as it is"])
def test_under_a_filter_that_leaves_only_what_is_far_away(merged, exact, monkeypatch):
    """The lists that are nearest to the question hold nothing that is allowed."""
    monkeypatch.setattr(ivf_engine, "_EXACT", exact)
    vectors = corpus().vectors.astype(np.float32)
    scopes = []
    for question in questions():
        near = np.zeros(COUNT // 10 + 1, dtype=np.bool_)
        near[corpus().documents[vectors @ question > 0]] = True
        scopes.append(Scope(1, ~near))
    assert check(merged, scopes) >= 0.98


def test_a_removed_passage_is_not_found(merged):
    question = questions()[0]
    best = merged.search(question, K, Scope(1))
    left = merged.without([best[0].number, best[3].number])
    found = left.search(question, K - 2, Scope(1))
    assert [hit.number for hit in found] == [hit.number for position, hit in enumerate(best) if position not in (0, 3)]


def test_merged_codes_are_those_of_a_new_index(merged):
    """Copied with their lists or made anew, a row's code is the same, and every row is in exactly one list."""
    (segment,) = merged.segments
    index = segment.engine.index
    rows, codes = _rows_and_codes(index)
    assert sorted(rows.tolist()) == list(range(len(segment.rows)))
    vectors = np.ascontiguousarray(segment.rows.vectors[rows].astype(np.float32))
    expected = index.sq.compute_codes(vectors)
    assert np.array_equal(codes, expected)
    lists = index.quantizer.search(vectors, 1)[1][:, 0]
    sizes = np.bincount(lists, minlength=index.nlist)
    assert sizes.tolist() == [index.invlists.list_size(number) for number in range(index.nlist)]


def _rows_and_codes(index: object) -> tuple[np.ndarray, np.ndarray]:
    import faiss

    lists = index.invlists
    rows, codes = [], []
    for number in range(index.nlist):
        size = lists.list_size(number)
        if size:
            rows.append(faiss.rev_swig_ptr(lists.get_ids(number), size).copy())
            codes.append(faiss.rev_swig_ptr(lists.get_codes(number), size * lists.code_size).copy().reshape(size, -1))
    return np.concatenate(rows), np.concatenate(codes)


def test_training_is_taken_over_until_there_are_too_few_lists(tmp_path: Path):
    folder = VectorFolder(tmp_path, "store", 1, Tiers(flush=100, fan_out=2, approximate=1_000, bulk=COUNT))
    index, lists, seq = FaissVectors(), [], 0
    for end in range(1_100, 18_800, 1_100):
        since, seq = seq or None, seq + 1
        index = folder.flush(index.with_added(corpus().take(np.arange(len(index), end))), seq, since).vectors
        while folder.merge():
            pass
        loaded = folder.load()
        assert loaded is not None
        index = loaded.vectors
        assert len(index) == end
        lists.append({segment.engine.index.nlist for segment in index.segments})
    # 128 lists, trained with the first rows, are enough for 16,384; the sixteenth piece makes one segment of more.
    assert lists == [*[{128}] * 15, {512}, {512}]
    folder.merge(everything=True)
    (segment,) = folder.load().vectors.segments
    assert segment.engine.index.nlist == 512


def test_a_row_that_there_is_not_is_damage(merged: FaissVectors) -> None:
    """Of a home that is too large to be hashed when it is opened."""
    (segment,) = merged.segments
    damaged = replace(segment, engine=IvfEngine(segment.engine.index, segment.rows.vectors[: COUNT // 2]))
    with pytest.raises(DamagedError, match="pincite verify"):
        FaissVectors([damaged]).search(questions()[0], K, Scope(1))


def test_training_with_few_rows_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    vectors = rounded(np.random.default_rng(3).standard_normal((1_200, 8)).astype(np.float32))
    assert ivf_engine.make_index(vectors, [], []).ntotal == len(vectors)
    assert capfd.readouterr() == ("", "")
