"""Word (.docx): paragraphs, lists and tables in document order; heading styles and outline levels become sections."""

import io
import zipfile
import zlib
from pathlib import PurePath
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.media_types import DOCX
from corpus.parsers.office.docx_blocks import DocxReader
from corpus.parsers.packed import packed_file
from corpus.parsers.protocol import ParseLimits, ParseOptions
from corpus.parsers.sections import sections_of
from corpus.text import canonical
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from docx.document import Document


# What python-docx and zipfile raise when parts, relationships or attributes are missing or make no sense.
_LIBRARY_ERRORS = (KeyError, ValueError, AttributeError, TypeError, IndexError, RuntimeError, EOFError, OSError)


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The body, then foot- and endnotes; headers, footers and comments are left out, deletions as well.

    The title is the paragraph in the style "Title", else that of the properties, else the first heading,
    else the file's name.
    """
    from lxml.etree import LxmlError

    _check_size(data, name, options.limits)
    try:
        document = _open(data)
        reader = DocxReader(document)
        stored_title = canonical(document.core_properties.title).strip()
    except (LxmlError, zipfile.BadZipFile, zlib.error, *_LIBRARY_ERRORS) as error:
        raise UnreadableError(f"{name!r} is damaged or not a Word document: {error}") from error
    headings = reader.blocks.headings
    first_heading = headings[0].text if headings else ""
    return ParsedDocument(
        text=reader.blocks.text,
        media_type=DOCX,
        title=reader.title or stored_title or first_heading or PurePath(name).stem,
        sections=sections_of(headings),
    )


def _open(data: bytes) -> "Document":
    import docx

    return docx.Document(io.BytesIO(data))


def _check_size(data: bytes, name: str, limits: ParseLimits) -> None:
    """Refuse a file that unpacks to too much, before anything is unpacked."""
    with packed_file(data, name, limits):
        pass
