"""Text recognition on the pages of PDFs that are nothing but an image, such as scans."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from corpus.parsers.ocr.pixels import MOST_PIXELS
from corpus.parsers.ocr.recognition import Recognition, too_many_pages
from corpus.parsers.ocr.tesseract import INSTALL, RecognitionError, available
from corpus.parsers.pdf.characters import PageCharacters
from corpus.parsers.protocol import ParseOptions

if TYPE_CHECKING:
    from pypdfium2 import PdfObject, PdfPage

_DOTS_PER_POINT = 300 / 72
# A page with less text, such as a stamp or its number, may still be a scan; one whose images cover less is none.
_LEAST_LETTERS = 25
_LEAST_SHARE = 0.3
# What the file itself says is better than what is recognised, which has to be this many times longer.
_LEAST_TIMES = 2
# Maps and drawings can have very many objects; scans have few.
_MOST_OBJECTS = 5000
_DEEPEST = 4


class PdfRecognition:
    """Reads the pages of one PDF that PDFium finds no text on, as `options` allow, and keeps account of them.

    `recognition` has the metadata and the losses; `pages`, from 1, are those whose text was recognised.
    """

    def __init__(self, options: ParseOptions) -> None:
        self.recognition = Recognition(options.ocr_languages)
        self.pages: list[int] = []
        self._hindrance = _hindrance(options)

    def characters(self, number: int, page: "PdfPage", found: PageCharacters) -> PageCharacters:
        """The characters of page `number`, counted from 1: recognised if it is an image, else `found`."""
        if _letters(found.text) >= _LEAST_LETTERS or not is_image(page):
            return found
        hindrance = self._hindrance or (too_many_pages() if self.recognition.is_exhausted else "")
        if hindrance:
            self.recognition.leave_out(number, hindrance)
            return found
        try:
            return self._recognised(number, page, found) or found
        except RecognitionError as error:
            self.recognition.leave_out(number, str(error))
            return found

    def _recognised(self, number: int, page: "PdfPage", found: PageCharacters) -> PageCharacters | None:
        scale = min(_DOTS_PER_POINT, (MOST_PIXELS / max(found.width * found.height, 1)) ** 0.5)
        least = 1 + _LEAST_TIMES * _letters(found.text)
        with closing(page.render(scale=scale, grayscale=True)) as bitmap:
            read = self.recognition.read(number, bitmap.to_pil(), least)
        if read is None:
            return None
        self.pages.append(number)
        boxes = np.frombuffer(read.boxes, "<u2").reshape(-1, 4).astype(np.uint16)
        return PageCharacters(read.text, boxes, found.width, found.height)


def is_image(page: "PdfPage") -> bool:
    """Whether images cover so much of a page that it may be a scan."""
    left, bottom, right, top = page.get_bbox()
    covered = 0.0
    area: float = (right - left) * (top - bottom)
    for item in _with_images(page):
        from_left, from_bottom, to_right, to_top = item.get_bounds()
        across = min(right, to_right) - max(left, from_left)
        covered += max(0.0, across) * max(0.0, min(top, to_top) - max(bottom, from_bottom))
    return covered >= _LEAST_SHARE * area


def _with_images(page: "PdfPage") -> Iterator["PdfObject"]:
    """The page's own objects that are images or groups with images in them."""
    from pypdfium2 import raw

    outer, last = None, None
    for item in islice(page.get_objects(max_depth=_DEEPEST), _MOST_OBJECTS):
        outer = item if item.level == 0 else outer
        if item.type == raw.FPDF_PAGEOBJ_IMAGE and outer is not None and outer is not last:
            last = outer
            yield outer


def _hindrance(options: ParseOptions) -> str:
    """Why no page can be read; "" if they can."""
    if options.ocr == "off":
        return "text recognition is turned off (PINCITE_OCR)"
    return "" if available() else f"{INSTALL} to have images read"


def _letters(text: str) -> int:
    return sum(not character.isspace() for character in text)
