"""A million passages from thirty thousand real ones: texts with variations, and vectors of the real distribution.

Passage p of the million is a variation of a real passage i. A weight t is drawn for it, 0 <= t <= `_FARTHEST`, and
neighbours j, k, l among the `_NEIGHBOURS` nearest of i:

* its text has the sentences of i, of which a share of t is replaced by sentences of j, and of their words a share of
  `_REPLACED` by words of about the same frequency. A word that is met once in the real texts is replaced by one that
  is put together from halves of two such words, so that the vocabulary goes on growing, as it does in real texts;
* its vector is (1 - t) v_i + t v_j + sqrt(t (1 - t)) (v_k - v_l), scaled to length 1 and rounded to float16. Were the
  neighbours of i drawn independently around a centre, this sum would be another draw with the same centre and the
  same spread: 1 = (1 - t)^2 + t^2 + 2 t (1 - t).

Everything follows from a seed.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from benchmarks.million.real import RealPassage
from corpus.sentences import sentence_spans
from corpus.types import Span
from index.vectors import HalfMatrix, rounded

PASSAGES_PER_DOCUMENT = 10

_FARTHEST = 0.7
_NEIGHBOURS = 32
_REPLACED = 0.08
_RANK_SPREAD = 0.15  # of the natural logarithm of a word's rank
_BLOCK = 20_000
_PARTS = re.compile(r"([^\W\d_]+)")

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Which real passages each passage is made from; all arrays have one entry a passage."""

    base: Indices
    others: Indices  # shape (passages, 3): j, k, l
    weight: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.base)


def neighbours_of(vectors: HalfMatrix) -> Indices:
    """The nearest real passages of each, itself left out; shape (passages, _NEIGHBOURS)."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors.astype(np.float32))
    _, found = index.search(vectors.astype(np.float32), _NEIGHBOURS + 1)
    rows: Indices = found[:, 1:]
    return rows


def plan(neighbours: Indices, passages: int, seed: int) -> Plan:
    """Documents of ten passages: variations of ten real ones that follow each other from a place by chance on."""
    chance = np.random.default_rng(seed)
    starts = chance.integers(0, len(neighbours), -(-passages // PASSAGES_PER_DOCUMENT))
    base = (starts[:, None] + np.arange(PASSAGES_PER_DOCUMENT)).ravel()[:passages] % len(neighbours)
    picked = chance.integers(0, _NEIGHBOURS, (passages, 3))
    weight = chance.uniform(0, _FARTHEST, passages).astype(np.float32)
    return Plan(base, neighbours[base[:, None], picked], weight)


def make_vectors(real: HalfMatrix, made: Plan) -> Iterator[HalfMatrix]:
    """The vectors of all passages, in blocks."""
    full = real.astype(np.float32)
    for start in range(0, len(made), _BLOCK):
        part = slice(start, start + _BLOCK)
        t = made.weight[part, None]
        j, k, other = made.others[part].T
        mixed = (1 - t) * full[made.base[part]] + t * full[j] + np.sqrt(t * (1 - t)) * (full[k] - full[other])
        yield rounded(mixed / np.linalg.norm(mixed, axis=1, keepdims=True))


class Texts:
    """Makes texts; the words of the real ones by rank of their frequency."""

    def __init__(self, passages: list[RealPassage], seed: int) -> None:
        self._chance = random.Random(seed)
        self._sentences = [_sentences(passage.text) for passage in passages]
        counts = Counter(word for parts in self._sentences for part in parts for word in part[1::2])
        self._by_rank = [word for word, _ in counts.most_common()]
        self._rank = {word: rank for rank, word in enumerate(self._by_rank)}
        self._rare = [word for word, count in counts.items() if count == 1]

    def make(self, base: int, other: int, weight: float) -> str:
        """A variation of the text of `base`, in which sentences of `other` stand as often as `weight` says."""
        chance, foreign = self._chance, self._sentences[other]
        chosen = [
            chance.choice(foreign) if chance.random() < weight else sentence for sentence in self._sentences[base]
        ]
        return " ".join(self._varied(sentence) for sentence in chosen)

    def _varied(self, sentence: list[str]) -> str:
        """`sentence` has its words at odd places and what stands between them at even ones."""
        words = len(sentence) // 2
        replaced = int(words * _REPLACED + self._chance.random())
        if not replaced:
            return "".join(sentence)
        varied = list(sentence)
        for _ in range(replaced):
            place = 2 * self._chance.randrange(words) + 1
            varied[place] = self._like(sentence[place])
        return "".join(varied)

    def _like(self, word: str) -> str:
        rank = self._rank[word]
        if rank >= len(self._by_rank) - len(self._rare):
            one, two = self._chance.choice(self._rare), self._chance.choice(self._rare)
            return one[: len(one) // 2] + two[len(two) // 2 :]
        near = int((rank + 1) * self._chance.lognormvariate(0, _RANK_SPREAD))
        return self._by_rank[min(near, len(self._by_rank) - 1)]


def _sentences(text: str) -> list[list[str]]:
    """The sentences of a text, each taken apart: between, word, between, word, ..., between."""
    return [_PARTS.split(span.of(text)) for span in sentence_spans(text, Span(0, len(text)))]
