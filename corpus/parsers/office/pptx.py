"""PowerPoint (.pptx): slides are pages, hidden ones too; each is a section with the slide's title."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.media_types import PPTX
from corpus.parsers.office.drawing import PARAGRAPH, paragraph_text
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.package import RELATION, Package
from corpus.parsers.office.pptx_shapes import Layouts, P, placeholder_type
from corpus.parsers.office.pptx_slide import SlideReader
from corpus.parsers.packed import packed_file
from corpus.parsers.protocol import ParseOptions
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from lxml.etree import _Element

NOTES = "Speaker notes"


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The title of each slide, its shapes in reading order, and its notes, which are a section inside the slide's.

    A slide without a title is a section called after its number. Dates, footers and slide numbers are left out, and
    comments. The title is that of the first slide, else that of the properties, else the file's name.
    """
    text = OfficeText(name, options.limits)
    with packed_file(data, name, options.limits) as packed:
        package = Package(packed, name)
        stored_title, metadata = package.properties()
        titles = _read_slides(package, name, text)
    title = next(iter(titles), "") or stored_title or PurePath(name).stem
    return text.document(PPTX, title, metadata)


def _read_slides(package: Package, name: str, text: OfficeText) -> list[str]:
    """Add all slides; their titles, "" for slides without one."""
    layouts, titles = Layouts(package), []
    for number, part in enumerate(_slide_parts(package, name), start=1):
        slide = SlideReader(package, part, layouts.of_slide(part), text)
        section = slide.title or f"Slide {number}"
        text.begin_page()
        text.begin_section(section)
        slide.add()
        text.begin_section(section, NOTES)
        for notes in package.related(part, "notesSlide"):
            _add_notes(package.root(notes), text)
        package.gather_embedded(part, text)
        package.count_comments(part, text)
        titles.append(slide.title)
    return titles


def _slide_parts(package: Package, name: str) -> Iterator[str]:
    """The slides in the order of the presentation."""
    main = package.main_part()
    links = package.relationships(main)
    for slide in package.root(main).iterfind(f"{P}sldIdLst/{P}sldId"):
        link = links.get(slide.get(f"{RELATION}id", ""))
        if link is None or link.target not in package:
            raise UnreadableError(f"{name!r} is damaged: one of its slides is missing")
        yield link.target


def _add_notes(root: "_Element", text: OfficeText) -> None:
    for shape in root.iter(f"{P}sp"):
        if placeholder_type(shape) == "body":
            for paragraph in shape.iterfind(f"{P}txBody/{PARAGRAPH}"):
                text.add(paragraph_text(paragraph))
