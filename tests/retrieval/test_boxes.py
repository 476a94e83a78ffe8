import numpy as np
import pytest

from corpus.types import CharacterBoxes, Span
from retrieval.boxes import Box, _lines

WIDTH, HEIGHT = 1000, 1500


def page_of(*lines: str) -> tuple[str, CharacterBoxes]:
    """A page whose characters are all of one size, line below line."""
    boxes = []
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            left, top = 1000 + column * WIDTH, 2000 + row * 2 * HEIGHT
            boxes.append((0, 0, 0, 0) if character == " " else (left, top, left + WIDTH, top + HEIGHT))
        boxes.append((0, 0, 0, 0))  # the line break
    return "\n".join(lines), CharacterBoxes(3, 10, np.array(boxes[:-1], dtype="<u2").tobytes())


def rectangle(row: int, first: int, last: int) -> Box:
    shares = (
        1000 + first * WIDTH,
        2000 + row * 2 * HEIGHT,
        1000 + (last + 1) * WIDTH,
        2000 + row * 2 * HEIGHT + HEIGHT,
    )
    return Box(3, *(round(share / 65535, 5) for share in shares))


@pytest.mark.parametrize(
    ("quote", "boxes"),
    [
        ("Karn", [rectangle(0, 4, 7)]),
        ("To Karn", [rectangle(0, 1, 7)]),
        ("Karn\nat noon", [rectangle(0, 4, 7), rectangle(1, 0, 6)]),
        ("noon\ndaily", [rectangle(1, 3, 6), rectangle(2, 0, 4)]),
    ],
)
def test_one_rectangle_a_line_around_the_characters(quote, boxes):
    text, page = page_of(" To Karn", "at noon", "daily")
    start = 10 + text.index(quote)
    assert list(_lines(page, Span(start, start + len(quote)))) == boxes


def test_a_span_that_begins_or_ends_on_another_page_has_its_share_here():
    text, page = page_of("To Karn")
    assert list(_lines(page, Span(3, 12))) == [rectangle(0, 0, 1)]
    assert list(_lines(page, Span(13, 500))) == [rectangle(0, 3, 6)]
    assert list(_lines(page, Span(0, 10))) == []
    assert list(_lines(page, Span(10 + len(text), 500))) == []
