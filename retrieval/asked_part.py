"""The part of a question that asks: what it says before and after is for finding documents, not for reading them.

A cross-encoder that reads "Consider the lease of Signal Court between A and B; when does it end" finds every sentence
of that lease to fit. See docs/decisions/0026-runs-of-sentences.md.
"""

import re

from corpus.sentences import sentence_spans
from corpus.types import Span
from retrieval.answer_types import AUXILIARIES, QUESTION_WORDS, word_set, words_of

_FEWEST_WORDS = 4
_CLAUSE_END = re.compile(r";\s")
# What these stand for is said in another part.
_POINTING = word_set(
    "it its they them their theirs he him his she her hers this that these those one ones so such there"
)
_NOUN_FOLLOWS = word_set("this that these those such")


def asked_part(question: str) -> str:
    """The one sentence, or last clause of it, that ends with a question mark; the whole question where that is unclear.

    It is unclear where several sentences ask, or where the one that does points to what another says.
    """
    sentences = [span.of(question) for span in sentence_spans(question, Span(0, len(question)))]
    asking = [sentence for sentence in sentences if sentence.rstrip("\"'”’)]").endswith("?")]
    if len(asking) != 1:
        return question
    part = _CLAUSE_END.split(asking[0])[-1].strip()
    words = words_of(part)
    if len(words) < _FEWEST_WORDS or not _asks(words) or _points_elsewhere(words):
        return question
    return part


def _asks(words: list[str]) -> bool:
    return words[0] in AUXILIARIES or not QUESTION_WORDS.isdisjoint(words)


def _points_elsewhere(words: list[str]) -> bool:
    """Whether a word stands for something that was said before; "this contract" says enough."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in _POINTING and (word not in _NOUN_FOLLOWS or following in _NO_NOUNS or not following):
            return True
    return False


_NO_NOUNS = word_set(
    "is are was were be been do does did has have had can could will would shall should may might must of in on at to "
    "for from by with and or not also mean means happen happens"
)
