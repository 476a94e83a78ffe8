"""Running heads and feet: lines at the edges of pages that come again from page to page, and page numbers."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.parsers.pdf.lines import Line

# Shorter documents keep everything: a line that comes twice may be chance.
_LEAST_PAGES = 4
# So many of the pages around, and this share of them, have the line too. Numbers that count along need no share.
_LEAST_OTHERS = 3
_LEAST_SHARE = 0.45
_NEAR = 8
_MOST_LINES = 3
# Heads stand in this share of a page's height at its top, feet at its bottom, at the same height on all pages. Numbers
# of pages may follow the last line of a page wherever it ends.
_MARGIN = 0.15
_SAME_HEIGHT = 0.012
# Between a head and the text below it is a gap of this many heights of its line.
_LEAST_GAP = 0.55
_LONGEST = 200

_NUMBER = re.compile(r"\d{1,5}")
_PAGE_NUMBER = re.compile(r"[-–—|\s]*(?:[Pp]age\s*|[Pp]\.\s*|[A-Z]{1,2}-)?\d{1,5}(?:\s*(?:of|/)\s*\d{1,5})?[-–—|\s]*")
_ROMAN = re.compile(r"[ivxl]{1,8}|[IVXL]{1,8}")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50}

Place = tuple[int, int]
"""A page, from 0, and a line of it."""


@dataclass(slots=True)
class _Places:
    """Where lines stand in each form in which they may come again: the page, and the share of its height."""

    pages: int
    of: dict[str, list[tuple[int, float]]]


def running_lines(pages: Sequence[Sequence[Line]]) -> set[Place]:
    """The lines to leave out: all of a head or foot but its first, and all page numbers.

    Never all lines of a page; nothing in documents of less than four pages.
    """
    if len(pages) < _LEAST_PAGES:
        return set()
    edges = [list(_edge(lines, at_top=True)) + list(_edge(lines, at_top=False)) for lines in pages]
    places = _places(pages, edges)
    first: set[str] = set()
    found: set[Place] = set()
    for page, candidates in enumerate(edges):
        running = _running(pages, page, candidates, places)
        if len(running) == len(pages[page]):
            continue
        for index in sorted(running):
            text = pages[page][index].text
            if text in first or _counts_along(page, pages[page][index], places):
                found.add((page, index))
            first.add(text)
    return found


def _edge(lines: Sequence[Line], *, at_top: bool) -> Iterator[list[int]]:
    """The outermost rows of a page, each the indexes of lines side by side, from the edge inwards."""
    level = [index for index, line in enumerate(lines) if line.is_level]
    level.sort(key=lambda index: lines[index].middle, reverse=not at_top)
    row: list[int] = []
    rows = 0
    for index in level:
        share = lines[index].middle / lines[index].page_height
        outside = (share if at_top else 1 - share) > _MARGIN and not (rows == 0 and _is_page_number(lines[index].text))
        if outside or len(lines[index].text) > _LONGEST:
            break
        if row and not lines[index].is_beside(lines[row[0]]):
            yield row
            row, rows = [], rows + 1
            if rows == _MOST_LINES:
                return
        row.append(index)
    if row:
        yield row


def _places(pages: Sequence[Sequence[Line]], edges: Sequence[Sequence[list[int]]]) -> _Places:
    places = _Places(len(pages), defaultdict(list))
    for page, rows in enumerate(edges):
        for index in {index for row in rows for index in row}:
            line = pages[page][index]
            for form in (line.text, *_counting_forms(line.text, page)):
                places.of[form].append((page, line.middle / line.page_height))
    return places


def _counting_forms(text: str, page: int) -> Iterator[str]:
    """The line with each of its numbers as far as it is ahead of the page."""
    for number in list(_NUMBER.finditer(text))[:4]:
        yield f"{text[: number.start()]}\0{int(number.group()) - page}\0{text[number.end() :]}"
    if _ROMAN.fullmatch(text):
        yield f"\0{_roman(text.lower()) - page}\0"


def _is_page_number(text: str) -> bool:
    """Whether a line is nothing but a number, with a letter, a word or dashes around it at most."""
    return _PAGE_NUMBER.fullmatch(text) is not None


def _roman(numeral: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(-value if value < max(values[index:]) else value for index, value in enumerate(values))


def _running(
    pages: Sequence[Sequence[Line]],
    page: int,
    rows: Sequence[list[int]],
    places: _Places,
) -> set[int]:
    """The lines of a page that come again on others, from its edges inwards as far as they are set off the text."""
    lines = pages[page]
    again = {index for row in rows for index in row if _comes_again(page, lines[index], places)}
    running: set[int] = set()
    for row in rows:
        if set(row) <= again:
            running |= set(row)
    return _set_off(lines, running)


def _comes_again(page: int, line: Line, places: _Places) -> bool:
    return _is_frequent(page, line, places) or _counts_along(page, line, places)


def _is_frequent(page: int, line: Line, places: _Places) -> bool:
    """Whether most of the pages around have the same line at the same height."""
    around = min(page, _NEAR) + min(places.pages - 1 - page, _NEAR)
    return len(_same_height(page, line, places.of[line.text])) >= max(_LEAST_OTHERS, _LEAST_SHARE * around)


def _counts_along(page: int, line: Line, places: _Places) -> bool:
    """Whether enough of the pages around have the same line with a number that grows with the pages."""
    return any(
        len(_near(page, places.of[form]) if _is_page_number(line.text) else _same_height(page, line, places.of[form]))
        >= _LEAST_OTHERS
        for form in _counting_forms(line.text, page)
    )


def _same_height(page: int, line: Line, places: Sequence[tuple[int, float]]) -> set[int]:
    """The pages around that have it at the height of `line`."""
    height = line.middle / line.page_height
    return {other for other, share in _around(page, places) if abs(share - height) < _SAME_HEIGHT}


def _near(page: int, places: Sequence[tuple[int, float]]) -> set[int]:
    """The pages around that are among the places."""
    return {other for other, _ in _around(page, places)}


def _around(page: int, places: Sequence[tuple[int, float]]) -> Iterator[tuple[int, float]]:
    """The places, which ascend, on the other pages around."""
    first, last = bisect_left(places, (page - _NEAR, 0.0)), bisect_left(places, (page + _NEAR + 1, 0.0))
    return (place for place in places[first:last] if place[0] != page)


def _set_off(lines: Sequence[Line], running: set[int]) -> set[int]:
    """Those of the running lines that a gap divides from the text; those that touch it belong to it."""
    rest = [line for index, line in enumerate(lines) if index not in running and line.is_level]
    return {
        index
        for index in running
        if all(_gap(lines[index], other) >= _LEAST_GAP * lines[index].height for other in rest)
    }


def _gap(line: Line, other: Line) -> float:
    """How many points are between two lines from top to bottom; negative where they are side by side."""
    return max(other.top - line.bottom, line.top - other.bottom)
