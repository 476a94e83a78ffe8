"""What a parser must do. Implementations: `plain`, `markdown`, `html`, `pdf`, `docx`."""

from dataclasses import dataclass
from typing import Protocol

from corpus.errors import TooLargeError
from corpus.types import ParsedDocument


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """How much of one document is read at most; beyond it `TooLargeError`.

    `max_unpacked_bytes` bounds what a packed format (.docx) may unpack to: a small file can hold gigabytes.
    """

    max_bytes: int = 100_000_000
    max_pages: int = 10_000
    max_characters: int = 20_000_000
    max_unpacked_bytes: int = 200_000_000

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


class Parser(Protocol):
    """Reads one format."""

    def __call__(self, data: bytes, name: str, limits: ParseLimits) -> ParsedDocument:
        """The document in `data`; `name` serves messages and, failing anything better, the title.

        Errors: `UnreadableError` for bytes that are damaged or encrypted, `TooLargeError` beyond `limits`.
        """
