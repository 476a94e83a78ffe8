"""Where a text has dates, numbers, sums of money, names and the like: patterns, and how well each find fits.

All patterns are made so that their search is linear in the length of the text.
"""

from collections.abc import Callable, Iterator

import regex

from corpus.types import Span
from retrieval.answer_types import AnswerType, word_set

Found = Iterator[tuple[Span, float]]

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:1\d{3}|20\d{2})"
_ERA = r"(?:\s(?:BC|BCE|AD|CE)\b)"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
_ORDINAL = (
    r"(?:\d{1,2}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|"
    r"thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|twenty-first)"
)
_SMALL = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    r"eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    r"(?:-(?:one|two|three|four|five|six|seven|eight|nine))?|(?:a\s)?dozen|half)"
)
_SCALE = r"(?:hundred|thousand|million|billion|trillion|dozen)s?"
_DIGITS = r"(?<![\w.,])\d++(?:[.,]\d++)*+"
_NUMBER = rf"(?:{_DIGITS}(?:\s{_SCALE}\b)*+|\b(?:{_SMALL}\b(?:\s{_SCALE}\b)*+|(?:a\s)?{_SCALE}\b))"
_AROUND = r"(?:\s?(?:to|and|–|-)\s?)"
_RANGE = rf"{_NUMBER}(?:{_AROUND}{_NUMBER})?+"
_TIME_UNIT = r"(?:second|minute|hour|day|night|week|fortnight|month|year|decade|centur(?:y|ie)|season|semester)s?"
_CLOCK = (
    r"(?:\b\d{1,2}[:.]\d{2}(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]\.?m\b\.?|\bnoon\b|\bmidnight\b|"
    r"\b(?:half\spast\s|quarter\s(?:past|to)\s)?(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|"
    r"twelve)\so['’]?\s?clock\b|(?<=\b(?:at|from|until|till|by|before|after)\s)"
    r"(?:half\spast\s)?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b)"
)
_CURRENCY = (
    r"(?:dollars?|euros?|pounds?|cents?|pence|crowns?|francs?|marks?|yen|yuan|rupees?|pesos?|kronor|kroner|krone|rubles?|shillings?|"
    r"USD|EUR|GBP|CHF|JPY|CNY|SEK|NOK|DKK)\b"
)


def _compiled(*alternatives: str) -> "regex.Pattern[str]":
    return regex.compile("|".join(alternatives))


_YEARS = rf"\b{_YEAR}s?\b(?:(?:\s?[–-]\s?|\sto\s)(?:{_YEAR}|\d{{2}})\b)?{_ERA}?|\b\d{{1,4}}{_ERA}"
_DATES = (
    rf"\b{_DAY}\s(?:of\s)?{_MONTH}(?:,?\s{_YEAR}\b)?",
    rf"\b{_MONTH}\s{_DAY}\b(?:,?\s{_YEAR}\b)?",
    rf"\b{_MONTH}(?:\s(?:of\s)?{_YEAR}\b)?(?!\p{{Ll}})",
    r"\b\d{4}-\d{2}-\d{2}\b",
    r"\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b",
    rf"\b(?:(?:early|mid|late)[\s-])?{_ORDINAL}(?:\s(?:and|to)\s{_ORDINAL})?[\s-]centur(?:y|ies)\b{_ERA}?",
    _YEARS,
)
_PATTERNS: dict[AnswerType, "regex.Pattern[str]"] = {
    "date": _compiled(*_DATES, rf"\b{_WEEKDAY}\b(?:\s(?:to|and)\s{_WEEKDAY}\b)?", _CLOCK),
    "year": _compiled(_YEARS),
    "time": _compiled(_CLOCK),
    "duration": _compiled(
        rf"{_RANGE}(?:\sand\sa\shalf)?(?:[\s-]\p{{Ll}}++)?[\s-]{_TIME_UNIT}\b(?:\sold\b)?",
        rf"\b(?:an?|several|a\sfew|many)\s{_TIME_UNIT}\b",
        _RANGE,
    ),
    "number": _compiled(_RANGE),
    "quantity": _compiled(
        rf"[$€£¥]\s?{_RANGE}", rf"{_RANGE}(?:\s?(?:%|°\s?[CFK]?\b)|\s(?:percent|per\scent|degrees)\b|\s?\p{{L}}++)?+"
    ),
    "money": _compiled(rf"(?:[A-Z]{{2}})?[$€£¥]\s?{_RANGE}", rf"{_RANGE}\s?(?:{_CURRENCY}|[$€£¥])", _RANGE),
    "percentage": _compiled(
        rf"{_RANGE}\s?(?:%|percent\b|per\scent\b|percentage\spoints?\b)",
        r"\b(?:one|two|three|four|five|six|nine)[\s-](?:half|third|quarter|fifth|sixth|eighth|tenth)s?\b",
        r"\b(?:half|a\sthird|a\squarter|\d+/\d+)\b",
    ),
}
_CONNECTORS = r"(?:of|the|de|la|le|du|des|da|do|di|del|von|van|der|den|zu|al|bin|ibn|&|y)"
_CAPITAL = r"\p{Lu}(?:[\p{L}\p{M}\d]|['’\-.&](?=[\p{L}\d]))*+(?:(?<=\b\p{Lu}|\bSt|\bDr|\bMr|\bMrs|\bMs)\.)?+"
_NAMES = regex.compile(rf"(?<![\p{{L}}\p{{M}}\d]){_CAPITAL}(?:[ \n](?:{_CONNECTORS}[ \n]){{0,2}}{_CAPITAL}){{0,11}}+")
_QUOTED = regex.compile(r"“[^“”\n]{2,80}”|\"[^\"\n]{2,80}\"|«[^«»\n]{2,80}»")
_NO_NAME = word_set(
    "the a an this that these those it its he she his her they their them there here in on at of for from to by with "
    "and or but as if when where while who which what how why after before during since until although though because "
    "however also all some many most both each every no not one two three four five another other such i we our you "
    "your my then thus therefore moreover furthermore meanwhile today under over between through "
    "once only even around early instead along "
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december"
)
_PLACE_BEFORE = regex.compile(r"\b(?:in|at|near|from|to|into|of|around|outside|inside|through|across)\s(?:the\s)?$")
_ORGANISATIONS = regex.compile(
    r"\b(?:Company|Corporation|Corp|Inc|Ltd|LLC|University|College|School|Institute|Bank|Association|Council|Committee|"
    r"Commission|Department|Ministry|Museum|Society|Church|Club|Union|League|Group|Agency|Party|Network|Organi[sz]ation)\b"
)
_NO_PERSON = regex.compile(
    r"\b(?:Fort|River|Street|Town|City|Island|Lake|Mount|War|Battle|Treaty|Act|Exhibition|Uprising|Monument|Palace|"
    r"Empire|Kingdom|Crown|North|South|East|West|New)\b"
)
_BEFORE = 24


def candidates(text: str, kind: AnswerType) -> Found:
    """Everything in `text` that is of that type, with how well it fits: around 0, higher is better."""
    if kind in ("person", "place", "organisation", "name"):
        return _names(text, kind)
    return _plain(text, kind)


def _plain(text: str, kind: AnswerType) -> Found:
    for match in _PATTERNS[kind].finditer(text):
        if len(match.group()) > 0:
            span = Span(match.start(), match.end())
            yield span, _FITS[kind](match.group()) if kind in _FITS else 0.0


def _has_unit(value: str) -> float:
    return 0.5 if value[-1:].isalpha() and any(character.isdigit() or character == " " for character in value) else 0.0


def _is_sum(value: str) -> float:
    return 0.5 if regex.search(rf"[$€£¥]|{_CURRENCY}", value) else 0.0


def _is_duration(value: str) -> float:
    return 0.5 if regex.search(_TIME_UNIT, value) else 0.0


def _no_year(value: str) -> float:
    """A bare year is rarely a count."""
    return -0.5 if regex.fullmatch(_YEAR, value) else 0.0


_FITS: dict[AnswerType, Callable[[str], float]] = {
    "duration": _is_duration,
    "quantity": _has_unit,
    "money": _is_sum,
    "number": _no_year,
}


def _names(text: str, kind: AnswerType) -> Found:
    for match in _NAMES.finditer(text):
        span = _without_function_words(text, Span(match.start(), match.end()))
        if span is not None:
            span = _person(text, span) if kind == "person" else span
            yield span, _name_fit(text, span, kind, begins_sentence=_begins_sentence(text, match.start()))
    if kind == "name":
        for match in _QUOTED.finditer(text):
            yield Span(match.start() + 1, match.end() - 1), 0.5


def _without_function_words(text: str, span: Span) -> Span | None:
    """The name without what only begins a sentence in front of it, and without an ending such as "'s"."""
    start, value = span.start, span.of(text)
    while value:
        word = regex.split(r"[\s]", value, maxsplit=1)[0]
        if word.casefold() not in _NO_NAME and word.casefold() not in _CONNECTOR_WORDS:
            break
        value = value[len(word) :].lstrip()
    start = span.end - len(value)
    for ending in ("'s", "’s"):
        value = value.removesuffix(ending)
    return Span(start, start + len(value)) if value else None


def _person(text: str, span: Span) -> Span:
    """The name without what follows "of", unless it is a single word as in "Hero of Alexandria"."""
    name = span.of(text).split(" of ")[0]
    return Span(span.start, span.start + len(name)) if " " in name else span


_CONNECTOR_WORDS = frozenset(_CONNECTORS.strip("(?:)").split("|"))


def _begins_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 3) : start].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?:\n"


# Of a country or a belief rather than a name: "Norwegian", "Catholics".
_PEOPLE = regex.compile(
    r"\p{L}+(?:ian|ish|ese|men|man|ans|ists?|ics?|ians)|French|Greeks?|Dutch|Swiss|Viking|Germans?|Americans?"
)


def _name_fit(text: str, span: Span, kind: AnswerType, *, begins_sentence: bool) -> float:
    value = span.of(text)
    words = value.split()
    fit = -0.4 if begins_sentence and len(words) == 1 else 0.0
    before = text[max(0, span.start - _BEFORE) : span.start]
    if _PEOPLE.fullmatch(value):
        fit -= 0.4
    if kind == "place":
        return fit + (0.4 if _PLACE_BEFORE.search(before) else 0.0)
    organisation = _ORGANISATIONS.search(value) is not None
    if kind == "organisation":
        return fit + 0.4 * organisation
    if kind == "person":
        fit += 0.2 * (2 <= len(words) <= 4) - 0.2 * bool(_PLACE_BEFORE.search(before))
        fit -= 0.4 * (organisation or _NO_PERSON.search(value) is not None)
    return fit
