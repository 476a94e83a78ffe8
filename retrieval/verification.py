"""Whether a written sentence is supported by what it cites.

It must cite something that was given; each of its numbers and names must stand in a cited sentence or in the headings
above it, and so must most of its other words; it must not deny what they affirm, nor affirm what they deny; and what it
quotes must stand there word for word. This is a test of words: it finds what was made up, not what was put together
wrongly from words that are there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import regex

from retrieval.evidence import Evidence
from retrieval.function_words import FUNCTION_WORDS

_LEAST_SHARE: Final = 0.6  # of a sentence's words of meaning, in what it cites
_NUMBER: Final = regex.compile(r"\d+(?:[.,:/'’\u202f\u00a0]\d+)*")
_GROUPED: Final = regex.compile(r"[,'’\u202f\u00a0](?=\d{3}(?!\d))")  # between thousands
_IN_WORDS: Final = """
two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen half twice thrice first
second third fourth fifth
"""
_NUMBER_WORDS: Final = frozenset(_IN_WORDS.split())
_NAME: Final = regex.compile(r"\p{Lu}[\w’'&.-]*\w|\p{Lu}|\b\w*\p{Ll}\p{Lu}\w*")
_QUOTED: Final = regex.compile(r"[\"“„«]([^\"“”„«»]{2,})[\"”“»]")
_DENIAL: Final = regex.compile(
    r"\b(?:not|no(?!\.?\s*\d)|never|none|nobody|nothing|neither|nor|without|cannot|\w+n['’]t)\b", regex.IGNORECASE
)
_WORD: Final = regex.compile(r"\w(?:[\w'’-]*\w)?")


Terms = Callable[[str, str], list[str]]
"""The words of a text in a language in the form in which a word index holds them; see `index.words`."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A sentence that was given to the model, with the title and the headings that it stands under."""

    evidence: Evidence
    context: str

    @property
    def text(self) -> str:
        """The sentence as it stands in its document."""
        return self.evidence.span.of(self.evidence.found.document_text)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A written sentence with what supports it, or with the `problem` why it is dropped; `notes` on what is kept."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    problem: str | None = None
    notes: tuple[str, ...] = ()


def verified(text: str, numbers: Sequence[int], given: Mapping[int, Numbered], terms: Terms) -> Verdict:
    """Hold a written sentence against the sentences that it cites by their numbers."""
    if not numbers:
        return Verdict(text, problem="it cites nothing")
    unknown = [number for number in numbers if number not in given]
    if unknown:
        return Verdict(text, problem=f"it cites [{unknown[0]}], which was not given")
    cited = [given[number] for number in dict.fromkeys(numbers)]
    problem = (
        _wrong_quote(text, cited)
        or _wrong_number(text, cited)
        or _wrong_name(text, cited, terms)
        or _wrong_denial(text, cited)
        or _too_few_words(text, cited, terms)
    )
    if problem is not None:
        return Verdict(text, problem=problem)
    return Verdict(text, tuple(piece.evidence for piece in cited), notes=_ambiguous_quotes(text, cited))


def _wrong_quote(text: str, cited: Sequence[Numbered]) -> str | None:
    wrong = [quote for quote in _quotes(text) if not _occurrences(quote, cited)]
    return f"{wrong[0]!r} does not stand in what it cites" if wrong else None


def _ambiguous_quotes(text: str, cited: Sequence[Numbered]) -> tuple[str, ...]:
    counts = {quote: _occurrences(quote, cited) for quote in _quotes(text)}
    return tuple(
        f"the quote {quote!r} is ambiguous: it stands {count} times in what is cited"
        for quote, count in counts.items()
        if count > 1
    )


def _quotes(text: str) -> list[str]:
    return [quote for quote in _QUOTED.findall(text) if quote.strip()]


def _occurrences(quote: str, cited: Sequence[Numbered]) -> int:
    """Without regard to white space, and to the full stop that a quote takes over."""
    wanted = "".join(quote.split()).rstrip(".,")
    return sum("".join(piece.text.split()).count(wanted) for piece in cited) if wanted else 0


def _wrong_number(text: str, cited: Sequence[Numbered]) -> str | None:
    wrong = [number for number in _numbers(text) if number not in _numbers(_held(cited))]
    return f"the number {wrong[0]} does not stand in what it cites" if wrong else None


def _numbers(text: str) -> list[str]:
    """In digits, with nothing between the thousands, and in words."""
    in_words = [word for word in _WORD.findall(text.casefold()) if word in _NUMBER_WORDS]
    return [_GROUPED.sub("", number) for number in _NUMBER.findall(text)] + in_words


def _wrong_name(text: str, cited: Sequence[Numbered], terms: Terms) -> str | None:
    language = _language(cited)
    held = set(terms(_held(cited), language))
    names = [name for name in _NAME.findall(text) if name.casefold() not in FUNCTION_WORDS]
    wrong = [name for name in names if not set(terms(name, language)) <= held]
    return f"{wrong[0]!r} does not stand in what it cites" if wrong else None


def _language(cited: Sequence[Numbered]) -> str:
    """By whose rules the words are compared: that of the first document."""
    return cited[0].evidence.found.version.language


def _held(cited: Sequence[Numbered]) -> str:
    """What supports: the cited sentences and what they stand under."""
    return "\n".join(f"{piece.text}\n{piece.context}" for piece in cited)


def _wrong_denial(text: str, cited: Sequence[Numbered]) -> str | None:
    denied = {_DENIAL.search(piece.text) is not None for piece in cited}
    return None if (_DENIAL.search(text) is not None) in denied else "it denies what it cites, or the other way round"


def _too_few_words(text: str, cited: Sequence[Numbered], terms: Terms) -> str | None:
    language = _language(cited)
    words = [word for word in _WORD.findall(text) if word.casefold() not in FUNCTION_WORDS]
    said = [term for word in words for term in terms(word, language)]
    held, own = set(terms(_held(cited), language)), {term for piece in cited for term in terms(piece.text, language)}
    supported = [term for term in said if term in held]
    if len(supported) >= _LEAST_SHARE * len(said) and not own.isdisjoint(supported):
        return None
    return f"only {len(supported)} of its {len(said)} words of meaning stand in what it cites"
