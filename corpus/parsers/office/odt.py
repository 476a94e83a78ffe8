"""OpenDocument text (.odt): headings become sections; lists, tables and text boxes in document order."""

from pathlib import PurePath

from corpus.media_types import ODT
from corpus.parsers.office.odf_package import odf_package
from corpus.parsers.office.odf_reader import OdfReader
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.protocol import ParseOptions
from corpus.types import ParsedDocument


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The body, then foot- and endnotes; headers, footers, comments and tracked deletions are left out.

    The title is the paragraph in the style "Title", else that of the properties, else the first heading, else the
    file's name.
    """
    text = OfficeText(name, options.limits)
    with odf_package(data, name, options) as package:
        stored_title, metadata = package.properties()
        body = package.body("text")
        reader = OdfReader(package, text, body.getroottree().getroot())
        reader.add_all(body)
        reader.add_notes()
    first_heading = text.headings[0].text if text.headings else ""
    return text.document(ODT, reader.title or stored_title or first_heading or PurePath(name).stem, metadata)
