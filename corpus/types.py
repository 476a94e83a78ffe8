"""The values that a document is made of: spans, sections, parsed documents.

All offsets count Unicode code points of the canonical text; ends are exclusive; pages count from 1.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MetadataValue = str | int | float | bool
Metadata = Mapping[str, MetadataValue]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of a canonical text: code points `start` to `end`, end exclusive."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span needs 0 <= start <= end, not {self.start}..{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The slice of `text` that the span stands for."""
        if self.end > len(text):
            raise ValueError(f"span {self.start}..{self.end} reaches past a text of {len(text)} characters")
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Section:
    """Where a section starts, and its headings from the outermost inwards."""

    start: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a canonical text, one row a line: it reaches from `start` to `end`, its header to `header_end`.

    `header_end` is `start` for a table without a header.
    """

    start: int
    header_end: int
    end: int


@dataclass(frozen=True, slots=True)
class CellRow:
    """A row of a sheet, which stands in the text from `start` to the next row; rows and columns count from 1."""

    start: int
    row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True)
class CharacterBoxes:
    """Where the characters of a page stand on its image.

    `page` counts from 1; the first box belongs to the character at `start`, the next ones to those behind it.
    `boxes` holds four little-endian uint16 for each character: left, top, right and bottom as shares of the page's
    width and height, times 65535, counted from the top left of the page as it is shown. A character without a place
    on the page, such as a line break, has four zeros.
    """

    page: int
    start: int
    boxes: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside another one, such as a mail's attachment or a member of an archive: a document of its own.

    `name` is its path inside, with "/" between the parts; it names and never leads anywhere.
    """

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What a parser makes of a file.

    `text` is canonical (`corpus.text.canonical`). `page_starts` has one offset a page, ascending, the first 0;
    it is empty for formats without pages; a page without text has the same start as the next one.
    `sections` ascend by `start`; text before the first one belongs to no section.

    `page_labels`, one a page where there are any, are what the document itself calls its pages ("iv", a sheet's name).
    `failed_pages` could not be read: their text is lost. `losses` say in words what else is not in the text.
    `tables` and `cell_rows` ascend by `start`; `boxes` has at most one entry a page. `attachments` are documents of
    their own; a document that only holds others may have an empty text.

    Keys of `metadata` that parsers give where a file has them: "author", "subject", "keywords", "language" (ISO 639-1),
    "created" and "modified" (ISO 8601); mails: "from", "to", "cc", "date", "message_id"; text recognition:
    "ocr_confidence" (0 to 1).
    """

    text: str
    media_type: str
    title: str = ""
    page_starts: tuple[int, ...] = ()
    sections: tuple[Section, ...] = ()
    metadata: Metadata = field(default_factory=dict)
    page_labels: tuple[str, ...] = ()
    failed_pages: tuple[int, ...] = ()
    losses: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    tables: tuple[Table, ...] = ()
    cell_rows: tuple[CellRow, ...] = ()
    boxes: tuple[CharacterBoxes, ...] = ()


def page_at(page_starts: Sequence[int], offset: int) -> int | None:
    """The page, counted from 1, on which the character at `offset` stands; None for a text without pages."""
    return bisect_right(page_starts, offset) if page_starts else None


def pages_of(page_starts: Sequence[int], span: Span) -> tuple[int | None, int | None]:
    """The first and the last page that `span` touches."""
    last = max(span.start, span.end - 1)
    return page_at(page_starts, span.start), page_at(page_starts, last)


def section_at(sections: Sequence[Section], offset: int) -> tuple[str, ...]:
    """The heading path of the section that `offset` stands in; empty before the first one."""
    position = bisect_right(sections, offset, key=lambda section: section.start)
    return sections[position - 1].path if position else ()
