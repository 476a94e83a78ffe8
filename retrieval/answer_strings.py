"""The few words of a text that answer a question which asks for a name, a number, a date and the like.

`Reader` is what a reading model would have to do; `PatternReader` does it by rules: candidates of the type that the
question asks for are found by patterns, and the one closest to the question's own words is the answer. What the
question itself says is no answer to it. See docs/decisions/0027-exact-answers.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import regex

from corpus.types import Span
from retrieval.answer_patterns import candidates
from retrieval.answer_types import AnswerType, expected_type, word_set, words_of

_WORD = regex.compile(r"\w+")
_STEM = 5  # letters that tell a word from others without regard to its ending
_FUNCTION_WORDS = word_set(
    "the a an of in on at to for by with from and or is was are were be been did do does has have had what which who "
    "whom whose when where how many much long why that this it its as than there name called"
)


@dataclass(frozen=True, slots=True)
class AnswerString:
    """Words of a text that may be the answer; `span` counts in that text. A higher score is a better answer."""

    span: Span
    kind: AnswerType
    score: float


class Reader(Protocol):
    """Finds the words of a text that answer a question."""

    def read(self, question: str, text: str) -> list[AnswerString]:
        """Candidates, best first; none where the question asks for nothing that can be told in a few words."""


class PatternReader:
    """The reader by rules: no model, in time linear in the length of the text for a question of a few words."""

    def read(self, question: str, text: str) -> list[AnswerString]:
        """Candidates of the expected type that the question does not hold, best first."""
        kind = expected_type(question)
        if kind is None:
            return []
        asked = [word for word in words_of(question) if word not in _FUNCTION_WORDS]
        places = _places(asked, text)
        found = [AnswerString(span, kind, fit + _closeness(span, places)) for span, fit in _new(question, text, kind)]
        return sorted(found, key=lambda item: (-item.score, item.span))


def _new(question: str, text: str, kind: AnswerType) -> Iterator[tuple[Span, float]]:
    """The candidates in the text with at least one word that tells something and is not in the question."""
    known = {word[:_STEM] for word in words_of(question)}
    for span, fit in candidates(text, kind):
        words = words_of(span.of(text))
        new = sum(word not in _FUNCTION_WORDS and word[:_STEM] not in known for word in words)
        if new:
            # A name of which the question says a part is rarely the one that it asks for.
            yield span, fit - (len(words) - new) / len(words)


def _places(asked: Sequence[str], text: str) -> list[list[int]]:
    """For each word of the question, once, where words of the text begin like it."""
    stems = {word[:_STEM]: list[int]() for word in asked}
    for match in _WORD.finditer(text):
        places = stems.get(match.group().casefold()[:_STEM])
        if places is not None:
            places.append(match.start())
    return [places for places in stems.values() if places]


_REACH = 40.0  # characters at which a word of the question counts half


def _closeness(span: Span, places: Sequence[Sequence[int]]) -> float:
    """How near the words of the question stand to the span: 0 to 1 a word, averaged."""
    if not places:
        return 0.0
    return sum(max(_nearness(span, place) for place in word) for word in places) / len(places)


def _nearness(span: Span, place: int) -> float:
    distance = max(span.start - place, place - span.end, 0)
    return _REACH / (_REACH + distance)
