"""reStructuredText: the canonical text is the source itself; titles become sections, the fields at its top metadata.

Titles are read from their lines of adornment, as the reStructuredText Markup Specification describes them. No
directive is carried out, so no file is included and nothing is converted.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import PurePath

from corpus.media_types import RST
from corpus.parsers.decoding import canonical_text
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.sections import Heading, sections_of
from corpus.parsers.text.entries import document_metadata
from corpus.types import ParsedDocument

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1*[ \t]*")
# An adornment that is shorter than its title counts from this length on.
_SURE_LENGTH = 4
# Nobody writes longer ones; markup in them is shown as it stands, for to look for it takes the square of their length.
_LONGEST_TITLE = 500
_FIELD = re.compile(r":(?![: ])([^:\n]+):(?:[ \t]+(.*))?")
# Inline markup as it is written, and what is shown of it.
_INLINE = (
    (re.compile(r":[\w:+.-]+:`([^`<]*?)(?:\s*<[^`>]*>)?`"), r"\1"),
    (re.compile(r"``(.+?)``"), r"\1"),
    (re.compile(r"`([^`<]+?)\s*<[^`>]*>`__?"), r"\1"),
    (re.compile(r"`([^`]+)`_{0,2}"), r"\1"),
    (re.compile(r"\*{1,2}(\S(?:[^*]*\S)?)\*{1,2}"), r"\1"),
    (re.compile(r"\\(\S)"), r"\1"),
)


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The source, with a section for every title. The document's own title is its first one, else the file's name."""
    found = canonical_text(data, name, options.limits)
    lines = found.text.split("\n")
    headings = tuple(_headings(lines))
    fields = _fields(lines, headings)
    return ParsedDocument(
        text=found.text,
        media_type=RST,
        title=headings[0].text if headings else PurePath(name).stem,
        sections=sections_of(headings),
        metadata=document_metadata(fields),
        losses=found.losses,
    )


def _headings(lines: Sequence[str]) -> Iterator[Heading]:
    """The titles; the levels of their styles follow from the order in which these come up."""
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    styles: list[str] = []
    position = behind_title = 0
    while position < len(lines):
        begins = position == behind_title or not lines[position - 1].strip()
        size, style = _title_at(lines, position) if begins else (0, "")
        if size:
            if style not in styles:
                styles.append(style)
            yield Heading(starts[position], styles.index(style) + 1, _shown(lines[position + size - 2]))
            behind_title = position + size
        position += size or 1


def _title_at(lines: Sequence[str], position: int) -> tuple[int, str]:
    """How many lines the title at a line takes (0: there is none), and its style: the signs over and under it."""
    first, second, third = (lines[i].rstrip() if i < len(lines) else "" for i in range(position, position + 3))
    if _ADORNMENT.fullmatch(first):
        over = first[0] * 2
        framed = third == first and second.strip() and not _ADORNMENT.fullmatch(second)
        return (3, over) if framed and _covers(first, second) else (0, "")
    if not first or first[0].isspace() or not _ADORNMENT.fullmatch(second):
        return 0, ""
    return (2, second[0]) if _covers(second, first) else (0, "")


def _covers(adornment: str, title: str) -> bool:
    """Whether the line is long enough to adorn the title; wide characters are counted once, so a little less does."""
    return len(adornment) >= min(_SURE_LENGTH, len(title.strip()))


def _shown(title: str) -> str:
    for pattern, shown in _INLINE if len(title) <= _LONGEST_TITLE else ():
        title = pattern.sub(shown, title)
    return " ".join(title.split())


def _fields(lines: Sequence[str], headings: Sequence[Heading]) -> dict[str, str]:
    """The field list at the top of the document, or behind its title."""
    position = 0
    if headings and headings[0].start == sum(len(line) + 1 for line in lines[: _blank_until(lines, 0)]):
        top = _blank_until(lines, 0)
        position = top + _title_at(lines, top)[0]
    fields: dict[str, list[str]] = {}
    last = ""
    for line in lines[_blank_until(lines, position) :]:
        field = _FIELD.fullmatch(line)
        if field:
            last = field[1]
            fields.setdefault(last, [field[2] or ""])
        elif line[:1].isspace() and line.strip() and last:
            fields[last].append(line.strip())
        else:
            break
    return {name: " ".join(parts).strip() for name, parts in fields.items()}


def _blank_until(lines: Sequence[str], position: int) -> int:
    """The first line from `position` on that is not blank."""
    return next((i for i in range(position, len(lines)) if lines[i].strip()), len(lines))
