"""PDF: the text page by page, as PDFium reads it; the outline becomes sections."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import PurePath
from threading import Lock
from typing import TYPE_CHECKING, Final

from corpus.errors import NotFoundError, UnreadableError
from corpus.media_types import PDF
from corpus.parsers.pdf.hyphenation import join_divided_words
from corpus.parsers.pdf.outline import OutlineEntry, outline_sections, place_outline, stands_in_text
from corpus.parsers.protocol import ParseLimits, ParseOptions
from corpus.parsers.sections import Heading
from corpus.text import canonical
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# PDFium must never run in two threads at once, not even on different documents.
_PDFIUM_LOCK: Final = Lock()
_PAGE_SEPARATOR: Final = "\n\n"
# Pages may claim to be metres wide; an image of one would fill the memory.
_LONGEST_SIDE_PIXELS: Final = 4000


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The text of all pages; a page that cannot be read counts as a page without text.

    The title is that of the metadata, else an outline entry that stands on the first page, else the file's name.
    """
    with _open(data, name) as document:
        options.limits.check_pages(len(document), name)
        pages = join_divided_words(list(_page_texts(document, options.limits, name)))
        outline = list(_outline(document))
        stored_title = _label(lambda: document.get_metadata_value("Title"))
    text, page_starts = _join(pages)
    headings = place_outline(outline, text, page_starts)
    return ParsedDocument(
        text=text,
        media_type=PDF,
        title=stored_title or _heading_on_first_page(headings, text, page_starts) or PurePath(name).stem,
        page_starts=page_starts,
        sections=outline_sections(headings, text),
    )


def render_page(data: bytes, page: int, scale: float = 1.5) -> bytes:
    """A PNG image of a page, counted from 1; at scale 1 a point is a pixel. Huge pages are made smaller.

    Errors: `NotFoundError` for a page that does not exist.
    """
    with _open(data, "the document") as document:
        if not 1 <= page <= len(document):
            raise NotFoundError(f"there is no page {page!r}: the document has pages 1 to {len(document)}")
        with closing(document[page - 1]) as opened:
            scale = min(scale, _LONGEST_SIDE_PIXELS / max(*opened.get_size(), 1))
            with closing(opened.render(scale=scale)) as bitmap:
                image = io.BytesIO()
                bitmap.to_pil().save(image, format="PNG")
                return image.getvalue()


@contextmanager
def _open(data: bytes, name: str) -> Iterator["PdfDocument"]:
    """The opened document, while PDFium is reserved for it."""
    from pypdfium2 import PdfDocument, PdfiumError, raw

    with _PDFIUM_LOCK:
        try:
            document = PdfDocument(data)
        except PdfiumError as error:
            if error.err_code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
                raise UnreadableError(f"{name!r} is encrypted with a password; save it without the password") from error
            raise UnreadableError(f"{name!r} is damaged: it cannot be opened as a PDF") from error
        with closing(document):
            try:
                yield document
            except PdfiumError as error:
                raise UnreadableError(f"{name!r} is damaged: {error}") from error


def _page_texts(document: "PdfDocument", limits: ParseLimits, name: str) -> Iterator[str]:
    characters = 0
    for number in range(len(document)):
        text = _page_text(document, number)
        characters += len(text)
        limits.check_characters(characters, name)
        yield text


def _page_text(document: "PdfDocument", number: int) -> str:
    """The text in PDFium's reading order, also of what stands partly or wholly outside of the visible area.

    `get_text_bounded` would leave out characters that the edge of the page cuts.
    """
    from pypdfium2 import PdfiumError

    try:
        with closing(document[number]) as page, closing(page.get_textpage()) as text_page:
            return canonical(text_page.get_text_range(errors="surrogatepass")).strip()
    except PdfiumError:
        return ""


def _outline(document: "PdfDocument") -> Iterator[OutlineEntry]:
    for bookmark in document.get_toc():
        destination = bookmark.get_dest()
        page = destination.get_index() if destination else None
        if page is not None:
            yield OutlineEntry(_label(bookmark.get_title), bookmark.level + 1, page)


def _label(read: Callable[[], str]) -> str:
    """A title on one line; "" if it is damaged."""
    try:
        return " ".join(canonical(read()).split())
    except UnicodeDecodeError:
        return ""


def _join(pages: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    """The canonical text and where each page starts; a page without text starts where the next one does."""
    text = _PAGE_SEPARATOR.join(page for page in pages if page)
    starts = []
    position = 0
    for page in pages:
        starts.append(min(position, len(text)))
        position += len(page) + len(_PAGE_SEPARATOR) if page else 0
    return text, tuple(starts)


def _heading_on_first_page(headings: Sequence[Heading], text: str, page_starts: Sequence[int]) -> str:
    """The first heading, if it stands as a line of its own on the first page."""
    first = next(iter(headings), None)
    on_first_page = first is not None and (len(page_starts) < 2 or first.start < page_starts[1])
    return first.text if first is not None and on_first_page and stands_in_text(first, text) else ""
