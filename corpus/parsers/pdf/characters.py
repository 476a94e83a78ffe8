"""The characters of a page and where they stand: what PDFium reads, or anything else that reads a page."""

import ctypes
import math
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

Corners = NDArray[np.float32]
Boxes = NDArray[np.uint16]
"""Left, top, right and bottom of each character, shape (n, 4): see `corpus.types.CharacterBoxes`."""

SHARE: Final = 65535
_SAMPLE = 20
_QUARTER = 90


@dataclass(frozen=True, slots=True)
class PageCharacters:
    r"""A page's text in the order in which it was read, lines ended by `\n` or `\r\n`, and a box for each character.

    `width` and `height` are those of the page as it is shown, in points. Pages that are read by text recognition are
    made of the same four values.
    """

    text: str
    boxes: Boxes
    width: float
    height: float


def page_characters(page: "PdfPage") -> PageCharacters:
    """What PDFium reads on a page, in its order, also what stands outside of the visible area: that has no box."""
    width, height = page.get_size()
    text, corners, runs_down = _read(page)
    if runs_down:  # PDFium reads such lines from the last to the first; turned upright, it reads them well
        rotation = page.get_rotation()
        page.set_rotation((rotation + 270) % 360)
        text, corners, _ = _read(page)
        page.set_rotation(rotation)
    boxes = boxes_of(corners, page)
    boxes[np.fromiter(map(str.isspace, text), np.bool_, len(text))] = 0
    return PageCharacters(text, boxes, width, height)


def _read(page: "PdfPage") -> tuple[str, Corners, bool]:
    """The text, the corners of its characters, and whether most of it runs from the top of the shown page downwards."""
    with closing(page.get_textpage()) as text_page:
        text, indexes = _text(text_page)
        corners = _corners(text_page)[indexes]
        blank = np.fromiter(map(str.isspace, text), np.bool_, len(text))
        flat = ~blank & ((corners[:, 0] >= corners[:, 2]) | (corners[:, 1] <= corners[:, 3]))
        for place in np.flatnonzero(flat).tolist():
            corners[place] = _tight_box(text_page, int(indexes[place]))
        return text, corners, _runs_down(text_page, indexes[~blank], page.get_rotation())


def _runs_down(text_page: "PdfTextPage", indexes: NDArray[np.intp], rotation: int) -> bool:
    """Whether most of some characters all over the page are turned to the right by a quarter."""
    from pypdfium2 import raw

    sample = indexes[:: max(1, len(indexes) // _SAMPLE)].tolist()
    angles = [raw.FPDFText_GetCharAngle(text_page, index) for index in sample]
    return sum(round(math.degrees(angle) + rotation) % 360 == _QUARTER for angle in angles) > len(angles) / 2


def empty_boxes(count: int) -> Boxes:
    """Boxes for `count` characters that have no place on the page."""
    return np.zeros((count, 4), np.uint16)


def _text(text_page: "PdfTextPage") -> tuple[str, NDArray[np.intp]]:
    """The text, and for each of its characters the index in PDFium's list."""
    # `get_text_bounded` would leave out characters that the edge of the page cuts.
    text, count = text_page.get_text_range(errors="surrogatepass"), text_page.count_chars()
    return (text, np.arange(count)) if len(text) == count else _text_by_characters(text_page)


def _text_by_characters(text_page: "PdfTextPage") -> tuple[str, NDArray[np.intp]]:
    """The same where the list holds characters that are not in the text.

    A character beyond U+FFFF may be listed as two: it has the index of the first.
    """
    from pypdfium2 import raw

    indexes = [
        index
        for index in range(text_page.count_chars())
        if raw.FPDFText_GetTextIndexFromCharIndex(text_page, index) >= 0
    ]
    listed = "".join(chr(raw.FPDFText_GetUnicode(text_page, index)) for index in indexes)
    text = listed.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    if len(text) == len(listed):
        return text, np.array(indexes, np.intp)
    units = np.cumsum([0, *(1 + (ord(character) > 0xFFFF) for character in text)])[:-1]
    return text, np.array(indexes, np.intp)[units]


def _corners(text_page: "PdfTextPage") -> Corners:
    """Left, top, right and bottom of PDFium's characters in the page's own space.

    The loose boxes are as high as the font and as wide as the pen moves, so those of a line are even.
    """
    count = text_page.count_chars()
    found = np.zeros((count, 4), np.float32)
    if count:
        handle = ctypes.cast(text_page.raw, ctypes.c_void_p).value
        first = found.ctypes.data
        # `deque` runs through without a Python statement for each character: documents have millions.
        calls = map(_loose_box(), repeat(handle), range(count), range(first, first + 16 * count, 16))
        deque(calls, maxlen=0)
    return found


@cache
def _loose_box() -> Callable[[int | None, int, int], int]:
    """FPDFText_GetLooseCharBox, called with addresses: much quicker than with an object for each character."""
    from pypdfium2 import raw

    address = ctypes.cast(raw.FPDFText_GetLooseCharBox, ctypes.c_void_p).value
    prototype = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    return prototype(address or 0)


def _tight_box(text_page: "PdfTextPage", index: int) -> tuple[float, float, float, float]:
    from pypdfium2 import PdfiumError

    try:
        left, bottom, right, top = text_page.get_charbox(index)
    except PdfiumError:
        return 0, 0, 0, 0
    return left, top, right, bottom


def boxes_of(corners: Corners, page: "PdfPage") -> Boxes:
    """From points of the page's own space (left, top, right, bottom; shape (n, 4)) to shares of the page as shown.

    What is outside of the page has no box; what is on it has one of a unit at least.
    """
    first, second = _shown(corners, page)
    sides = np.concatenate([np.minimum(first, second), np.maximum(first, second)], axis=1)
    placed = corners.any(1) & (sides[:, :2] < SHARE).all(1) & (sides[:, 2:] > 0).all(1)  # not so if it is no number
    sides[~placed] = 0
    np.clip(sides, 0, SHARE, out=sides)
    boxes = np.empty(sides.shape, np.uint16)
    boxes[:, :2] = np.minimum(sides[:, :2], SHARE - 1)
    boxes[:, 2:] = np.maximum(np.ceil(sides[:, 2:]), boxes[:, :2] + np.float32(1))
    boxes[~placed] = 0
    return boxes


def _shown(corners: Corners, page: "PdfPage") -> tuple[Corners, Corners]:
    """Two opposite corners of each box as the page is shown, in units of its width and height; shape (n, 2) each."""
    left, bottom, right, top = page.get_bbox()
    across = (corners[:, [0, 2]] - np.float32(left)) * np.float32(SHARE / max(right - left, 1e-6))
    down = (np.float32(top) - corners[:, [1, 3]]) * np.float32(SHARE / max(top - bottom, 1e-6))
    x, y = {
        0: (across, down),
        90: (SHARE - down, across),
        180: (SHARE - across, SHARE - down),
        270: (down, SHARE - across),
    }[page.get_rotation()]
    return np.stack([x[:, 0], y[:, 0]], axis=1), np.stack([x[:, 1], y[:, 1]], axis=1)
