"""Which English words can be the subject of a question, and how it is written inside of one."""

from collections.abc import Mapping, Sequence

from eval.drafting.english import BAD_OPENERS, BE, CONJUNCTIONS, DEICTIC, DETERMINERS, PREPOSITIONS, words

_MOST_SUBJECT_WORDS = 12
_NOUN_ENDINGS = ("tion", "tions", "sion", "ment", "ments", "ing", "ness", "ity", "ities", "ance", "ence", "s")
_PARTICLES = words("of de von van der la and")


def is_subject(tokens: Sequence[str]) -> bool:
    """Whether the words can be one noun phrase that is understood without the sentences before."""
    if len(tokens) > _MOST_SUBJECT_WORDS or any(word.endswith(",") for word in tokens):
        return False
    first = tokens[0].lower()
    if first == "there":
        return len(tokens) == 1
    if first in BAD_OPENERS | PREPOSITIONS | BE or (first.endswith("ly") and first != "family"):
        return False
    return not any(word in (CONJUNCTIONS | DEICTIC) - {"and", "or"} for word in tokens)


def lowered(subject: str, vocabulary: Mapping[str, int]) -> str:
    """Write the first word small unless it is a name; `vocabulary` counts words as they stand inside of sentences."""
    first, _, following = subject.partition(" ")
    small = first.lower()
    if small in DETERMINERS or small == "there":
        return small + subject[len(first) :]
    if following[:1].isupper() or not first[1:].islower():
        return subject
    name = first.removesuffix("'s").removesuffix("’s")
    as_name, as_word = vocabulary.get(name, 0), vocabulary.get(name.lower(), 0)
    if not as_name and not as_word:
        noun = name.endswith(_NOUN_ENDINGS) or following.split(" ")[0] not in ("", *_PARTICLES)
        return small + subject[len(first) :] if noun else subject
    return small + subject[len(first) :] if as_word >= as_name else subject
