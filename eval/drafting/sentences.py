"""The sentences of a document that can be understood alone: complete, no headings, no remains of tables."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from corpus.sentences import sentence_spans, trimmed
from corpus.types import ParsedDocument, Span, page_at
from eval.drafting.english import AUXILIARIES, BAD_OPENERS, FIRST_PERSON, PREPOSITIONS, VERB_FORMS

_WORDS = range(6, 41)
_MOST_CHARACTERS = 400
_MOST_FIGURES = 6
# A wrapped line is longer than this share of the longest one, or its next word would have fitted.
_FULL_LINE = 0.8
_NEVER_LAST = PREPOSITIONS | {"the", "a", "an", "and", "or"}

_MARKUP = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)| ?\[\d{1,3}\]")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
_ENUMERATOR = re.compile(
    r"(?:\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|\([ivx]{1,5}\)|[-*•‣◦▪●–☐]|\d{1,2}(?:\.\d{1,2})+\.?"
    r"|(?:Article|Section) \d+\.)\s+"
)
_FIGURE = re.compile(r"[$€£(]*\d[\d,.%)]*")
_CAPITALS = re.compile(r"\b[A-Z]{2,}(?: [A-Z]{2,}){2,}\b")
_REMAINS = re.compile(r"\.{4}|…|_{3}|\||☐|/s/|\.\s*\.\s*\.|https?:|www\.|[\ue000-\uf8ff\ufffc\ufffd]")
# What they speak of stands elsewhere, or a second sentence begins after "(b)".
_NOT_ALONE = re.compile(
    r"\b(?:set forth|described|listed|shown|noted|discussed|presented|outlined) (?:above|below|herein|in th)"
    r"|\b(?:as follows|following tables?|(?:table|discussion|disclosure) (?:above|below))\b"
    r"|\b(?:hereof|hereto|thereof|foregoing|incorporated (?:herein )?by reference)\b"
    r"|[.;:] \(\w{1,3}\) |[.;] \d{1,2}\.$|^[A-Z]{2,} [A-Z]+\b"
)
_INSIDE_WORD = re.compile(r"(?<=[a-z,] )[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: where it stands, and how it reads on one line without markup."""

    span: Span
    text: str


def complete_sentences(document: ParsedDocument) -> Iterator[Sentence]:
    """Yield the sentences that can be asked about, in their order."""
    text = document.text
    for span in sentence_spans(text, Span(0, len(text))):
        body = _body(text, span)
        if body is None or _crosses_pages(document, body):
            continue
        plain = plain_text(body.of(text))
        if _is_complete(plain):
            yield Sentence(body, plain)


def plain_text(source: str) -> str:
    """Write a piece of a document on one line, without the marks of Markdown."""
    return " ".join(_MARKUP.sub("", _LINK.sub(r"\1", source)).split())


def vocabulary_of(text: str) -> Counter[str]:
    """Count the words that stand inside of sentences: there, capital letters tell names."""
    return Counter(_INSIDE_WORD.findall(text))


def _body(text: str, span: Span) -> Span | None:
    """Leave out a heading that was joined to the sentence, and the number in front of it."""
    start = span.start + _heading_length(text, span)
    enumerator = _ENUMERATOR.match(text, start, span.end)
    return trimmed(text, Span(enumerator.end() if enumerator else start, span.end))


def _heading_length(text: str, span: Span) -> int:
    """Count the characters up to the last line that ends early, though the next word would have fitted."""
    sentence = span.of(text)
    if "\n" not in sentence:
        return 0
    before = span.start - text.rfind("\n", 0, span.start) - 1
    lines = sentence.split("\n")
    lengths = [before + len(lines[0]), *map(len, lines[1:])]
    position = cut = 0
    for length, (line, below) in zip(lengths, pairwise(lines), strict=False):
        position += len(line) + 1
        if _ends_early(line, length, below, max(lengths)):
            cut = position
    return cut


def _ends_early(line: str, length: int, below: str, width: int) -> bool:
    words, following = line.split(), below.split()
    if not words or not following or words[-1].lower() in _NEVER_LAST:
        return False
    begins = below[0].isupper() or below[0].isdigit() or below[0] in "(“"
    return begins and length + 1 + len(following[0]) < width * _FULL_LINE


def _crosses_pages(document: ParsedDocument, span: Span) -> bool:
    """Tell whether a page ends inside: what stands at its foot would be in the middle of the sentence."""
    return page_at(document.page_starts, span.start) != page_at(document.page_starts, span.end - 1)


def _is_complete(text: str) -> bool:
    words = text.split()
    if (
        len(words) not in _WORDS
        or len(text) > _MOST_CHARACTERS
        or not text[0].isupper()
        or not text.endswith((".", "!"))
    ):
        return False
    if words[0].strip(",").lower() in BAD_OPENERS or FIRST_PERSON & {word.strip(",.;:") for word in words}:
        return False
    if not any(_is_finite(*pair) for pair in pairwise(words)):
        return False
    return _is_balanced(text) and not _is_remains(text, words)


def _is_finite(before: str, word: str) -> bool:
    return word in AUXILIARIES or (word in VERB_FORMS and before != "to")


def _is_balanced(text: str) -> bool:
    pairs = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"))
    return all(text.count(left) == text.count(right) for left, right in pairs) and text.count('"') % 2 == 0


def _is_remains(text: str, words: list[str]) -> bool:
    """Tell whether this may be left of a table, a form or a running title."""
    figures = [_FIGURE.fullmatch(word) is not None for word in words]
    in_row = any(all(figures[start : start + 3]) for start in range(len(figures) - 2))
    capitals = sum(word[:1].isupper() for word in words[1:])
    return (
        in_row
        or capitals > len(words) / 2
        or sum(figures) > _MOST_FIGURES
        or any(pattern.search(text) for pattern in (_CAPITALS, _REMAINS, _NOT_ALONE))
    )
