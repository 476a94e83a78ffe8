"""Where sentences stand in a canonical text: rules for full stops, abbreviations and lines, no model.

Line ends decide first: a blank line, a heading, a list item and a table row end the sentence before them,
while a single newline inside a paragraph is only a wrapped line. Inside such a block, every run of
sentence-final marks is looked at once, with a bounded number of characters around it, so the time is linear in
the length of the text.
"""

from collections.abc import Iterator
from enum import Enum, auto

import regex

from corpus.types import Span


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Sentence-final marks of all scripts, what may close behind them, and reference marks such as "[12]". The
# pattern has no condition that can fail after the first mark: a search never starts over inside a long run.
_MARKS = regex.compile(r"""([\p{Sentence_Terminal}…]+)[\p{Pe}\p{Pf}\p{Pi}"'*_]*(?:\[\d{1,3}\])*""")
# These end a sentence only before white space; the marks of other scripts (。 । ؟ ።) do wherever they stand.
_NEED_SPACE = frozenset(".!?…")
_OPENERS = "\"'“‘«„‹([{¿¡*_"
_LEADER_DOTS = 5
_REACH = 48

# Never the end of a sentence: a name or an explanation follows.
_BEFORE_WORDS = _words(
    "mr mrs ms mx dr prof st ste mt gen col maj lt cmdr adm capt sgt cpl sen rep gov pres hon rev messrs amb "
    "insp supt sra dra e.g i.e eg ie cf vs v viz approx ca resp incl excl esp"
)
# Not the end of a sentence before a number: "No. 5", "Fig. S1", "Art. IV", "Jan. 3".
_BEFORE_NUMBERS = _words(
    "no nos nr num fig figs eq eqs vol vols p pp pg sec secs art arts ch chap para paras pt tab tbl ref refs "
    "app ex ver res reg c abs jan feb mar apr jun jul aug sep sept oct nov dec"
)
_NUMBER = regex.compile(r"\d|[IVXLC]{2,}\b|[A-Z]-?\d")
# May end a sentence or not, as initials and "U.S." do: the word that follows decides.
_EITHER = _words("etc al inc ltd co corp plc llc gmbh jr sr bros est dept univ assn ave blvd rd")
_INITIALS = regex.compile(r"(?:\p{L}\.-?)+\p{L}|\p{Lu}")
_FIRST_WORD = regex.compile(r"\p{L}+(?!\.)\b")
_STARTERS = _words(
    "a after all also although an and as at because before both but by despite during each for from he her "
    "his how however if in it its many meanwhile most my on or other our she since so some such that the their "
    "then there these they this those though thus to under we what when where which while who why with you your"
)
# "1." or "(b." at the start of a sentence numbers it.
_ENUMERATOR = regex.compile(r"\(?(?:\d{1,3}|\p{L}|[ivxIVX]{1,5})")

_HEADING = regex.compile(r"[ \t]{0,3}#{1,6}[ \t]+\S")
_ITEM = regex.compile(r"\s*+(?:[-*•‣◦▪●–]|\d{1,3}[.)])\s")
# Cells with tabs between them, as rows of PDFs have; a tab behind a number ("1.\t") sets off a numbered paragraph.
_TABBED = regex.compile(r"(?!\s*+\(?\w{1,5}[.)]\t)\s*+\S[^\t]*+\t+\s*+\S")
# A wrapped line of a paragraph is rarely shorter than this.
_SHORT_LINE = 60
_CLOSED_LINE = frozenset(".!?…:;。।؟")


class _Line(Enum):
    BLANK = auto()
    HEADING = auto()
    ROW = auto()
    ITEM = auto()
    PLAIN = auto()


_ALONE = frozenset({_Line.BLANK, _Line.HEADING, _Line.ROW})


def sentence_spans(text: str, span: Span) -> list[Span]:
    """The sentences of `text` inside `span`: ordered, disjoint, without white space at their ends.

    Together they cover every character of the span that is not white space. Only the characters inside the
    span are looked at, in linear time.
    """
    piece = span.of(text)
    uncased = piece.islower()
    ranges = (
        (block + start, block + end)
        for block, block_end in _blocks(piece)
        for start, end in _ranges(piece[block:block_end], uncased=uncased)
    )
    found = (trimmed(text, Span(span.start + start, span.start + end)) for start, end in ranges)
    return [sentence for sentence in found if sentence]


def trimmed(text: str, span: Span) -> Span | None:
    """The span without the white space at its ends; None when there is nothing else."""
    piece = span.of(text)
    core = piece.lstrip()
    start = span.end - len(core)
    return Span(start, start + len(core.rstrip())) if core else None


def is_heading(line: str) -> bool:
    """Whether a line is a Markdown heading: one to six number signs, a space, a text."""
    return _HEADING.match(line) is not None


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """The stretches that no sentence leaves: paragraphs, headings, list items, table rows."""
    start = position = 0
    above, kind_above = "", _Line.BLANK
    for line in text.split("\n"):
        kind = _kind(line)
        if position > start and _is_break(above, kind_above, kind):
            yield start, position
            start = position
        position += len(line) + 1
        above, kind_above = line, kind
    yield start, len(text)


def _kind(line: str) -> _Line:
    if not line or line.isspace():
        return _Line.BLANK
    if is_heading(line):
        return _Line.HEADING
    if " | " in line or line.lstrip().startswith("|") or _TABBED.match(line):
        return _Line.ROW
    return _Line.ITEM if _ITEM.match(line) else _Line.PLAIN


def _is_break(above: str, kind_above: _Line, kind: _Line) -> bool:
    """Whether the newline between two lines ends a sentence."""
    if kind in _ALONE or kind_above is not _Line.PLAIN:
        return True
    # Below a full line, "12. " or "- " may be the middle of a wrapped sentence.
    return kind is _Line.ITEM and (len(above) < _SHORT_LINE or above.rstrip()[-1] in _CLOSED_LINE)


def _ranges(block: str, *, uncased: bool) -> Iterator[tuple[int, int]]:
    """Start and end of every sentence of a block; white space is not trimmed."""
    start = 0
    for mark in _MARKS.finditer(block):
        if _is_end(block, start, mark, uncased=uncased):
            yield start, mark.end()
            start = mark.end()
    yield start, len(block)


def _is_end(block: str, start: int, mark: regex.Match[str], *, uncased: bool) -> bool:
    """Whether the sentence that began at `start` ends with the marks `mark`."""
    run = mark.group(1)
    if not _NEED_SPACE.issuperset(run):
        return True
    behind = block[mark.end() : mark.end() + _REACH]
    if not behind[:1].isspace() or len(run) >= _LEADER_DOTS:
        return False
    behind = behind.lstrip()
    # A spaced ellipsis ". . ." goes on, and so does a table row after a full stop in a cell.
    if behind[:1] in _NEED_SPACE or behind.startswith("|"):
        return False
    behind = behind.lstrip(_OPENERS)
    # In a text without any capital letter, a small letter says nothing.
    if behind[:1].islower() and not uncased:
        return False
    return run != "." or not _is_abbreviation(block, start, mark.start(), behind)


def _is_abbreviation(block: str, start: int, stop: int, behind: str) -> bool:
    """Whether the full stop at `stop` belongs to the word before it, and the sentence goes on `behind` it."""
    near = block[max(start, stop - _REACH) : stop]
    if not near or near[-1].isspace():
        return False
    if stop - start <= _REACH and _ENUMERATOR.fullmatch(near.strip()):
        return True
    word = near.split()[-1].lstrip(_OPENERS)
    folded = word.lower()
    if folded in _BEFORE_WORDS:
        return True
    if folded in _BEFORE_NUMBERS:
        return _NUMBER.match(behind) is not None
    if folded in _EITHER or _INITIALS.fullmatch(word):
        return not _begins_sentence(behind)
    return False


def _begins_sentence(behind: str) -> bool:
    """Whether the first word is one that begins sentences and no initial ("A. Smith")."""
    first = _FIRST_WORD.match(behind)
    return first is not None and first.group().lower() in _STARTERS
