"""What is gathered while an Office file is read: text on pages (slides, sheets), sections, files inside, losses."""

from collections import Counter

from corpus.parsers.blocks import BlockText
from corpus.parsers.protocol import ParseLimits
from corpus.parsers.sections import sections_of
from corpus.types import Attachment, Metadata, ParsedDocument, Section


class OfficeText(BlockText):
    """Blocks of text on pages; a document that begins no page has none.

    Every block is checked against `limits.max_characters`: repeated cells and shared texts make much of little.
    """

    def __init__(self, name: str, limits: ParseLimits) -> None:
        super().__init__()
        self.page_labels: list[str] = []
        self.attachments: list[Attachment] = []
        self._name = name
        self._limits = limits
        self._losses: Counter[str] = Counter()
        self._starts: list[int] = []
        self._waiting_pages = 0
        self._sections: list[Section] = []
        self._waiting_section: tuple[str, ...] | None = None

    def begin_page(self, label: str = "") -> None:
        """What is added from now on stands on the next page."""
        self._limits.check_pages(len(self._starts) + self._waiting_pages + 1, self._name)
        self._waiting_pages += 1
        self._waiting_section = None
        self.end_group()
        if label:
            self.page_labels.append(label)

    def begin_section(self, *path: str) -> None:
        """The next block begins the section `path`, if it stands on this page; for texts without headings."""
        self._waiting_section = path

    def end_group(self) -> None:
        """The next block is no part of the list or table before it."""
        self._group = None

    def lose(self, what: str, count: int = 1) -> None:
        """Note that the file holds `count` of something that is not in the text."""
        self._losses[what] += count

    def add(self, block: str, group: object = None) -> int | None:
        """Append `block`; see `BlockText.add`. Raises TooLargeError when the text has become too long."""
        start = super().add(block, group)
        if start is None:
            return None
        self._limits.check_characters(self._length, self._name)
        self._starts += [start] * self._waiting_pages
        self._waiting_pages = 0
        if self._waiting_section:
            self._sections.append(Section(start, self._waiting_section))
            self._waiting_section = None
        return start

    def document(self, media_type: str, title: str, metadata: Metadata) -> ParsedDocument:
        """The document of everything gathered; a page without text starts where the next one does."""
        return ParsedDocument(
            text=self.text,
            media_type=media_type,
            title=title,
            page_starts=(*self._starts, *[self._length] * self._waiting_pages),
            sections=sections_of(self.headings) if self.headings else tuple(self._sections),
            metadata=metadata,
            page_labels=tuple(self.page_labels),
            losses=tuple(_times(what, count) for what, count in sorted(self._losses.items()) if count),
            attachments=tuple(self.attachments),
            tables=self.tables,
            cell_rows=tuple(self.cell_rows),
        )


def _times(what: str, count: int) -> str:
    return what if count == 1 else f"{what} ({count:,})"
