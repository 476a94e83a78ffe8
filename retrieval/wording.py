"""What two texts say, word by word: whether one says nothing that the other does not.

What could be a statement of its own never counts as the same: numbers, signs, negations and names that differ keep
texts apart, for those may be a conflict.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

import regex

TOKEN: Final = regex.compile(r"(?:(?<!\w)[-−+])?\d+(?:[.,:/]\d+)*|[\p{Sc}<>≤≥=±≠%‰°]|[^\W\d_]+(?:'[^\W\d_]+)*")
NEGATIONS: Final = frozenset(
    (
        "no",
        "not",
        "nor",
        "never",
        "none",
        "nobody",
        "nothing",
        "neither",
        "cannot",
        "without",
        "except",
        "unless",
        "only",
    )
)
_ARTICLES: Final = frozenset(("a", "an", "the"))
_RUN = 3
_SHARED = 0.8  # of the runs of words; texts that share less are not compared word by word
_SPELLED = 5  # letters; shorter words that differ by a letter are different words

Run = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a text, as they are written and without case, and its runs of three words."""

    written: tuple[str, ...]
    words: tuple[str, ...]
    runs: frozenset[Run]

    @property
    def facts(self) -> Counter[str]:
        """How often each of its numbers, signs, negations and words with a capital letter stands in it."""
        return Counter(
            word for word, as_written in zip(self.words, self.written, strict=True) if _is_fact(word, as_written)
        )


@lru_cache(maxsize=1_024)  # of passages, about 40 MB
def wording(text: str) -> Wording:
    """The words of a text; one without any is a word itself."""
    written = TOKEN.findall(text.replace("’", "'")) or [text.strip()]
    words = tuple(map(str.casefold, written))
    runs = frozenset(zip(words, words[1:], words[2:], strict=False) if len(words) > _RUN else (words,))
    return Wording(tuple(written), words, runs)


def is_number(word: str) -> bool:
    """Whether a word of a wording is a number."""
    return word[-1:].isdigit()


def is_negation(word: str) -> bool:
    """Whether a word of a wording turns what is said into something else."""
    return word in NEGATIONS or word.endswith("n't")


def _is_fact(word: str, as_written: str) -> bool:
    return not word[:1].isalpha() or is_negation(word) or (as_written[:1].isupper() and word not in _ARTICLES)


def says_no_more(other: Wording, shown: Wording) -> bool:
    """Whether who has read `shown` has read `other`: it is the same, or a piece of it, apart from spelling."""
    if other.words == shown.words:
        return True
    if len(other.runs & shown.runs) < _SHARED * len(other.runs) or other.facts - shown.facts:
        return False
    matcher = SequenceMatcher(None, shown.words, other.words, autojunk=False)
    differing = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    for _, first, end, other_first, other_end in differing:
        at_an_end = other_first == other_end and other_end in (0, len(other.words))
        if not at_an_end and not _same(shown.words[first:end], other.words[other_first:other_end]):
            return False
    return True


def _same(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether the words differ in articles, hyphens and letters only."""
    some, others = ([word for word in words if word not in _ARTICLES] for words in (some, others))
    if "".join(some) == "".join(others) and not any(map(is_number, some)):
        return True
    return len(some) == len(others) and all(map(_spelled_alike, some, others))


def _spelled_alike(one: str, other: str) -> bool:
    """One letter more, less or other, not the first; only in scripts with capitals, where a letter is no word."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _SPELLED or len(longer) - len(shorter) > 1 or shorter[0] != longer[0]:
        return False
    if not (one + other).isalpha() or any(letter.upper() == letter for letter in one + other):
        return False
    same = next((at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    rest = shorter[same + (len(shorter) == len(longer)) :]
    return rest == longer[same + 1 :]
