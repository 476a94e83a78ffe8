"""Takes the main clause of an English sentence apart: subject, finite verb, and the rest with the mark of the fact."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from eval.drafting.english import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    PREPOSITIONS,
    REASONS,
    VERB_FORMS,
    VerbForm,
    words,
)
from eval.drafting.facts import MARK, Fact, facts_in
from eval.drafting.subjects import is_subject, lowered
from eval.drafting.verbs import is_auxiliary, is_finite, verb_position

# Commas inside dates and numbers end no clause: they are kept as this while the clause is taken apart.
_COMMA = "\ue000"
_MOST_OPENING_WORDS = 9
_NEAR_IN_LIST = 6
_PARENTHESIS = re.compile(r" ?\([^()]*\)")
_PAUSE = re.compile(r"([;:]\s|\s[–—-]\s|—)")
_OPENING = re.compile(r"(?P<words>[^,]+), (?P<clause>.+)", re.DOTALL)
_OPENING_FACT = re.compile(rf"(?P<preposition>On|In|Since|By|From|Until|Effective) {MARK}")
_WHEN = {"Since": "Since when", "By": "By when", "From": "From when", "Until": "Until when"}
# They link a sentence to those before and say nothing themselves.
_EMPTY_OPENINGS = words(
    "in-addition to-date in-general for-example for-instance as-well as-a-result in-particular at-present in-total "
    "in-turn by-contrast in-contrast"
)
_APPOSITION = re.compile(r"(?P<subject>[^,]+), (?P<inside>[^,]+), (?P<rest>.+)", re.DOTALL)
_ROLE = re.compile(
    r"\b(?:mayor|chair\w*|president|director|manager|officer|secretary|minister|librarian|curator|warden|master|teacher"
    r"|head|engineer|editor|author|founder|owner|clerk|keeper|inspector|captain|skipper|coxswain|organist|nurse|doctor"
    r"|physician|judge|lawyer|counsel|auditor|treasurer|leader|chief|cook|pilot|ceo|cfo|deputy|caretaker|artist|member"
    r"|brother|sister|mother|father|wife|husband|son|daughter|man|woman|assistant|professor|cheesemaker|observer)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A main clause. `form` is None for auxiliaries, which need no "do".

    `opening` is a phrase that stood in front and goes to the end of the question. In an `apposition` the fact is
    another name of the subject; with `when`, which is the question
    phrase for it, it was the opening itself.
    """

    subject: str
    verb: str
    form: VerbForm | None
    rest: str
    opening: str = ""
    when: str = ""
    apposition: bool = False

    @property
    def is_person(self) -> bool:
        """Whether the subject is called after what a person does or is."""
        return _ROLE.search(self.subject) is not None


def clause_of(sentence: str, fact: Fact, vocabulary: Mapping[str, int]) -> Clause | None:
    """Take the sentence apart; None where the patterns do not fit."""
    text = _PARENTHESIS.sub("", _marked(sentence, fact))
    pieces = _PAUSE.split(text)
    number = next((number for number, piece in enumerate(pieces) if MARK in piece), None)
    # Behind a colon or a dash stands an explanation, behind a semicolon another main clause.
    if number is None or (number > 0 and not pieces[number - 1].startswith(";")):
        return None
    piece = pieces[number]
    opening = _OPENING.fullmatch(piece)
    if opening is None or opening["words"].split()[0].lower() not in PREPOSITIONS | {"as", "effective"}:
        return _parsed(piece, fact, vocabulary)
    moved, when = _moved(opening["words"], fact)
    if moved is None:
        return None
    clause = _parsed(opening["clause"], fact, vocabulary, when)
    return replace(clause, opening=moved.replace(_COMMA, ",")) if clause else None


def _moved(opening: str, fact: Fact) -> tuple[str | None, str]:
    """Give what of the opening phrase goes to the end, None if it cannot, and the question phrase if it is the fact."""
    match = _OPENING_FACT.fullmatch(opening)
    if match and fact.kind in ("date", "time"):
        return "", "When" if fact.is_range else _WHEN.get(match["preposition"], "When")
    if MARK in opening or len(opening.split()) > _MOST_OPENING_WORDS:
        return None, ""
    small = opening[0].lower() + opening[1:]
    return "" if small.replace(" ", "-") in _EMPTY_OPENINGS else small, ""


def _marked(sentence: str, fact: Fact) -> str:
    """Put the mark where the fact is and hide commas that belong to other facts."""
    pieces, end = [], 0
    for other in facts_in(sentence):
        pieces.append(sentence[end : other.span.start])
        pieces.append(MARK if other.span == fact.span else other.text.replace(",", _COMMA))
        end = other.span.end
    return "".join([*pieces, sentence[end:]]).rstrip(".!")


def _parsed(text: str, fact: Fact, vocabulary: Mapping[str, int], when: str = "") -> Clause | None:
    apposition = _APPOSITION.fullmatch(text)
    if apposition and is_finite(apposition["rest"].split()[0]):
        if apposition["inside"] == MARK:
            return _apposition(apposition["subject"], fact, vocabulary)
        text = f"{apposition['subject']} {apposition['rest']}"
    parts = _predicate(text.split(), when)
    if parts is None:
        return None
    subject, verb, rest = parts
    form = None if is_auxiliary(verb, rest) else VERB_FORMS.get(verb)
    if not is_subject(subject) or (form is None and verb not in AUXILIARIES):
        return None
    named = lowered(" ".join(subject), vocabulary).replace(_COMMA, ",")
    return Clause(named, verb, form, " ".join(rest).replace(_COMMA, ","), when=when)


def _apposition(subject: str, fact: Fact, vocabulary: Mapping[str, int]) -> Clause | None:
    if fact.kind not in ("name", "amount") or not is_subject(subject.split()):
        return None
    return Clause(lowered(subject, vocabulary), "is", None, "", apposition=True)


def _predicate(text: Sequence[str], when: str) -> tuple[Sequence[str], str, list[str]] | None:
    """Give the words of the subject, the verb that the fact belongs to, and the words behind it."""
    position = verb_position(text)
    if position is None:
        return None
    subject, verb, rest = text[:position], text[position], list(text[position + 1 :])
    from_start = bool(when) or MARK in subject[0]
    if not from_start:
        own = _own_predicate(verb, rest)
        if own is None:
            return None
        verb, rest = own
    kept = _cut(rest, from_start)
    return None if kept is None else (subject, verb, kept)


def _own_predicate(verb: str, rest: list[str]) -> tuple[str, list[str]] | None:
    """Find the verb that the fact belongs to, in "opens at noon and closes at MARK"."""
    if not any(MARK in word for word in rest):
        return None
    place = next(number for number, word in enumerate(rest) if MARK in word)
    starts = [
        number
        for number in range(1, place)
        if is_finite(rest[number]) and (rest[number - 1] == "and" or rest[number - 1].endswith(","))
    ]
    if starts:
        start = starts[-1]
        form = VERB_FORMS.get(rest[start])
        if verb in AUXILIARIES and rest[start] not in AUXILIARIES and (form is None or form.tense != "present"):
            return None
        verb, rest, place = rest[start], rest[start + 1 :], place - start - 1
    before = rest[:place]
    if any(word.endswith(",") or word in CONJUNCTIONS | (AUXILIARIES - {"have"}) for word in before):
        return None
    return verb, rest


def _cut(rest: list[str], from_start: bool) -> list[str] | None:
    """End the clause at the first comma, second verb or reason behind the fact; None in the middle of a list."""
    begin = 0 if from_start else next(number for number, word in enumerate(rest) if MARK in word)
    if rest[begin : begin + 1] and rest[begin] in ("and", "or"):
        return None
    for number in range(begin, len(rest)):
        if rest[number].endswith(","):
            last = rest[number].rstrip(",")
            kept = rest[:number] if last in ("and", "or", "but") else [*rest[:number], last]
            return None if _is_list(rest, number) else kept
        if number > begin and (rest[number] in REASONS or _adds_another(rest, begin, number)):
            paired = number == begin + 1 and any(map(str.isdigit, "".join(rest[number + 1 : number + 2])))
            return None if paired else rest[:number]
    return rest


def _is_list(rest: Sequence[str], comma: int) -> bool:
    """Whether a comma stands between the items of a list, or two adjectives: "A, B and C", "in a clean, dry place"."""
    behind = rest[comma + 1 :]
    if not behind or behind[0] in PREPOSITIONS | CONJUNCTIONS | REASONS | AUXILIARIES:
        return False
    if comma > 0 and rest[comma - 1] in DETERMINERS and behind[0].islower():
        return True
    return behind[0] not in VERB_FORMS and any(word in ("and", "or") for word in behind[:_NEAR_IN_LIST])


def _adds_another(rest: Sequence[str], begin: int, number: int) -> bool:
    """Whether a conjunction begins another predicate or figure: "... and 420 crowns for heavier ones"."""
    if rest[number] not in ("and", "or", "but") or "between" in rest[begin:number]:
        return False
    behind = rest[number + 1 : number + 1 + _NEAR_IN_LIST]
    form = VERB_FORMS.get(behind[0]) if behind else None
    # "support" and the like are mostly nouns.
    if number == begin + 1 or (behind and behind[0] in AUXILIARIES) or (form and form.tense != "plural"):
        return True
    # As far as the noun phrase goes: "manufacturing and support facilities in 11 countries" has its own figure.
    phrase = [*behind[:1], *takewhile(lambda word: word not in PREPOSITIONS, behind[1:])]
    return any(character.isdigit() for word in phrase for character in word)
