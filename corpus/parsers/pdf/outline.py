"""Where the entries of a PDF's outline stand in its text."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from corpus.parsers.sections import Heading, sections_of
from corpus.types import Section

# Long titles are broken over several lines of a page.
_MOST_LINES = 4
_SECTION_NUMBER = re.compile(r"^\s*(?:\d{1,3}(?:\.\d{1,3}){0,5}\.?|[IVXLC]{1,6}\.|[A-Z]\.)\s+")


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A bookmark: `level` counts from 1; `page`, from 0, is the page that it leads to."""

    title: str
    level: int
    page: int


def place_outline(entries: Iterable[OutlineEntry], text: str, page_starts: Sequence[int]) -> list[Heading]:
    """A heading for every entry, in the order of the outline.

    It is placed at the line of its page that is its title, after the entry before it if that is on the same page.
    Where there is no such line, it is placed where that search began: at the start of the page or of that entry.
    Entries without a title or with a page that does not exist are left out.
    """
    ends = [*page_starts[1:], len(text)]
    headings = []
    page, start = -1, 0
    for entry in entries:
        if entry.title and 0 <= entry.page < len(page_starts):
            if entry.page != page:
                page, start = entry.page, page_starts[entry.page]
            start += _line_start(entry.title, text[start : ends[page]]) or 0
            headings.append(Heading(start, entry.level, entry.title))
    return headings


def outline_sections(headings: Sequence[Heading], text: str) -> tuple[Section, ...]:
    """The sections of placed headings, ascending; their paths follow the outline even where the pages do not.

    Of two at one place the one whose title stands there comes last, for the text that follows is its own.
    """

    def place(pair: tuple[Heading, Section]) -> tuple[int, bool]:
        return pair[0].start, stands_in_text(pair[0], text)

    pairs = zip(headings, sections_of(headings), strict=True)
    return tuple(section for _, section in sorted(pairs, key=place))


def stands_in_text(heading: Heading, text: str) -> bool:
    """Whether the text at the heading's start is the heading itself, perhaps with its number."""
    wanted, lines = _letters(heading.text), text[heading.start :].split("\n", _MOST_LINES)
    return _begins_with(wanted, lines) or _begins_with(wanted, _unnumbered(lines))


def _line_start(title: str, page: str) -> int | None:
    """Where the first lines of `page` begin that are `title`, whatever the case, white space and punctuation."""
    wanted = _letters(title)
    lines = page.split("\n")
    start = 0
    for number, line in enumerate(lines):
        found = lines[number : number + _MOST_LINES]
        if _begins_with(wanted, found) or _begins_with(wanted, _unnumbered(found)):
            return start
        start += len(line) + 1
    return None


def _unnumbered(lines: Sequence[str]) -> list[str]:
    """The lines without the number of a section before the first: outlines often leave it out."""
    return [_SECTION_NUMBER.sub("", lines[0]), *lines[1:]]


def _begins_with(wanted: str, lines: Sequence[str]) -> bool:
    """Whether the first line, or the first few together, are `wanted` and nothing else."""
    found = ""
    for line in lines[:_MOST_LINES]:
        found += _letters(line)
        if not found or found == wanted or not wanted.startswith(found):  # not found: a blank line
            break
    return bool(wanted) and found == wanted


def _letters(line: str) -> str:
    return "".join(filter(str.isalnum, line)).casefold()
