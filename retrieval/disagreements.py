"""Whether two sentences that answer one question contradict each other: they say the same but for one value.

Cautious rules over words: numbers, names and negations are compared where the sentences run alike. Anything else that
differs may mean that they speak of different things, and then nothing is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

import regex

from corpus.document_dates import dates_in
from index.stopwords import ENGLISH
from retrieval.answer_strings import PatternReader
from retrieval.answer_types import AnswerType, expected_type, word_set, words_of
from retrieval.wording import TOKEN, is_negation

Kind = Literal["number", "name", "word"]

_ALIKE = 0.6  # share of the words, apart from values, that sentences must have in common
_ALIKE_WITH_ANSWER = 0.4  # the same where each has a value of the type that the question asks for
_FEWEST = 2  # common words
_STEM = 5  # letters that tell a word from others without regard to its ending
_NUMBER_WORDS: Final = {
    word: str(number)
    for number, word in enumerate(
        (
            *(
                "zero",
                "one",
                "two",
                "three",
                "four",
                "five",
                "six",
                "seven",
                "eight",
                "nine",
                "ten",
                "eleven",
                "twelve",
            ),
            *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
        )
    )
}
_CALENDAR: Final = word_set(
    "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays "
    "sundays january february march april may june july august september october november december"
)
_TIMES: Final = word_set("noon midnight daily weekly monthly yearly")
_SINCE = regex.compile(
    r"\b(?:as\s+of|as\s+from|with\s+effect\s+from|effective|starting|from|since|on\s+and\s+after)\s*(?:the\s+)?$",
    regex.IGNORECASE,
)
_NO_LONGER = regex.compile(r"\b(?:no longer|cease[sd]? to|abolished|repealed|withdrawn)\b", regex.IGNORECASE)
_READER = PatternReader()


@dataclass(frozen=True, slots=True)
class Difference:
    """What the two sentences say instead of each other, as it is written there."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class _Word:
    key: str
    kind: Kind
    start: int
    end: int


def difference(question: str, one: str, other: str) -> Difference | None:
    """In what two sentences contradict each other as answers to the question; None where that is not plain."""
    words, others = _words(one), _words(other)
    blocks = _blocks(words, others)
    common = len([word for word in words if word.kind == "word"]) - sum(_plain(some) for some, _ in blocks)
    plain = sum(_plain(each) for each in (words, others))
    alike = 2 * common / plain if plain else 0.0
    enough = common >= _FEWEST or (common and alike == 1)
    if not enough or alike < _ALIKE_WITH_ANSWER or _names_apart(question, blocks):
        return None
    valued = [block for block in blocks if any(word.kind == "number" for side in block for word in side)]
    asked = expected_type(question)
    answers = None if asked is None else _of_answers(question, (one, other), valued, asked)
    if answers is not None or alike < _ALIKE:
        return answers
    if _is_negated(one) != _is_negated(other):
        return None if valued else Difference(_short(one), _short(other))
    return _of_values((one, other), blocks, valued) if asked is None else None


def _of_answers(
    question: str, sentences: tuple[str, str], valued: Sequence["_Block"], asked: AnswerType
) -> Difference | None:
    """The differing values of the type that the question asks for, if nothing else differs in numbers."""
    found = [_READER.read(question, sentence) for sentence in sentences]
    if not all(found):
        return None
    spans = [answers[0].span for answers in found]
    values = [span.of(sentence) for span, sentence in zip(spans, sentences, strict=True)]
    if asked in ("person", "place", "organisation", "name"):
        one, other = (set(words_of(value)) for value in values)
        return None if one & other or valued else Difference(*values)
    if len(valued) != 1 or _values(values[0]) == _values(values[1]) or not _same_unit(*values):
        return None
    inside = (
        span.start <= word.start < span.end
        for span, side in zip(spans, valued[0], strict=True)
        for word in side
        if word.kind == "number"
    )
    return Difference(*values) if all(inside) else None


def _of_values(sentences: tuple[str, str], blocks: Sequence["_Block"], valued: Sequence["_Block"]) -> Difference | None:
    """The one place where they have other numbers or names, if the question does not say what it asks for."""
    named = [block for block in blocks if all(any(word.kind == "name" for word in side) for side in block)]
    differing = [*valued, *named]
    if len(differing) != 1:
        return None
    block = differing[0]
    if not all(sum(word.kind != "word" for word in side) == 1 for side in block):
        return None
    one, other = (_with_unit(sentence, side) for sentence, side in zip(sentences, block, strict=True))
    return Difference(one, other)


# --- words ------------------------------------------------------------------------------------------------------

_Block = tuple[Sequence[_Word], Sequence[_Word]]


def _words(text: str) -> list[_Word]:
    """The words that tell something, without the date from which on the rest holds and without negations."""
    dates = [(start, end) for _, start, end in _effective(text)]
    found = []
    for position, match in enumerate(TOKEN.finditer(text)):
        written = match.group()
        key = _NUMBER_WORDS.get(written.casefold(), written.casefold())
        inside = any(start <= match.start() < end for start, end in dates)
        if inside or is_negation(key) or (key in ENGLISH and not key.isdigit()):
            continue
        kind = _kind(key, written, position)
        found.append(_Word(key if kind == "number" else key[:_STEM], kind, match.start(), match.end()))
    return found


def _kind(key: str, written: str, position: int) -> Kind:
    if not key[0].isalpha() or key in _TIMES or (key in _CALENDAR and written[0].isupper()):
        return "number"
    return "name" if position and written[0].isupper() else "word"


def _blocks(words: Sequence[_Word], others: Sequence[_Word]) -> list[_Block]:
    """The runs of words in which the two differ."""
    keys, other_keys = ([word.key for word in each] for each in (words, others))
    codes = SequenceMatcher(None, keys, other_keys, autojunk=False).get_opcodes()
    return [(words[a:b], others[c:d]) for tag, a, b, c, d in codes if tag != "equal"]


def _plain(words: Sequence[_Word]) -> int:
    return sum(word.kind == "word" for word in words)


def _names_apart(question: str, blocks: Sequence[_Block]) -> bool:
    """Whether one of them has a name that neither the other nor the question has, and the question asks for no name."""
    if expected_type(question) in ("person", "place", "organisation", "name"):
        return False
    asked = {word[:_STEM] for word in words_of(question)}
    one, other = (
        any(word.kind == "name" and word.key not in asked for block in blocks for word in block[side])
        for side in (0, 1)
    )
    return one != other or (one and other and expected_type(question) is not None)


def _is_negated(text: str) -> bool:
    negations = sum(is_negation(match.group().casefold()) for match in TOKEN.finditer(text))
    return bool((negations + len(_NO_LONGER.findall(text))) % 2) or bool(_NO_LONGER.search(text))


def _values(value: str) -> list[str]:
    return [word.key for word in _words(value) if word.kind == "number"]


def _same_unit(one: str, other: str) -> bool:
    units = [{word.key for word in _words(value) if word.kind != "number"} for value in (one, other)]
    return not units[0] or not units[1] or bool(units[0] & units[1])


def _with_unit(sentence: str, side: Sequence[_Word]) -> str:
    """The words of a block with the word behind them, which says of what a number is."""
    values = [word for word in side if word.kind != "word"]
    following = regex.match(r"[^\S\n]?[\p{L}%°]+", sentence[values[-1].end :])
    end = values[-1].end + (following.end() if following and values[-1].kind == "number" else 0)
    return sentence[values[0].start : end]


def _short(sentence: str) -> str:
    text = " ".join(sentence.split())
    return f"“{text}”" if len(text) <= 160 else f"“{text[:159]}…”"


def _effective(text: str) -> Iterator[tuple[str, int, int]]:
    """The dates from which on something holds: ISO 8601, and where the phrase begins and ends."""
    for date, start, end in dates_in(text):
        before = _SINCE.search(text[max(0, start - 40) : start])
        if before is not None:
            yield date.written, start - len(before.group()), end


def holds_since(text: str) -> str | None:
    """The date, ISO 8601, from which on a sentence says that it holds ("As of 1 March 2024")."""
    return next((date for date, _, _ in _effective(text)), None)
