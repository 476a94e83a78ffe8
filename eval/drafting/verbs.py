"""Finds the finite verb of a clause of English words, without a model: known forms, and what stands beside them."""

from collections.abc import Sequence
from itertools import zip_longest

from eval.drafting.english import (
    AUXILIARIES,
    DETERMINERS,
    IRREGULAR_PARTICIPLES,
    IRREGULAR_PLURALS,
    PREPOSITIONS,
    SPECIFIC,
    SUBORDINATING,
    VERB_FORMS,
)
from eval.drafting.facts import MARK

_BEFORE_NOUNS = DETERMINERS | SPECIFIC
_SINGULAR_ENDINGS = ("'s", "’s", "ss", "us", "is", "as")


def is_finite(word: str) -> bool:
    """Whether the word can be the verb of a main clause."""
    return word in AUXILIARIES or word in VERB_FORMS


def is_auxiliary(verb: str, rest: Sequence[str]) -> bool:
    """Tell the "has" of "has increased" from that of "has five lanes"."""
    if verb not in ("has", "have", "had"):
        return verb in AUXILIARIES
    following = [word for word in rest[:2] if not word.endswith("ly")]
    return bool(following) and is_participle(following[0])


def is_participle(word: str) -> bool:
    """Whether a word can follow "has" or "was" as a part of the verb."""
    form = VERB_FORMS.get(word)
    return (form is not None and form.tense == "past") or word.endswith("ed") or word in IRREGULAR_PARTICIPLES


def verb_position(tokens: Sequence[str]) -> int | None:
    """Find the finite verb of the main clause; None where more than one word could be it."""
    end = next((number for number, word in enumerate(tokens) if word in SUBORDINATING), len(tokens))
    candidates = [number for number in range(1, end) if _may_be_verb(tokens, number)]
    if any(_is_unknown_past(tokens, number) for number in range(1, max(candidates, default=0))):
        return None
    for number, following in zip_longest(candidates, candidates[1:]):
        word = tokens[number]
        if word in AUXILIARIES or following is None:
            return number
        behind = tokens[number + 1].partition("/")[0]
        finite_behind = tokens[following] in AUXILIARIES or VERB_FORMS[tokens[following]].tense == "past"
        if VERB_FORMS[word].tense == "past":
            # "The goods delivered in May were ..."
            if not finite_behind or (behind not in PREPOSITIONS and MARK not in behind):
                return number
        elif behind in _BEFORE_NOUNS or not behind[0].isalpha():
            return number
        elif not finite_behind:
            return None
        # Otherwise a noun that is spelled like a verb: "operating costs rose".
    return None


def _is_unknown_past(tokens: Sequence[str], number: int) -> bool:
    """Whether a word looks like the past of a verb that we do not know, such as "alleged"."""
    word, before = tokens[number], tokens[number - 1].lower()
    return word.endswith("ed") and word not in VERB_FORMS and before not in _BEFORE_NOUNS and "-" not in word


def _may_be_verb(tokens: Sequence[str], number: int) -> bool:
    word, before = tokens[number], tokens[number - 1].lower()
    if before in ("and", "or", "to") or before.endswith(","):
        return False
    if word in AUXILIARIES:
        return True
    form = VERB_FORMS.get(word)
    if form is None or before in _BEFORE_NOUNS or before in PREPOSITIONS or before in AUXILIARIES:
        return False
    plural = (
        MARK in before
        or before in IRREGULAR_PLURALS
        or (before.endswith("s") and not before.endswith(_SINGULAR_ENDINGS))
    )
    if form.tense == "past":
        # "cost" and "set" are nouns too.
        behind = tokens[number + 1] if number + 1 < len(tokens) else ""
        return word != form.lemma or MARK in behind or behind in _BEFORE_NOUNS
    if form.tense == "plural":
        return plural and before not in VERB_FORMS
    return not plural
