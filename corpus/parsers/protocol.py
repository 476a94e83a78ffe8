"""What a parser must do. `corpus.formats` lists the implementations."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from corpus.errors import TooLargeError
from corpus.types import ParsedDocument


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """How much of one document is read at most; beyond it `TooLargeError`.

    `max_unpacked_bytes`, `max_members` and `max_ratio` bound what a packed format (.docx, .zip) may unpack to: a small
    file can hold gigabytes. `max_ratio` holds for members of more than 20 megabytes. `max_nesting` bounds archives and
    mails in one another.
    """

    max_bytes: int = 100_000_000
    max_pages: int = 10_000
    max_characters: int = 20_000_000
    max_unpacked_bytes: int = 200_000_000
    max_members: int = 10_000
    max_ratio: int = 200
    max_nesting: int = 5

    def check_bytes(self, count: int, name: str) -> None:
        """Refuse a file of `count` bytes if that is too many."""
        self._check(count, self.max_bytes, name, "bytes")

    def check_pages(self, count: int, name: str) -> None:
        """Refuse a document of `count` pages if that is too many."""
        self._check(count, self.max_pages, name, "pages")

    def check_characters(self, count: int, name: str) -> None:
        """Refuse a text of `count` characters if that is too many."""
        self._check(count, self.max_characters, name, "characters of text")

    def check_unpacked_bytes(self, count: int, name: str) -> None:
        """Refuse a packed file that holds `count` bytes if that is too many."""
        self._check(count, self.max_unpacked_bytes, name, "unpacked bytes")

    @staticmethod
    def _check(count: int, limit: int, name: str, unit: str) -> None:
        if count > limit:
            raise TooLargeError(f"{name!r} has {count:,} {unit}; the limit is {limit:,}. Split the document")


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """How documents are read.

    `passwords` are tried, in their order, on encrypted files. `ocr`: "auto" recognises the text of images and of pages
    that are nothing but an image, if Tesseract is installed; "off" never does. `ocr_languages` are Tesseract's names,
    joined by "+".
    """

    limits: ParseLimits = field(default_factory=ParseLimits)
    passwords: tuple[str, ...] = ()
    ocr: Literal["auto", "off"] = "auto"
    ocr_languages: str = "eng"


class Parser(Protocol):
    """Reads one format."""

    def __call__(self, data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
        """The document in `data`; `name` serves messages and, failing anything better, the title.

        Errors: `UnreadableError` for bytes that are damaged or encrypted, `TooLargeError` beyond the limits.
        """
