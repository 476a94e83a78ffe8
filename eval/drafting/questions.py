"""Turns an English sentence into a question for one of its facts, where simple patterns can do that without fault.

The fact is a mark in the sentence. The main clause is taken apart into subject, finite verb and the rest; the question
phrase that stands for the fact goes in front, the auxiliary before the subject. What does not fit the patterns, such as
a fact inside a subordinate clause, gets no question.
"""

import re
from collections.abc import Mapping

from eval.drafting.clauses import Clause, clause_of
from eval.drafting.english import (
    ANAPHORS,
    APPROXIMATORS,
    AUXILIARIES,
    BE,
    CHANGE,
    DEICTIC,
    GIVING,
    NEGATIONS,
    PREPOSITIONS,
    SPECIFIC,
    VERB_FORMS,
    words,
)
from eval.drafting.facts import MARK, Fact, facts_in
from eval.drafting.verbs import is_participle

_MOST_WORDS = 30
_FEWEST_WORDS = 4
_MOST_CARRIED = 6
_APPROXIMATELY = re.compile(rf"(?:^|(?<= ))(?:{'|'.join(APPROXIMATORS)}) $", re.IGNORECASE)
_DIMENSION = re.compile(r" (long|wide|deep|tall|high|thick|old)\b")
_CARRIED = re.compile(
    r" (?:in advance|before|ago|later|earlier|afterwards|away)(?= (?:if|when|in|at|by|with|to|under|during)\b|$)"
    r"| (?:of|before|after|from|per|ahead of) [\w' -]+?"
    r"(?= (?:and|or|in|on|at|by|for|with|to|under|during|from|except)\b|$)"
)
_TO_NUMBER = re.compile(r" ?to \S*\d| ?to (?:two|three|four|five|six|seven|eight|nine|ten|none)\b")
_NO_QUESTION_BEHIND = words(
    "of than from down up out off over under between before after above below as per until since about"
)
_MEASURED_FROM = (" before", " after", " from", " in advance", " ahead")
_INFINITIVE = re.compile(rf"\bto (?:{'|'.join(form for form, verb in VERB_FORMS.items() if verb.tense == 'plural')})\b")
_SINGULAR = {"are": "is", "were": "was", "have": "has"}
# What stands behind them is compared with the fact of the sentence, or gives its reason.
_COMPARED = re.compile(r"\b(?:compared|versus|than|due|relative)\b")
_WHEN = {
    "on": "When",
    "in": "When",
    "around": "When",
    "between": "When",
    "during": "When",
    "from": "From when",
    "since": "Since when",
    "until": "Until when",
    "till": "Until when",
    "by": "By when",
}
_FREE = {""} | words(
    "each a an for in on at to from by with per as during of every under up before after if when since until and or"
    " apiece within between over unless where against into across throughout while ago later earlier afterwards away"
)


def question_for(sentence: str, fact: Fact, vocabulary: Mapping[str, int]) -> str | None:
    """Make a question that the fact answers, or None; `vocabulary` counts the words inside of sentences."""
    clause = clause_of(sentence, fact, vocabulary)
    if clause is None or "respectively" in sentence:
        return None
    question = _asked(clause, fact)
    return _checked(question) if question else None


def _asked(clause: Clause, fact: Fact) -> str | None:
    if clause.apposition:
        if fact.kind == "amount":
            return f"How much is {clause.subject}"
        return f"{'Who is' if clause.is_person else 'What is the name of'} {clause.subject}"
    if clause.when:
        if _changes(clause):
            return None
        return _composed(clause.when, clause, "", clause.rest)
    if clause.subject.startswith(MARK):
        return _with_fact_as_subject(clause, fact)
    before, found, after = clause.rest.partition(MARK)
    if not found:
        return None
    if clause.subject == "there":
        return _of_existence(clause, fact, before, after)
    phrase = None if _COMPARED.search(before) else _phrase(fact, clause, before, after)
    return _composed(phrase[0], clause, phrase[1], phrase[2]) if phrase else None


def _with_fact_as_subject(clause: Clause, fact: Fact) -> str | None:
    phrase = {"quantity": f"How many {fact.unit}", "amount": "How much", "share": "What percentage"}.get(fact.kind)
    following = clause.subject.removeprefix(MARK)
    if phrase is None or following.startswith((" and", " or")) or (fact.kind == "amount" and following):
        return None
    verb = _SINGULAR.get(clause.verb, clause.verb) if fact.kind == "amount" else clause.verb
    return f"{phrase}{following} {verb} {clause.rest} {clause.opening}"


def _of_existence(clause: Clause, fact: Fact, before: str, after: str) -> str | None:
    carried = _carried(after)
    if fact.kind != "quantity" or _without_approximator(before).strip() or carried is None:
        return None
    return f"How many {fact.unit}{carried} {clause.verb} there {after[len(carried) :]} {clause.opening}"


def _composed(phrase: str, clause: Clause, before: str, after: str) -> str:
    """Put the question phrase first, then the auxiliary, then the subject."""
    verb = clause.form
    if verb is None:
        return f"{phrase} {clause.verb} {clause.subject} {before} {after} {clause.opening}"
    auxiliary = {"past": "did", "present": "does", "plural": "do"}[verb.tense]
    return f"{phrase} {auxiliary} {clause.subject} {verb.lemma} {before} {after} {clause.opening}"


_Phrase = tuple[str, str, str]


def _phrase(fact: Fact, clause: Clause, before: str, after: str) -> _Phrase | None:
    """Give the question phrase, and the rest of the clause before and behind the fact without what the phrase took."""
    if fact.kind in ("date", "time"):
        return _when(fact, clause, before, after)
    if fact.kind == "name":
        return _who_or_where(clause, before, after)
    return _how_much(fact, clause, _without_approximator(before), after)


def _when(fact: Fact, clause: Clause, before: str, after: str) -> _Phrase | None:
    rest, preposition = _split_preposition(before)
    if not preposition and not rest and clause.verb in BE and not after:
        return "When", "", ""
    phrase = "When" if fact.is_range else _WHEN.get(preposition)
    if fact.kind == "time" and preposition == "at":
        phrase = "At what time"
    if not preposition or _first(after) not in _FREE or _is_of_something_else(clause, rest):
        return None
    return (phrase, rest, after) if phrase else None


def _is_of_something_else(clause: Clause, rest: str) -> bool:
    """Whether a date may belong to another word than the verb: "... asked to move the start on 4 May"."""
    infinitives = len(_INFINITIVE.findall(rest))
    dates = any(other.kind in ("date", "time") for other in facts_in(rest))
    return dates or _changes(clause) or rest.endswith("ing") or infinitives > (clause.verb in BE)


def _changes(clause: Clause) -> bool:
    """Whether the verb says that a figure changed: its date is the least of it."""
    return clause.form is not None and clause.form.lemma in CHANGE


def _who_or_where(clause: Clause, before: str, after: str) -> _Phrase | None:
    rest, preposition = _split_preposition(before)
    if after:
        return None
    if preposition == "by" and clause.verb in BE and rest.endswith(("ed", "n", "t", "de", "ld", "id")):
        return "By whom", rest, ""
    if not preposition and not rest and clause.verb in BE:
        return ("Who" if clause.is_person else "What"), "", ""
    return None


def _how_much(fact: Fact, clause: Clause, before: str, after: str) -> _Phrase | None:
    rest, preposition = _split_preposition(before)
    if preposition in _NO_QUESTION_BEHIND or _TO_NUMBER.match(after):
        return None
    dimension = _DIMENSION.match(after) if fact.kind == "quantity" and not preposition else None
    if dimension:
        return f"How {dimension[1]}", rest, after[dimension.end() :]
    taken = _carried(after)
    if taken is None or _first(after) not in _FREE or (fact.kind == "amount" and taken):
        return None
    if not preposition and not taken.startswith(_MEASURED_FROM) and not _takes_measure(clause, rest):
        return None
    if fact.kind == "share" and not preposition and not rest and _changes(clause):
        preposition = "by"
    noun = {"amount": "how much", "share": "what percentage", "quantity": f"how many {fact.unit}"}[fact.kind]
    phrase = f"{preposition} {noun}{taken}".strip()
    return phrase[0].upper() + phrase[1:], rest, after[len(taken) :]


def _takes_measure(clause: Clause, rest: str) -> bool:
    """Whether the fact is what the verb measures or has as its object."""
    last = rest.rsplit(" ", 1)[-1]
    if not rest or last in VERB_FORMS or is_participle(last) or last in ("be", "been", "now", "also"):
        return not last.endswith("ing")
    giving = clause.form is not None and clause.form.lemma in GIVING
    return giving and last.lower() not in SPECIFIC | {"a", "an", "and", "or", "no", "same", "additional"}


def _carried(after: str) -> str | None:
    """Take the words that belong to what is counted ("of baggage"); None if it is not clear where they end."""
    match = _CARRIED.match(after)
    if match is None:
        return None if after.startswith(" of ") else ""
    taken = match.group().split()
    if _first(after[match.end() :]) in ("and", "or"):
        return None
    return None if len(taken) > _MOST_CARRIED or AUXILIARIES & set(taken) else match.group()


def _first(after: str) -> str:
    return next(iter(after.split()), "")


def _without_approximator(before: str) -> str:
    """Leave out "about" or "up to" in front of the fact: the question would say it twice."""
    return _APPROXIMATELY.sub("", before)


def _split_preposition(before: str) -> tuple[str, str]:
    rest, _, last = before.strip().rpartition(" ")
    return (rest, last.lower()) if last.lower() in PREPOSITIONS else (before.strip(), "")


def _checked(question: str) -> str | None:
    """Tidy the spaces; None for a question with a word that points outside of it, or of an odd length."""
    text = re.sub(r"\s+([,.])", r"\1", " ".join(question.split())).rstrip(" ,;:")
    used = {word.strip(",").lower() for word in text.split()}
    if (
        MARK in text
        or text.split()[-1] in DEICTIC
        or text.endswith("ing")
        or used & (ANAPHORS | NEGATIONS)
        or not _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS
    ):
        return None
    return text[0].upper() + text[1:] + "?"
