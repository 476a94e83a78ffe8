"""What kind of thing a question asks for: a person, a place, a date, a number and so on, told by its own words.

English rules: the question word decides ("who", "how many"), and behind "what" and "which" the noun that follows
("what year", "what is the name of the city"). A question that asks for an explanation, a list or a yes or no has no
type.
"""

import re
from typing import Literal

AnswerType = Literal[
    "person",
    "place",
    "organisation",
    "name",
    "date",
    "year",
    "time",
    "duration",
    "number",
    "quantity",
    "money",
    "percentage",
]


def word_set(listed: str) -> frozenset[str]:
    """The words of a list that has blanks between them."""
    return frozenset(listed.split())


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CLAUSE_ENDS = re.compile(r"[;.!?]\s")
QUESTION_WORDS = word_set("who whom whose where when what which how why")

AUXILIARIES = word_set(
    "is are was were do does did has have had can could will would shall should may might must isn't aren't doesn't "
    "don't"
)
_NOUNS: dict[AnswerType, str] = {
    "person": (
        "person man woman author writer king queen president actor actress singer scientist inventor architect "
        "captain director leader emperor player coach artist composer founder governor mayor minister pope "
        "philosopher politician explorer owner chairman ceo manager keeper physicist mathematician engineer "
        "monarch prince princess duke bishop theologian poet painter historian officer commander chancellor "
        "secretary ambassador son daughter brother sister wife husband father mother chemist lawyer doctor teacher"
    ),
    "place": (
        "country city town village place state province region continent island river street county district capital "
        "location nation planet mountain lake sea ocean harbour harbor birthplace neighborhood neighbourhood address"
    ),
    "organisation": (
        "company university college school organization organisation agency team band corporation institution "
        "institute firm bank party government department ministry museum network church club league publisher "
        "newspaper magazine station airline"
    ),
    "name": (
        "name title nickname term word treaty battle book film movie song album novel palace castle cathedral stadium "
        "airport"
    ),
    "date": "date day month era century decade deadline birthday",
    "year": "year",
    "time": "time hour",
    "duration": "duration length lifespan age lifetime",
    "number": "number population count",
    "quantity": (
        "amount distance height width depth weight speed temperature size diameter capacity mass volume limit "
        "altitude elevation pressure frequency voltage rate range ratio density"
    ),
    "money": "price cost fee fine salary wage revenue income budget fare rent tax deposit penalty profit turnover gdp",
    "percentage": "percentage percent proportion fraction share",
}
_TYPE_OF_NOUN: dict[str, AnswerType] = {noun: kind for kind, nouns in _NOUNS.items() for noun in nouns.split()}
_SIMPLE: dict[str, AnswerType] = {
    "who": "person",
    "whom": "person",
    "whose": "person",
    "where": "place",
    "when": "date",
}
_COPULAS = word_set("is was are were be been being")
# A noun phrase ends before these.
_STOPS = _COPULAS | word_set(
    "of for in on to by at with from that who whom which when where if do does did has have had can could will would "
    "shall should may might must and or as under between during about into through "
    "than makes made make located used called known"
)
_ARTICLES = word_set("the a an his her its their this that these those")
_LONGEST_PHRASE = 6
_COST_WORDS = word_set(
    "cost costs pay pays paid price charge charged charges fee fees money dollars euros pounds earn earned earns worth "
    "spend spent invest invested donate donated raise raised fine sell sold owe owed profit revenue budget"
)
_PRICE_VERBS = word_set("cost pay owe charge")
_MEASURES = word_set("far tall high wide deep heavy large big fast hot cold thick close strong")


def expected_type(question: str) -> AnswerType | None:
    """The type of thing that the question asks for; None where it is not known."""
    words = _asking_words(question)
    if not words:
        return None
    first, rest = words[0], words[1:]
    if first in _SIMPLE:
        return _SIMPLE[first]
    if first == "how":
        return _of_how(rest)
    if first not in ("what", "which"):
        return None
    if _asks_for_a_price(rest):
        return "money"
    return _of_noun(rest) or ("name" if rest[-1:] in (["called"], ["named"]) else None)


def _asks_for_a_price(rest: list[str]) -> bool:
    """Whether it goes on as in "what does a ticket cost" or "what do I have to pay"."""
    return rest[:1] in (["do"], ["does"], ["did"], ["will"], ["would"]) and not _PRICE_VERBS.isdisjoint(rest)


def _asking_words(question: str) -> list[str]:
    """The words of the last clause with a question word, from that word on."""
    for clause in reversed(_CLAUSE_ENDS.split(question)):
        words = words_of(clause)
        asking = [position for position, word in enumerate(words) if word in QUESTION_WORDS]
        if asking:
            return [] if _is_yes_or_no(words) else words[asking[0] :]
    return []


def _is_yes_or_no(words: list[str]) -> bool:
    """Whether it begins as "does it close when ..." does; "do you know when ..." asks for what follows."""
    return words[0] in AUXILIARIES and words[1:2] != ["you"]


def words_of(text: str) -> list[str]:
    """The words of a text without punctuation and the "'s" of names, upper and lower case alike."""
    return [word.replace("’", "'").removesuffix("'s") for word in _WORD.findall(text.casefold())]


def _of_how(rest: list[str]) -> AnswerType | None:
    second = rest[0] if rest else ""
    if second == "many":
        return "number"
    if second == "much":
        return "money" if _COST_WORDS.intersection(rest) else "quantity"
    if second in ("long", "old"):
        return "duration"
    return "quantity" if second in _MEASURES else None


def _of_noun(rest: list[str]) -> AnswerType | None:
    """The type of the noun phrase behind "what": its last word that has one decides.

    "The name of the city" asks for a city.
    """
    while rest and rest[0] in _COPULAS:
        rest = rest[1:]
    phrase = _phrase(rest)
    kinds = [kind for word in phrase if (kind := _type_of(word))]
    kind = kinds[-1] if kinds else None
    if kind == "name" and rest[len(phrase) : len(phrase) + 1] == ["of"]:
        return _of_noun(rest[len(phrase) + 1 :]) or "name"
    return kind


def _phrase(words: list[str]) -> list[str]:
    """The words as far as the noun phrase at their beginning may reach; an article begins another one."""
    ends = (position for position, word in enumerate(words) if word in _STOPS or (position and word in _ARTICLES))
    return words[: min(next(ends, len(words)), _LONGEST_PHRASE)]


def _type_of(word: str) -> AnswerType | None:
    return _TYPE_OF_NOUN.get(word) or _TYPE_OF_NOUN.get(_singular(word))


def _singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")
