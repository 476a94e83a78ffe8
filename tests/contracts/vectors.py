"""What every vector index has to do, told as random histories on it and on the NumPy oracle at the same time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Generic, TypeVar

import numpy as np
from hypothesis import strategies as st

from index.exact_vectors import ExactVectors
from index.vectors import DocumentMask, Hit, Rows, Scope, VectorIndex, rounded

DIMENSION = 16
COLLECTIONS = (1, 2)
TOLERANCE = 1e-5

Index = TypeVar("Index", bound=VectorIndex)


def document_mask(*documents: int) -> DocumentMask:
    """Exactly these documents."""
    return np.isin(np.arange(max(documents, default=-1) + 1), documents)


def unit(random: np.random.Generator, count: int) -> np.ndarray:
    vectors = random.standard_normal((count, DIMENSION)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass
class Corpus:
    """Gives out rows as a store would: numbers ascend and are never used again; some vectors are equal."""

    random: np.random.Generator
    passage: int = 0
    document: int = 0
    known: list[np.ndarray] = field(default_factory=list)

    def rows(self, count: int) -> Rows:
        passages = self.passage + np.cumsum(self.random.integers(1, 3, count))
        documents = self.document + np.sort(self.random.integers(1, count // 3 + 2, count))
        self.passage, self.document = int(passages[-1]), int(documents[-1])
        # A document belongs to one collection.
        groups = np.asarray(COLLECTIONS)[documents % len(COLLECTIONS)]
        return Rows(passages, documents, groups, rounded(self._vectors(count)))

    def question(self) -> np.ndarray:
        """A new direction, or that of a passage, whose duplicates then tie at the top."""
        if self.known and self.random.random() < 0.5:
            return self.known[self.random.integers(len(self.known))].astype(np.float32)
        return unit(self.random, 1)[0]

    def scope(self) -> Scope:
        collection = int(self.random.choice([*COLLECTIONS, 99]))
        share = self.random.choice([None, 0.0, 0.001, 0.01, 0.1, 0.5, 1.0])
        if share is None:
            return Scope(collection)
        count = int(np.ceil(share * self.document))
        # Half of the masks end before the newest documents, as those of filters that were evaluated earlier do.
        size = int(self.random.choice([self.document + 1, self.document // 2 + 1]))
        allowed = np.zeros(size, dtype=np.bool_)
        allowed[self.random.permutation(size)[:count]] = True
        return Scope(collection, allowed)

    def _vectors(self, count: int) -> np.ndarray:
        vectors = unit(self.random, count)
        for row in np.flatnonzero(self.random.random(count) < 0.3):
            if self.known:
                vectors[row] = self.known[self.random.integers(len(self.known))]
        self.known.extend(vectors[: 5 - len(self.known)] if len(self.known) < 5 else ())
        return vectors


@dataclass(frozen=True)
class Step(Generic[Index]):
    """The index under test and the oracle after one change."""

    index: Index
    oracle: ExactVectors


histories = st.tuples(
    st.integers(0, 2**32 - 1),
    st.lists(st.sampled_from(["add one", "add some", "add many", "remove few", "remove half", "reload"]), max_size=10),
)


def follow(
    history: tuple[int, Sequence[str]], empty: Index, reload: Callable[[Index], Index]
) -> tuple[list[Step[Index]], Corpus]:
    """Every state of a history; `reload` saves an index and loads it again."""
    seed, changes = history
    corpus = Corpus(np.random.default_rng(seed))
    steps = [Step(empty, ExactVectors())]
    for change in changes:
        steps.append(_changed(steps[-1], change, corpus, reload))
    return steps, corpus


def _changed(step: Step[Index], change: str, corpus: Corpus, reload: Callable[[Index], Index]) -> Step[Index]:
    sizes = {"add one": 1, "add some": 23, "add many": 300}
    if change in sizes:
        rows = corpus.rows(sizes[change])
        return Step(step.index.with_added(rows), step.oracle.with_added(rows))
    if change == "reload":
        return Step(reload(step.index), step.oracle)
    share = {"remove few": 0.02, "remove half": 0.5}[change]
    # Numbers that were never given out, or are gone already, are among them.
    gone = corpus.random.permutation(corpus.passage + 2)[: int(np.ceil(share * corpus.passage)) + 1].tolist()
    return Step(step.index.without(gone), step.oracle.without(gone))


def assert_same(step: Step[Index], corpus: Corpus, searches: int = 6) -> None:
    """The index answers as the oracle does."""
    assert len(step.index) == len(step.oracle)
    for _ in range(searches):
        question, scope = corpus.question(), corpus.scope()
        k = int(corpus.random.choice([1, 2, 5, 20, 1000]))
        assert_same_hits(step.index.search(question, k, scope), step.oracle.search(question, k, scope))
    wanted = corpus.random.permutation(corpus.passage + 2)[:10].tolist()
    found, expected = (which.scores(question, wanted) for which in (step.index, step.oracle))
    assert found.keys() == expected.keys()
    assert all(abs(found[number] - expected[number]) <= TOLERANCE for number in found)


def assert_same_hits(found: Sequence[Hit], expected: Sequence[Hit]) -> None:
    """The same passages in the same order but for those whose scores are within `TOLERANCE`.

    Scores of equal vectors are equal bits in both, so that these have to stand in the order of their numbers.
    """
    assert len(found) == len(expected)
    assert all(isinstance(hit.number, int) and isinstance(hit.score, float) for hit in found)
    assert list(found) == sorted(found, key=lambda hit: (-hit.score, hit.number))
    assert np.allclose([hit.score for hit in found], [hit.score for hit in expected], rtol=0, atol=TOLERANCE)
    last = expected[-1].score if expected else 0.0
    for group in _groups(expected):
        # What ties with the last hit may have been cut off differently; all of the rest has to be there.
        if group[-1].score > last + 2 * TOLERANCE:
            assert {hit.number for hit in group} <= {hit.number for hit in found}
    assert_ties_in_order(found, expected)


def assert_ties_in_order(found: Sequence[Hit], expected: Sequence[Hit]) -> None:
    """Where the oracle sees no near ties but only exact ones, the numbers are the same one by one."""
    scores = sorted({hit.score for hit in expected})
    if all(above - below > 2 * TOLERANCE for below, above in pairwise(scores)):
        assert [hit.number for hit in found] == [hit.number for hit in expected]


def _groups(hits: Sequence[Hit]) -> Iterator[list[Hit]]:
    """Runs of hits whose neighbours are within `TOLERANCE`."""
    group: list[Hit] = []
    for hit in hits:
        if group and group[-1].score - hit.score > TOLERANCE:
            yield group
            group = []
        group.append(hit)
    if group:
        yield group
