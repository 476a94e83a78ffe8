"""Where a piece of text stands on the images of its pages: one rectangle a line."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from corpus.layouts import boxes_of
from corpus.records import DocumentVersion
from corpus.types import CharacterBoxes, Span, pages_of

_WHOLE = 65_535


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, as shares of its width and height, counted from its top left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


def boxes_around(connection: sa.Connection, version: DocumentVersion, span: Span) -> list[Box]:
    """The rectangles around the characters of `span`, in reading order; none for a text without boxes."""
    first, last = pages_of(version.page_starts, span)
    if first is None or last is None or not version.shape.has_boxes:
        return []
    pages = (boxes_of(connection, version.number, page) for page in range(first, last + 1))
    return [box for page in pages if page is not None for box in _lines(page, span)]


def _lines(page: CharacterBoxes, span: Span) -> Iterator[Box]:
    """Neighbouring characters are on one line as long as their heights overlap and they do not go back to the left."""
    boxes = np.frombuffer(page.boxes, dtype="<u2").reshape(-1, 4)[max(0, span.start - page.start) :]
    boxes = boxes[: max(0, span.end - max(span.start, page.start))].astype(int)
    line: list[int] = []
    for left, top, right, bottom in boxes.tolist():
        if right <= left and bottom <= top:  # white space has no place
            continue
        if line and left >= line[2] - (line[3] - line[1]) and min(bottom, line[3]) > max(top, line[1]):
            line = [min(left, line[0]), min(top, line[1]), max(right, line[2]), max(bottom, line[3])]
            continue
        if line:
            yield _box(page.page, line)
        line = [left, top, right, bottom]
    if line:
        yield _box(page.page, line)


def _box(page: int, line: list[int]) -> Box:
    return Box(page, *(round(value / _WHOLE, 5) for value in line))
