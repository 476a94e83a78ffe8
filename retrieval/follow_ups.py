"""Follow-up questions: what is searched for when a question leans on the turns before it.

A question that points back ("How does it work?"), goes on ("And unbinding?") or says hardly anything ("Average fees")
gets the words of the user's last turns that it lacks, behind its own. The words of topic alone measure better than
whole turns, and a question that stands on its own better without any: see docs/decisions/0024-follow-ups.md, and for
the idea Lin et al., "Multi-stage Conversational Passage Retrieval", ACM TOIS 39(4), 2021.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from retrieval.function_words import FUNCTION_WORDS, REFERENCES
from retrieval.types import Turn

_FEWEST_WORDS: Final = 4  # of topic, from which a question may stand on its own
_MOST_TURNS: Final = 2  # of the user's that give words: the last, and the one that it leans on itself
_MOST_WORDS: Final = 32
_FEW_WORDS: Final = 1  # of topic, up to which the question is about what the last answer named
_MOST_NAMES: Final = 6

_WORD: Final = re.compile(r"\w(?:[\w.'’-]*\w)?")
# Written without spaces: every second character counts as a word.
_UNSPACED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_GOES_ON: Final = re.compile(r"\W*(?:and|but|so|or|then|also|no|yes|i meant?|(?:what|how) about)\b", re.IGNORECASE)
_NAME: Final = re.compile(r"(?<=[\w,;:)] )[A-Z][\w’'-]+")  # a capital that begins no sentence


def searched_question(question: str, conversation: Sequence[Turn]) -> str:
    """The question with what it lacks of the turns before it; the same string where it stands on its own."""
    if not conversation or not leans_on_earlier_turns(question):
        return question
    added = _words_of_users_turns(question, conversation)
    if _size(topic_words(question)) <= _FEW_WORDS:
        added += _lacking(_names_of_last_answer(conversation), [question, *added])[:_MOST_NAMES]
    return " ".join([question.strip(), *added])


def leans_on_earlier_turns(question: str) -> bool:
    """Whether the question points back, goes on, or has too few words of topic to be understood alone.

    Pointing back and going on are known of English; of other languages, that a question is short.
    """
    words = {word.casefold() for word in _WORD.findall(question)}
    goes_on = _GOES_ON.match(question) is not None
    return goes_on or not words.isdisjoint(REFERENCES) or _size(topic_words(question)) < _FEWEST_WORDS


def topic_words(text: str) -> list[str]:
    """The words of a text that say what it is about, each once, as they are written."""
    return _lacking(_WORD.findall(text), [])


def _words_of_users_turns(question: str, conversation: Sequence[Turn]) -> list[str]:
    """Of the last turn that has any; of the one before, too, where that one leans on it."""
    added: list[str] = []
    for turn in _users_turns_that_say_something(conversation, _MOST_TURNS):
        added += _lacking(topic_words(turn), [question, *added])
        if not leans_on_earlier_turns(turn):
            break
    return added[:_MOST_WORDS]


def _users_turns_that_say_something(conversation: Sequence[Turn], most: int) -> Iterator[str]:
    """The last ones, the newest first."""
    for turn in reversed(conversation):
        if most and turn.role == "user" and topic_words(turn.text):
            most -= 1
            yield turn.text


def _names_of_last_answer(conversation: Sequence[Turn]) -> list[str]:
    answers = [turn.text for turn in conversation if turn.role == "assistant"]
    return _NAME.findall(" ".join(answers[-1:]))


def _lacking(words: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Those of the words that have a meaning of their own and that the texts do not hold, each once."""
    known = {_form(word) for text in texts for word in _WORD.findall(text)}
    found: dict[str, str] = {}
    for word in words:
        if _form(word) not in known and _has_meaning(word):
            found.setdefault(_form(word), word)
    return list(found.values())


def _form(word: str) -> str:
    """Of singular and plural, of a thing and of what is the thing's, the same."""
    plain = word.casefold().replace("’", "'").removesuffix("'s")
    return plain.removesuffix("s") if len(plain) > 3 else plain


def _has_meaning(word: str) -> bool:
    plain = word.casefold().replace("’", "'")
    is_letter = len(plain) == 1 and not plain.isdigit() and not _UNSPACED.match(plain)
    return plain not in FUNCTION_WORDS and not is_letter


def _size(words: Sequence[str]) -> int:
    """How many words these are, in whatever script."""
    unspaced = [len(_UNSPACED.findall(word)) for word in words]
    return sum((count + 1) // 2 if count else 1 for count in unspaced)
