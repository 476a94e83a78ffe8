"""From the lines of a page to its text: paragraphs, rows of tables, and a box for each character."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from corpus.parsers.pdf.characters import Boxes, empty_boxes
from corpus.parsers.pdf.lines import DIVISION_MARKS, Line
from corpus.parsers.pdf.tables import find_tables
from corpus.types import Table

# A gap this many heights of a line larger than usual begins a paragraph.
_PARAGRAPH_GAP = 0.45
_USUAL_GAP = 0.5


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line from `start` to `end`; `height` is that of its letters in points, `gap` the free space above it.

    `gap` is endless for the first line of a page.
    """

    start: int
    end: int
    height: float
    gap: float


@dataclass(slots=True)
class PageText:
    """A page's text, a box for each of its characters, its tables, and its lines that are no rows of tables.

    All offsets count from the page's start.
    """

    text: str
    boxes: Boxes
    tables: tuple[Table, ...] = ()
    lines: tuple[TextLine, ...] = ()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A line and what stands between it and the one before: nothing, a line break or a blank line."""

    line: Line
    separator: str


def page_text(lines: Sequence[Line]) -> PageText:
    """The text of a page's lines, which are in reading order."""
    tables = find_tables(lines)
    row_of = {table.start + row: line for table in tables for row, line in enumerate(table.lines)}
    shown = [row_of.get(index, line) for index, line in enumerate(lines)]
    edges = {edge for table in tables for edge in (table.start, table.end)}
    usual = _usual_gap(lines)
    placed = [
        _Placed(line, _separator(lines, index, usual, in_table=index in row_of, at_edge=index in edges))
        for index, line in enumerate(shown)
    ]
    starts, ends = _offsets(placed)
    return PageText(
        "".join(part.separator + part.line.text for part in placed),
        _all_boxes(placed),
        tuple(
            Table(
                starts[t.start], ends[t.header_end - 1] if t.header_end > t.start else starts[t.start], ends[t.end - 1]
            )
            for t in tables
        ),
        tuple(
            TextLine(starts[index], ends[index], line.height, _gap_above(lines, index))
            for index, line in enumerate(lines)
            if index not in row_of and line.is_level
        ),
    )


def _separator(lines: Sequence[Line], index: int, usual: float, *, in_table: bool, at_edge: bool) -> str:
    if index == 0:
        return ""
    above, below = lines[index - 1], lines[index]
    if above.text[-1] in DIVISION_MARKS and not in_table:
        return ""
    if at_edge:
        return "\n\n"
    return "\n\n" if not in_table and _begins_paragraph(above, below, usual) else "\n"


def _begins_paragraph(above: Line, below: Line, usual: float) -> bool:
    """Whether the gap between two lines is clearly wider than usual, and no sentence goes on over it."""
    if not (above.is_level and below.is_level) or below.middle <= above.middle or below.text[0].islower():
        return False
    return below.top - above.bottom > (usual + _PARAGRAPH_GAP) * min(above.height, below.height)


def _gap_above(lines: Sequence[Line], index: int) -> float:
    return lines[index].top - lines[index - 1].bottom if index else math.inf


def _usual_gap(lines: Sequence[Line]) -> float:
    """The gap between the lines of a paragraph, in heights of a line: that of most lines of the page."""
    gaps = sorted(
        (below.top - above.bottom) / min(above.height, below.height)
        for above, below in pairwise(lines)
        if above.is_level and below.is_level and below.middle > above.middle
    )
    return gaps[len(gaps) // 3] if len(gaps) > 3 else _USUAL_GAP


def _offsets(placed: Sequence[_Placed]) -> tuple[list[int], list[int]]:
    """Where each line starts and ends."""
    starts, ends = [], []
    position = 0
    for part in placed:
        starts.append(position + len(part.separator))
        position = starts[-1] + len(part.line.text)
        ends.append(position)
    return starts, ends


def _all_boxes(placed: Sequence[_Placed]) -> Boxes:
    def pieces() -> Iterator[Boxes]:
        for part in placed:
            yield empty_boxes(len(part.separator))
            yield part.line.boxes

    return np.concatenate([empty_boxes(0), *pieces()])


def edited(page: PageText, edits: Sequence[tuple[int, int, str]]) -> PageText:
    """The page with stretches replaced by what the edits say: start, end, and what stands there now.

    What is new has the boxes of the first characters that it replaces. Edits ascend and make nothing longer.
    """
    if not edits:
        return page
    keep = np.ones(len(page.text), np.bool_)
    pieces, position = [], 0
    for start, end, new in edits:
        pieces += [page.text[position:start], new]
        keep[start + len(new) : end] = False
        position = end
    text = "".join([*pieces, page.text[position:]])
    moved = np.concatenate([[0], np.cumsum(keep)]).tolist()
    text_lines = (replace(line, start=moved[line.start], end=moved[line.end]) for line in page.lines)
    tables = (Table(moved[table.start], moved[table.header_end], moved[table.end]) for table in page.tables)
    return PageText(text, page.boxes[keep], tuple(tables), tuple(text_lines))
