"""The facts in an English sentence that can be asked for: dates, times, amounts, shares, quantities, names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Literal

from corpus.types import Span
from eval.drafting.english import IRREGULAR_PLURALS, NO_PLURALS, NOT_IN_UNITS, PREPOSITIONS, VERB_FORMS

MARK = "\ufffc"
"""Stands for a fact in its sentence."""

FactKind = Literal["date", "time", "amount", "share", "quantity", "name"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact and where it stands in its sentence; `unit` is what a quantity counts ("bins", "metres")."""

    kind: FactKind
    span: Span
    text: str
    unit: str = ""

    @property
    def is_range(self) -> bool:
        """Whether this is a stretch of time, as in "1 April to 31 October"."""
        return _RANGE.search(self.text) is not None


_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.)"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_YEAR = r"(?:1[5-9]|20)\d\d"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_DATE = (
    rf"(?:(?:{_WEEKDAY},? )?(?:the )?(?:{_DAY} {_MONTH}(?:,? {_YEAR}\b)?|{_MONTH} {_DAY}(?!\d)(?:,? {_YEAR}\b)?)"
    rf"|{_MONTH},? {_YEAR}\b|(?:fiscal(?: year)? )?\b{_YEAR}\b(?![-–,.]\d))"
)
_TIME = (
    r"(?:(?<!:)\d{1,2}:\d\d\b(?!:)(?: ?[ap]\.?m\b\.?)?|\d{1,2}(?:\.\d\d)? ?(?:[ap]\.m\.|[ap]m\b|o’clock|o'clock)"
    r"|(?:12 )?noon\b|midnight\b)"
)
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_RANGE = re.compile(r" (?:to|until|and) |[–-]")
_SMALL = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_NUMBER_WORD = (
    rf"(?i:(?:{_TENS})(?:-(?:{'|'.join(_SMALL)}))?|{'|'.join(_SMALL[1:])}|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen)"
)
_SCALE = r"(?: (?:hundred|thousand|million|billion|trillion)\b)"
_NUMBER = rf"(?:{_DIGITS}{_SCALE}?|\b{_NUMBER_WORD}\b{_SCALE}?)"
_CURRENCY = (
    r"(?:crowns?|dollars?|euros?|pounds?|cents?|francs?|yen|rupees?|kroner|kronor|pesos?"
    r"|USD|EUR|GBP|CHF|JPY|SEK|NOK|DKK|CAD|AUD|€|£)(?!\w)"
)
_SYMBOL = r"(?:(?:US|A|C|NZ)?\$|€|£|¥|(?:USD|EUR|GBP|CHF|JPY|CAD|AUD)(?= ?\d)) ?"

_MONEY = rf"{_SYMBOL}{_DIGITS}(?:{_SCALE}|(?:bn|m|k|M|K)\b)?"
_TO = r"(?: (?:to|or) | ?[–-] ?)"

_Pattern = tuple[FactKind, re.Pattern[str]]
# The first pattern that takes a place keeps it: "1,500 dollars" is an amount before it is a quantity.
_PATTERNS: tuple[_Pattern, ...] = (
    ("time", re.compile(rf"\b{_TIME}(?: (?:to|until|and|–|-) {_TIME}|[–-]{_TIME})?")),
    (
        "date",
        re.compile(rf"\b(?:{_DATE}|(?:{_DAY}|{_MONTH}) (?:to|until|and|–) {_DATE})(?: (?:to|until|and|–) {_DATE})?"),
    ),
    ("amount", re.compile(rf"(?:{_MONEY}{_TO})?{_MONEY}|(?:{_NUMBER}{_TO})?{_NUMBER} {_CURRENCY}")),
    (
        "share",
        re.compile(rf"(?:{_NUMBER}(?: ?%)?{_TO})?{_NUMBER}(?: ?%| per ?cent\b| percentage points?| basis points?)"),
    ),
)
_COUNTED = re.compile(
    rf"(?P<number>(?:(?:\bone|{_NUMBER}){_TO})?{_NUMBER}) (?=(?P<behind>(?:[a-z][a-z-]*+ ?){{1,3}})(?!['’]))"
)
_BARE_YEAR = re.compile(_YEAR)
_NO_COUNT = re.compile(rf"1|{_YEAR}")
_BEFORE_YEAR = (PREPOSITIONS - {"of", "for"}) | {"and", "fiscal", "year"}
_RATE = re.compile(r" (?:per|a|an) (?:second|minute|hour)\b")
_CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
_NAME_WORD = rf"{_CAPITAL}[\w'’-]*[\w]"
_NAME = re.compile(
    rf"(?<![\w-]){_NAME_WORD}(?: (?:(?:of|de|van|von|der|the|Ní|&) )?(?:{_NAME_WORD}|{_CAPITAL}\.(?= {_CAPITAL})))+"
)
# A sentence begins with a capital letter anyway, and these words have one without being names.
_NO_NAME = re.compile(
    rf"\b(?:{_MONTH}|{_WEEKDAY}s?|I|The)\b|-[a-z]"
    # Contracts write the words that they define with capital letters.
    r"|\b(?:Act|Agreements?|Awards?|Benefits?|Board|Committee|Company|Dates?|Employer|Executive|Notes?|Part(?:y|ies)"
    r"|Period|Plans?|Schedule|Sections?|Services?|Shares?|Stock|Terms?|Exhibit|Article|Annex|Appendix)\b"
)
_SHORTENED = re.compile(r"(?:(?<=\bInc)|(?<=\bCorp)|(?<=\bLtd)|(?<=\bCo)|(?<=\bJr)|(?<=\bSr))\.(?=.)")
_AFTER_NUMBER_LABEL = re.compile(
    r"\b(?:section|sections|article|articles|item|note|notes|no\.|nos\.|number|page|pages|figure|table|chapter|part|rule"
    r"|class|classes|form|exhibit|lot|level|step|phase|topic|asc|asu|extension|room|edition|version|schedule|appendix)\s?$",
    re.IGNORECASE,
)


@lru_cache(maxsize=16)  # all that is made of a sentence asks for its facts
def facts_in(sentence: str) -> tuple[Fact, ...]:
    """Find the facts of a sentence in the order of their places; they do not overlap."""
    found: list[Fact] = []
    for fact in chain(_by_pattern(sentence), _quantities(sentence), _names(sentence)):
        if all(fact.span.end <= other.span.start or other.span.end <= fact.span.start for other in found):
            found.append(fact)
    return tuple(sorted(found, key=lambda fact: fact.span))


def _by_pattern(sentence: str) -> Iterator[Fact]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(sentence):
            if not _is_part_of_a_label(sentence, match.start()) and not _is_modifier(sentence, match):
                yield Fact(kind, Span(*match.span()), match.group())


def _is_modifier(sentence: str, match: re.Match[str]) -> bool:
    """Tell whether a bare year only tells a thing from others: "the 2022 edition", "the Act of 1977"."""
    before = sentence[: match.start()].rsplit(None, 1)[-1:]
    return _BARE_YEAR.fullmatch(match.group()) is not None and not _BEFORE_YEAR.issuperset(map(str.lower, before))


def _quantities(sentence: str) -> Iterator[Fact]:
    for match in _COUNTED.finditer(sentence):
        unit = _unit(match["behind"])
        if unit and not _NO_COUNT.fullmatch(match["number"]) and not _is_part_of_a_label(sentence, match.start()):
            end = match.start("behind") + len(unit)
            if rate := _RATE.match(sentence, end):
                end, unit = rate.end(), unit + rate.group()
            span = Span(match.start(), end)
            yield Fact("quantity", span, span.of(sentence), unit)


def _unit(behind: str) -> str | None:
    """Take the words up to the first plural noun, such as "part-time posts"; None if something else comes first."""
    counted: list[str] = []
    for word in behind.split():
        form = VERB_FORMS.get(word)
        if word in NOT_IN_UNITS or (counted and form and form.tense == "present"):
            return None
        counted.append(word)
        if word in IRREGULAR_PLURALS or (word.endswith("s") and len(word) > 3 and word not in NO_PLURALS):
            return " ".join(counted)
    return None


def _names(sentence: str) -> Iterator[Fact]:
    for match in _NAME.finditer(sentence):
        quoted = sentence[match.start() - 1 : match.start()] in {"“", '"', "‘", "«"}
        if match.start() > 0 and not quoted and not _NO_NAME.search(match.group()):
            # The full stop of "Inc." belongs to the name.
            end = match.end() + bool(_SHORTENED.match(sentence, match.end()))
            span = Span(match.start(), end)
            yield Fact("name", span, span.of(sentence))


def _is_part_of_a_label(sentence: str, start: int) -> bool:
    """Tell whether a number names something ("Section 4") or is the later part of a range or a longer number."""
    before = sentence[:start]
    return before[-1:].isalnum() or before[-1:] in {".", ",", "/", "-"} or bool(_AFTER_NUMBER_LABEL.search(before))
