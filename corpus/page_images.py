"""Images of a document's pages, on which its character boxes lie."""

from corpus.errors import NotFoundError
from corpus.media_types import IMAGE, PDF


def has_page_images(media_type: str) -> bool:
    """Whether the pages of such a document can be shown: PDFs and images."""
    return media_type == PDF or media_type.startswith(f"{IMAGE}/")


def page_image(data: bytes, name: str, media_type: str, page: int) -> bytes:
    """A page, counted from 1, as PNG.

    Errors: `NotFoundError` for a page that is not there and for other formats, `UnreadableError` for a file that cannot
    be read, for instance because it is encrypted.
    """
    if not has_page_images(media_type):
        raise NotFoundError(f"{name!r} is {media_type}; only PDFs and images have page images")
    if media_type == PDF:
        from corpus.parsers.pdf.document import render_page

        return render_page(data, page)
    from corpus.parsers.ocr.page_image import frame_as_png

    return frame_as_png(data, name, page)
