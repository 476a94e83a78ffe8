"""The text of an image of a page, and a box for each of its characters."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from struct import pack
from typing import TYPE_CHECKING

from corpus.parsers.ocr.tesseract import Box, Word, mean_confidence, recognise
from corpus.text import canonical

if TYPE_CHECKING:
    from PIL.Image import Image

# Lines that are less sure are mostly what Tesseract makes of pictures and stains: on bad scans of known pages the
# bound takes away 13 in a hundred of the wrong words and 4 in a thousand of the right ones.
_LEAST_CONFIDENCE = 0.3
# Photographs without text are read with about 0.4; no page below 0.5 had words that were right.
_LEAST_OF_PAGE = 0.45
# A line whose box is this much higher than its highest word is not level, so its words stand at different heights.
_MOST_SLANT = 1.5
_SHARE = 65535
_NO_BOX = bytes(8)
# Tesseract takes words of Chinese and Japanese apart; they are written without spaces.
_WRITTEN_TOGETHER = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60]{2}")


@dataclass(frozen=True, slots=True)
class RecognisedPage:
    r"""What was recognised on a page: lines of a paragraph are joined by `\n`, paragraphs by an empty line.

    `boxes` are for all characters of the canonical `text` (see `corpus.types.CharacterBoxes`): those of a word divide
    its box evenly, white space has none. `confidence` is the mean over the characters, from 0 to 1. `unclear_lines` is
    the number of lines that were left out because they were hardly recognised.
    """

    text: str
    boxes: bytes
    confidence: float
    unclear_lines: int = 0


def recognise_page(image: "Image", languages: str) -> RecognisedPage:
    """Recognise the text of a page; `languages` are Tesseract's names, joined by "+".

    Errors: `RecognitionError`.
    """
    return page_of(recognise(image, languages).words)


def page_of(words: Sequence[Word]) -> RecognisedPage:
    """The page with these words, which are in reading order."""
    lines = [list(line) for _, line in groupby(words, key=lambda word: word.line)]
    clear = [line for line in lines if mean_confidence(line) >= _LEAST_CONFIDENCE]
    if mean_confidence(word for line in clear for word in line) < _LEAST_OF_PAGE:
        clear = []
    kept = [word for line in clear for word in _level(line)]
    texts, boxes = [], []
    for separator, word in zip(_separators(kept), kept, strict=True):
        text = canonical(word.text)
        texts += [separator, text]
        boxes += [_NO_BOX * len(separator), _character_boxes(word.box, len(text))]
    return RecognisedPage("".join(texts), b"".join(boxes), mean_confidence(kept), len(lines) - len(clear))


def _level(line: Sequence[Word]) -> Iterator[Word]:
    """The words of a line, all as high as the line if it is level: rectangles around them are then even."""
    highest = max(word.box.bottom - word.box.top for word in line)
    for word in line:
        box, whole = word.box, word.line_box
        if whole.bottom - whole.top <= _MOST_SLANT * highest:
            box = Box(box.left, whole.top, box.right, whole.bottom)
        yield Word(word.text, box, whole, word.line, word.confidence)


def _separators(words: Sequence[Word]) -> Iterator[str]:
    """What stands before each word."""
    yield from [""][: len(words)]
    for before, word in pairwise(words):
        if word.line[:2] != before.line[:2]:
            yield "\n\n"
        elif word.line != before.line:
            yield "\n"
        else:
            yield "" if _WRITTEN_TOGETHER.fullmatch(before.text[-1] + word.text[0]) else " "


def _character_boxes(box: Box, count: int) -> bytes:
    """The boxes of the characters of a word, from left to right."""
    top, bottom = _sides(box.top, box.bottom)
    width = (box.right - box.left) / count
    characters = (_sides(box.left + width * index, box.left + width * (index + 1)) for index in range(count))
    return b"".join(pack("<4H", left, top, right, bottom) for left, right in characters)


def _sides(low: float, high: float) -> tuple[int, int]:
    """Two shares as units of 16 bits, at least one apart."""
    first = min(max(0, int(low * _SHARE)), _SHARE - 1)
    return first, min(max(first + 1, round(high * _SHARE)), _SHARE)
