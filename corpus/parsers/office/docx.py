"""Word (.docx): paragraphs, lists and tables in document order; heading styles and outline levels become sections."""

from pathlib import PurePath

from corpus.media_types import DOCX
from corpus.parsers.office.docx_blocks import DocxReader
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.package import Package
from corpus.parsers.packed import packed_file
from corpus.parsers.protocol import ParseOptions
from corpus.types import ParsedDocument


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The body, then foot- and endnotes; headers, footers and comments are left out, deletions as well.

    Text boxes, charts and diagrams follow the paragraph that they are anchored to. Embedded Office files and imported
    parts in other formats are attachments. The title is the paragraph in the style "Title", else that of the
    properties, else the first heading, else the file's name.
    """
    text = OfficeText(name, options.limits)
    with packed_file(data, name, options.limits) as packed:
        package = Package(packed, name)
        stored_title, metadata = package.properties()
        reader = DocxReader(package, text, name)
    first_heading = text.headings[0].text if text.headings else ""
    return text.document(DOCX, reader.title or stored_title or first_heading or PurePath(name).stem, metadata)
