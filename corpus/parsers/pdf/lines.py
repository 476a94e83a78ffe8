"""The lines of a page: pieces of its text with the place where they stand."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from corpus.parsers.pdf.characters import SHARE, Boxes, PageCharacters, empty_boxes
from corpus.text import canonical

_LINE = re.compile(r"[^\r\n]+")
# What PDFium puts in place of a hyphen and the line break behind it.
DIVISION_MARKS = "\ufffe\x02"
_DIVISION = re.compile(f"[{DIVISION_MARKS}]\\s*(?=\\S)")
# Gaps wider than this, in heights of the line, are more than a space.
_WIDE_GAP = 0.75


@dataclass(slots=True)
class Cell:
    """A piece of a line between wide gaps: characters `start` to `end` of it, from `left` to `right` in points."""

    start: int
    end: int
    left: float
    right: float


@dataclass(slots=True)
class Line:
    """A line of text and its place on the page as shown, in points from the top left.

    `boxes` has four shares for each character (see `PageCharacters`). `height` is that of its middle character. A line
    without a place on the page is as high as nothing, at the top left.
    """

    text: str
    boxes: Boxes
    width: float
    """Width of the page in points."""
    page_height: float
    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    height: float = 0.0
    _cells: list[Cell] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        boxes = self.boxes[self.boxes[:, 2] > 0]
        if not len(boxes):
            return
        across, down = self.width / SHARE, self.page_height / SHARE
        lowest, highest = np.minimum.reduce(boxes).tolist(), np.maximum.reduce(boxes).tolist()
        self.left, self.top = lowest[0] * across, lowest[1] * down
        self.right, self.bottom = highest[2] * across, highest[3] * down
        heights = boxes[:, 3] - boxes[:, 1]
        heights.sort()
        self.height = float(heights[len(heights) // 2]) * down

    @property
    def is_level(self) -> bool:
        """Whether the line has a place on the page and runs from left to right, not up or down."""
        return self.height > 0 and self.bottom - self.top < 2.5 * self.height

    @property
    def middle(self) -> float:
        """How far down the page its middle is, in points."""
        return (self.top + self.bottom) / 2

    def is_beside(self, other: "Line") -> bool:
        """Whether both stand at the same height of the page."""
        shared = min(self.bottom, other.bottom) - max(self.top, other.top)
        return shared > 0.6 * min(self.bottom - self.top, other.bottom - other.top)

    def cells(self) -> list[Cell]:
        """The pieces between gaps that are wider than a space."""
        if self._cells is None:
            self._cells = list(self._pieces()) if self.is_level else [Cell(0, len(self.text), self.left, self.right)]
        return self._cells

    def _pieces(self) -> Iterator[Cell]:
        placed = np.flatnonzero(self.boxes[:, 2])
        lefts, rights = self.boxes[placed, 0].astype(np.int32), self.boxes[placed, 2].astype(np.int32)
        across = self.width / SHARE
        wide = np.flatnonzero((lefts[1:] - rights[:-1]) * across > _WIDE_GAP * self.height)
        gaps = [gap for gap in wide.tolist() if self.text[placed[gap] : placed[gap + 1] + 1].split(maxsplit=1)[1:]]
        for first, after in pairwise([-1, *gaps, len(placed) - 1]):
            start = int(placed[first + 1]) if first >= 0 else 0
            end = int(placed[after]) + 1 if after < len(placed) - 1 else len(self.text)
            inside = slice(first + 1, after + 1)
            yield Cell(start, end, float(lefts[inside].min()) * across, float(rights[inside].max()) * across)

    def part(self, start: int, end: int) -> "Line":
        """The characters `start` to `end` as a line of their own."""
        return Line(self.text[start:end], self.boxes[start:end], self.width, self.page_height)

    def stripped(self) -> "Line":
        """The line without white space at its ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, start + len(self.text.strip()))


def lines_of(page: PageCharacters) -> list[Line]:
    """The lines of a page in its order, without white space at their ends; blank ones are left out."""
    lines = []
    for found in _LINE.finditer(page.text):
        for start, end in _undivided(found.group(), page, found.start()):
            text = page.text[start:end]
            if not text.isspace():
                start += len(text) - len(text.lstrip())
                text = text.strip()
                lines.append(Line(canonical(text), page.boxes[start : start + len(text)], page.width, page.height))
    return lines


def _undivided(line: str, page: PageCharacters, offset: int) -> Iterator[tuple[int, int]]:
    """Where the lines begin and end that are one in the text because a word is divided between them."""
    start = 0
    for mark in _DIVISION.finditer(line):
        above, below = page.boxes[offset + mark.start()], page.boxes[offset + mark.end()]
        if below[1] > (int(above[1]) + int(above[3])) // 2:
            yield offset + start, offset + mark.end()
            start = mark.end()
    yield offset + start, offset + len(line)


def joined(parts: Sequence[Line], separator: str) -> Line:
    """Lines put together to one."""
    gap = empty_boxes(len(separator))
    boxes = [piece for part in parts for piece in (gap, part.boxes)][1:]
    text = separator.join(part.text for part in parts)
    return Line(text, np.concatenate(boxes), parts[0].width, parts[0].page_height)
