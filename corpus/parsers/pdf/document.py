"""PDF: the text page by page, as PDFium reads it, with tables and the places of all characters.

The outline becomes sections; without one, lines in larger letters do.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from corpus.errors import NotFoundError
from corpus.media_types import PDF
from corpus.parsers.ocr.pdf_pages import PdfRecognition
from corpus.parsers.pdf.attachments import attachments
from corpus.parsers.pdf.characters import page_characters
from corpus.parsers.pdf.fields import form_losses, page_fields, with_fields
from corpus.parsers.pdf.headings import headings_by_size
from corpus.parsers.pdf.hyphenation import join_divided_words
from corpus.parsers.pdf.joining import joined_pages
from corpus.parsers.pdf.lines import Line, lines_of
from corpus.parsers.pdf.opening import is_mended, opened_pdf
from corpus.parsers.pdf.outline import OutlineEntry, outline_sections, place_outline, stands_in_text
from corpus.parsers.pdf.page_text import PageText, page_text
from corpus.parsers.pdf.properties import label, page_labels, properties, stored_title
from corpus.parsers.pdf.reading_order import in_reading_order
from corpus.parsers.pdf.running_heads import running_lines
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.sections import Heading
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# Pages may claim to be metres wide; an image of one would fill the memory.
_LONGEST_SIDE_PIXELS: Final = 4000
_MOST_BOOKMARKS: Final = 20_000
_MENDED: Final = "the file is damaged, as if cut off: what is read may not be all of it"


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The text of all pages, recognised where a page is an image; one that cannot be read counts as one without text.

    The title is that of the metadata, else an outline entry that stands on the first page, else the file's name.
    """
    with opened_pdf(data, name, options.passwords) as document:
        options.limits.check_pages(len(document), name)
        read = _read_pages(document, options, name)
        embedded, unread = attachments(document, options.limits, name)
        unread += [_MENDED, *form_losses(document)] if is_mended(document) else form_losses(document)
        outline = list(_outline(document))
        title, metadata, labels = stored_title(document), properties(document), page_labels(document)
    pages = _texts(read.lines)
    for number in read.ocr.pages:
        pages[number - 1].lines = ()  # boxes of recognised words are too uneven to tell headings by their size
    text, page_starts, boxes, tables = joined_pages(pages, read.failed)
    headings = place_outline(outline, text, page_starts) if outline else headings_by_size(pages, page_starts)
    return ParsedDocument(
        text=text,
        media_type=PDF,
        title=title or _heading_on_first_page(headings if outline else [], text, page_starts) or PurePath(name).stem,
        page_starts=page_starts,
        sections=outline_sections(headings, text),
        metadata=metadata | read.ocr.recognition.metadata,
        page_labels=labels,
        failed_pages=tuple(number + 1 for number in read.failed),
        losses=(*unread, *read.losses),
        attachments=tuple(embedded),
        tables=tables,
        boxes=boxes,
    )


def render_page(data: bytes, page: int, scale: float = 1.5, passwords: Sequence[str] = ()) -> bytes:
    """A PNG image of a page, counted from 1; at scale 1 a point is a pixel. Huge pages are made smaller.

    Errors: `NotFoundError` for a page that does not exist.
    """
    with opened_pdf(data, "the document", passwords) as document:
        if not 1 <= page <= len(document):
            raise NotFoundError(f"there is no page {page!r}: the document has pages 1 to {len(document)}")
        with closing(document[page - 1]) as opened:
            scale = min(scale, _LONGEST_SIDE_PIXELS / max(*opened.get_size(), 1))
            with closing(opened.render(scale=scale)) as bitmap:
                image = io.BytesIO()
                bitmap.to_pil().save(image, format="PNG")
                return image.getvalue()


@dataclass(slots=True)
class _ReadPages:
    """The lines of each page in reading order; `failed` pages, from 0, could not be read."""

    ocr: PdfRecognition
    lines: list[list[Line]] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    comments: int = 0

    @property
    def losses(self) -> list[str]:
        comments = [f"{self.comments} comment(s) on the pages are not in the text"] if self.comments else []
        return comments + self.ocr.recognition.losses


def _read_pages(document: "PdfDocument", options: ParseOptions, name: str) -> _ReadPages:
    from pypdfium2 import PdfiumError

    read = _ReadPages(PdfRecognition(options))
    characters = 0
    for number in range(len(document)):
        try:
            read.lines.append(_page_lines(document, number, read))
        except PdfiumError:
            read.lines.append([])
            read.failed.append(number)
        characters += sum(len(line.text) for line in read.lines[-1])
        options.limits.check_characters(characters, name)
    return read


def _page_lines(document: "PdfDocument", number: int, read: _ReadPages) -> list[Line]:
    with closing(document[number]) as page:
        lines = lines_of(read.ocr.characters(number + 1, page, page_characters(page)))
        fields = page_fields(document, page)
    read.comments += fields.comments
    return in_reading_order(with_fields(lines, fields.lines))


def _texts(pages: list[list[Line]]) -> list[PageText]:
    """The text of each page without running heads and feet; empties `pages`, which may be large."""
    running = running_lines(pages)
    texts = []
    for number, lines in enumerate(pages):
        texts.append(page_text([line for index, line in enumerate(lines) if (number, index) not in running]))
        lines.clear()
    return join_divided_words(texts)


def _outline(document: "PdfDocument") -> Iterator[OutlineEntry]:
    for count, bookmark in enumerate(document.get_toc()):
        if count == _MOST_BOOKMARKS:
            return
        destination = bookmark.get_dest()
        page = destination.get_index() if destination else None
        if page is not None:
            yield OutlineEntry(label(bookmark.get_title), bookmark.level + 1, page)


def _heading_on_first_page(headings: Sequence[Heading], text: str, page_starts: Sequence[int]) -> str:
    """The first heading, if it stands as a line of its own on the first page."""
    first = next(iter(headings), None)
    on_first_page = first is not None and (len(page_starts) < 2 or first.start < page_starts[1])
    return first.text if first is not None and on_first_page and stands_in_text(first, text) else ""
