"""Text recognition over the pages of one document: how many were read, how surely, and which were not."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final

from corpus.parsers.ocr.page import RecognisedPage, recognise_page
from corpus.types import MetadataValue

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PAGES: Final = 30
"""How many pages of a document are recognised: a dense one takes five seconds, and a document has five minutes.

A number and not a time, so that the same file always gives the same text.
"""


class Recognition:
    """Recognises pages in `languages` (Tesseract's names, joined by "+") and keeps account of them."""

    def __init__(self, languages: str) -> None:
        self._languages = languages
        self._attempts = 0
        self._pages = 0
        self._characters = 0
        self._confidences = 0.0
        self._unclear_lines: dict[int, int] = {}
        self._unread: dict[str, list[int]] = {}

    @property
    def is_exhausted(self) -> bool:
        """Whether as many pages were looked at as may be."""
        return self._attempts >= MOST_PAGES

    def read(self, number: int, image: "Image", least: int = 1) -> RecognisedPage | None:
        """What is on page `number`, counted from 1; None if that is less than `least` characters.

        Errors: `RecognitionError`.
        """
        self._attempts += 1
        page = recognise_page(image, self._languages)
        if page.unclear_lines:
            self._unclear_lines[number] = page.unclear_lines
        if len(page.text) < least:
            return None
        self._pages += 1
        self._characters += len(page.text)
        self._confidences += page.confidence * len(page.text)
        return page

    def leave_out(self, number: int, reason: str) -> None:
        """Note that page `number`, an image, was not recognised, and why."""
        self._unread.setdefault(reason, []).append(number)

    @property
    def metadata(self) -> dict[str, MetadataValue]:
        """The values "ocr_confidence" and "ocr_pages" of a document with recognised text, nothing for others."""
        if not self._pages:
            return {}
        return {"ocr_confidence": round(self._confidences / self._characters, 3), "ocr_pages": self._pages}

    @property
    def losses(self) -> list[str]:
        """What was not read, in words."""
        losses = [
            f"{named_pages(numbers)} {'is an image' if len(numbers) == 1 else 'are images'} without text: {reason}"
            for reason, numbers in self._unread.items()
        ]
        if self._unclear_lines:
            count, pages = sum(self._unclear_lines.values()), named_pages(list(self._unclear_lines))
            losses.append(f"{count} line(s) on {pages} were too unclear to be recognised")
        return losses


def too_many_pages() -> str:
    """Why a page is left out of a document with more images than are recognised."""
    return f"text recognition reads at most {MOST_PAGES} pages of a document; split it"


def named_pages(numbers: Sequence[int]) -> str:
    """Such as "page 3" and "pages 3-5, 9"; `numbers` ascend."""
    runs = (list(run) for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]))
    ends = [(run[0][1], run[-1][1]) for run in runs]
    names = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)
    return f"page {names}" if len(numbers) == 1 else f"pages {names}"
