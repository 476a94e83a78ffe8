"""The sentences of a passage as they can be shown: without a list's marks, and never a column of lines as one."""

from collections.abc import Iterator

import regex

from corpus.sentences import sentence_spans, trimmed
from corpus.types import Span

# "1.", "(2)", "b)", "(iv)", "§ 3", "2.1.4", bullets, signs of quotation and of headings; not "3. May" or "12. 5. 2020".
_FORMS = (
    r"(?:[-*•‣◦▪●–>]|#{1,6}|\(?\d{1,3}\)|\d{1,3}\.(?!\s*+(?:\d|\p{Lu}?\p{Ll}++\s\d))|\d{1,2}(?:\.\d{1,2}){1,3}\.?|"
    r"\(?\p{Ll}\)|\((?:\p{Lu}|[ivx]{1,5})\)|§{1,2}\s?\d{1,4}\p{Ll}?\.?)"
)
_MARK = regex.compile(_FORMS + r"\s++(?=\S)")
_ONLY_A_MARK = regex.compile(r"\d{1,2}(?:\.\d{1,2}){0,3}\.|\(?\w{1,3}\)|[-*•‣◦▪●–>#§]+")
_MOST_MARKS = 3  # "§ 3 (1) a) "
_CLOSED = frozenset(".!?…:;,。।؟-")
_SHORT_LINE = 60
_FEWEST_LINES = 3
_BEGINNINGS = 0.8  # the share of a column's lines that begin like one of their own


def shown_sentences(text: str, span: Span) -> list[Span]:
    """The sentences of `text` inside `span`: ordered, disjoint, none of them blank or a mark alone."""
    pieces = (piece for sentence in sentence_spans(text, span) for piece in _lines(text, sentence))
    return [_body(text, piece) for piece in pieces if not _ONLY_A_MARK.fullmatch(text, piece.start, piece.end)]


def _body(text: str, sentence: Span) -> Span:
    """The sentence without the marks at the beginning of its line."""
    start = sentence.start
    if not _begins_line(text, start):
        return sentence
    for _ in range(_MOST_MARKS):
        mark = _MARK.match(text, start, sentence.end)
        if mark is None:
            break
        start = mark.end()
    return Span(start, sentence.end)


def _begins_line(text: str, position: int) -> bool:
    while position and text[position - 1] in " \t":
        position -= 1
    return not position or text[position - 1] == "\n"


def _lines(text: str, sentence: Span) -> Iterator[Span]:
    """The sentence, or its lines where it is a column of short ones without any full stop."""
    lines = sentence.of(text).split("\n")
    if not _is_column(lines):
        yield sentence
        return
    start = sentence.start
    for line in lines:
        piece = trimmed(text, Span(start, start + len(line)))
        if piece is not None:
            yield piece
        start += len(line) + 1


def _is_column(lines: list[str]) -> bool:
    """Whether lines are entries below each other; those of a wrapped sentence are longer or go on in small letters."""
    if len(lines) < _FEWEST_LINES or any(len(line) > _SHORT_LINE for line in lines):
        return False
    if any(line.rstrip()[-1:] in _CLOSED for line in lines[:-1]):
        return False
    own = sum(not line.lstrip()[:1].islower() for line in lines[1:])
    return own >= _BEGINNINGS * (len(lines) - 1)
