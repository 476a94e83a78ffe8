"""What every word index has to do: the oracle, and random histories that are told to it and to the index under test.

The oracle is BM25 over two fields as tantivy computes it, in plain Python. A word index may keep removed passages in
its statistics for a while, so scores are compared on fresh builds only; which passages match is always the same. None
of the words is another one with a typing error: whether a word is known depends on the statistics, too.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from hypothesis import strategies as st

from index.analysis import DEFAULT_LANGUAGE, LANGUAGES, analysis_of
from index.vectors import Hit, Scope
from index.words import WordEntry, WordIndex
from tests.contracts.vectors import document_mask

K1, B, CONTEXT_WEIGHT = 1.2, 0.75, 0.5
TOLERANCE = 1e-4

_TEXT = """
vote cat cats run runs resolution café cafe council session adopted nuclear safety agency
the of and in is to 2024 3,14 A/RES/77/1 e-mail don't ÅNGSTRÖM straße ﬁne Ωmega 東京 👍 _under_score
Tag Tage die und camelCase camel_case 1,234.5 1.234,5 ภาษาไทย 東京タワー서울
"""
_WORDS = (*_TEXT.split(), "x" * 79, "y" * 80, "z" * 200)
_LANGUAGES = ("", "en", "de", "fr", "ja", "xx")
_COLLECTIONS = (1, 2)
_DOCUMENT_PASSAGES = 3


class Bm25Oracle:
    """All entries in a dictionary."""

    def __init__(self, entries: dict[int, WordEntry] | None = None) -> None:
        self.entries = entries or {}

    def changed(self, added: Sequence[WordEntry], removed: Sequence[int]) -> "Bm25Oracle":
        left = {number: entry for number, entry in self.entries.items() if number not in set(removed)}
        return Bm25Oracle(left | {entry.passage: entry for entry in added})

    def search(self, question: str, scope: Scope) -> list[Hit]:
        """Every match, best first."""
        fields = [(_Field(self._lists("body")), 1.0), (_Field(self._lists("context")), CONTEXT_WEIGHT)]
        hits = []
        same = self.same(question)
        for number, entry in self.entries.items():
            allowed = scope.documents is None or entry.document in np.flatnonzero(scope.documents)
            words = set(analysis_of(entry.language).question_terms(question).values())
            if entry.collection == scope.collection and allowed:
                scores = [weight * field.score(number, word, same[word]) for field, weight in fields for word in words]
                hits += [Hit(number, sum(scores))] if any(score > 0 for score in scores) else []
        return sorted(hits, key=lambda hit: (-hit.score, hit.number))

    def document_frequency(self, words: set[str]) -> int:
        return sum(word in tokens for tokens in self._lists("body").values() for word in words)

    def same(self, question: str) -> dict[str, set[str]]:
        """What is searched for, each with the same word by the rules of every language that an entry has."""
        there = {entry.language for entry in self.entries.values()} & set(LANGUAGES)
        analyses = [analysis_of(language) for language in {DEFAULT_LANGUAGE, *there}]
        found: dict[str, set[str]] = {}
        for analysis in analyses:
            for word, term in analysis.question_terms(question).items():
                found.setdefault(term, set()).update(other.term(word) for other in analyses)
        return found

    def _lists(self, field: str) -> dict[int, list[str]]:
        return {
            number: analysis_of(entry.language).terms(getattr(entry, field)) for number, entry in self.entries.items()
        }


class _Field:
    def __init__(self, tokens: dict[int, list[str]]) -> None:
        self._counts = {number: Counter(words) for number, words in tokens.items()}
        self._lengths = {number: quantised(len(words)) for number, words in tokens.items()}
        self._frequencies = Counter(word for words in tokens.values() for word in set(words))
        # One more than there are passages: the reserved entry counts, too.
        self._total = len(tokens) + 1
        self._average = sum(len(words) for words in tokens.values()) / self._total

    def score(self, number: int, word: str, same: set[str]) -> float:
        count = self._counts[number][word]
        if not count:
            return 0.0
        norm = K1 * (1 - B + B * self._lengths[number] / self._average)
        having = sum(self._frequencies[other] for other in same)
        return idf(self._total, having) * (1 + K1) * count / (count + norm)


def idf(total: int, having: int) -> float:
    return math.log(1 + (total - having + 0.5) / (having + 0.5))


def quantised(length: int) -> int:
    """A field's length as it survives in one byte: exact up to 40, then with four significant bits above 24."""
    if length <= 40:
        return length
    excess = length - 24
    shift = excess.bit_length() - 4
    return 24 + (excess >> shift << shift)


# --- histories -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    added: tuple[WordEntry, ...]
    removed: tuple[int, ...]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Change], Random]:
    random = Random(draw(st.integers(0, 2**32 - 1)))
    changes, known = [], 0
    for size, share in draw(
        st.lists(st.tuples(st.sampled_from([0, 1, 7, 60]), st.sampled_from([0, 0.1, 0.9])), max_size=5)
    ):
        # Numbers that were removed before, or were never given out, are among them.
        removed = tuple(random.sample(range(1, known + 3), math.ceil(share * known)))
        changes.append(Change(tuple(entries(random, size, known)), removed))
        known += size
    return changes, random


def entries(random: Random, count: int, after: int) -> Iterator[WordEntry]:
    for number in range(after + 1, after + count + 1):
        document = number // _DOCUMENT_PASSAGES + 1
        body = text(random, random.choice([0, 1, 5, 30, 45, 200]))
        context, language = text(random, random.randrange(4)), _LANGUAGES[document % len(_LANGUAGES)]
        yield WordEntry(number, document, _COLLECTIONS[document % 2], context, body, language)


def text(random: Random, count: int) -> str:
    # Some words are far more frequent than others, as in any language.
    return " ".join(_WORDS[int(len(_WORDS) * random.random() ** 2)] for _ in range(count))


def scope(random: Random, known: int) -> Scope:
    documents = known // _DOCUMENT_PASSAGES + 1
    share = random.choice([None, None, 0.0, 0.05, 0.5, 1.0])
    if share is None:
        return Scope(random.choice([*_COLLECTIONS, 99]))
    chosen = random.sample(range(1, documents + 1), math.ceil(share * documents))
    # So many that a query for a few hits does not name them: a home may hold many that have no passage here.
    others = random.choice([(), range(10_000, 11_500)]) if chosen else ()
    return Scope(random.choice(_COLLECTIONS), document_mask(*chosen, *others))


def assert_same_matches(found: Sequence[Hit], expected: Sequence[Hit]) -> None:
    assert {hit.number for hit in found} == {hit.number for hit in expected}
    assert len(found) == len(expected)
    assert list(found) == sorted(found, key=lambda hit: (-hit.score, hit.number))


def assert_same_scores(found: Sequence[Hit], expected: Sequence[Hit]) -> None:
    assert_same_matches(found, expected)
    scores = dict(expected)
    for number, score in found:
        assert math.isclose(score, scores[number], rel_tol=TOLERANCE, abs_tol=TOLERANCE), (
            number,
            score,
            scores[number],
        )


def follow(index: WordIndex, changes: Sequence[Change]) -> Iterator[tuple[Bm25Oracle, int]]:
    """Make the changes one by one; gives the oracle and the `seq` after each."""
    oracle = Bm25Oracle()
    for seq, change in enumerate(changes, start=1):
        index.change(change.added, change.removed, seq)
        oracle = oracle.changed(change.added, change.removed)
        yield oracle, seq
