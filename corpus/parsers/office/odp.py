"""OpenDocument presentation (.odp): slides are pages, hidden ones too; each is a section with the slide's title."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from corpus.media_types import ODP
from corpus.parsers.office.odf_package import DRAW, odf_package
from corpus.parsers.office.odf_paragraphs import Anchored
from corpus.parsers.office.odf_reader import OdfReader, cell_line
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.pptx import NOTES
from corpus.parsers.office.reading_order import Placed, in_reading_order
from corpus.parsers.protocol import ParseOptions
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from lxml.etree import _Element

_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_CLASS = f"{_PRESENTATION}class"
_FOOTERS = {"date-time", "footer", "header", "page-number"}
_LENGTH = re.compile(r"(-?\d+(?:\.\d+)?)(cm|mm|in|pt|pc|px)")
_MILLIMETRES = {"cm": 10, "mm": 1, "in": 25.4, "pt": 25.4 / 72, "pc": 25.4 / 6, "px": 25.4 / 96}


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The title of each slide, its shapes in reading order, and its notes, which are a section inside the slide's.

    As in `pptx.parse`: a slide without a title is called after its number; footers and comments are left out.
    """
    text = OfficeText(name, options.limits)
    with odf_package(data, name, options) as package:
        stored_title, metadata = package.properties()
        body = package.body("presentation")
        reader = OdfReader(package, text, body.getroottree().getroot())
        slides = enumerate(body.iterfind(f"{DRAW}page"), start=1)
        titles = [_read_slide(slide, number, reader, text) for number, slide in slides]
    title = next(iter(titles), "") or stored_title or PurePath(name).stem
    return text.document(ODP, title, metadata)


def _read_slide(slide: "_Element", number: int, reader: OdfReader, text: OfficeText) -> str:
    """Add a slide; its title, "" if it has none."""
    shapes = [shape for shape in slide.iterchildren(f"{DRAW}*") if shape.get(_CLASS) not in _FOOTERS]
    titles = ((shape, _line(shape)) for shape in shapes if shape.get(_CLASS) == "title")
    title_shape, title = next((pair for pair in titles if pair[1]), (None, ""))
    text.begin_page()
    text.begin_section(title or f"Slide {number}")
    text.add(title)
    for shape in _ordered(shape for shape in shapes if shape is not title_shape):
        reader.add_drawing(shape)
        text.end_group()
    text.begin_section(title or f"Slide {number}", NOTES)
    for shape in slide.iterfind(f"{_PRESENTATION}notes/{DRAW}frame"):
        if shape.get(_CLASS) == "notes":
            reader.add_all(shape)
    return title


def _line(shape: "_Element") -> str:
    return " ".join(cell_line(box, Anchored()) for box in shape.iterfind(f"{DRAW}text-box"))


def _ordered(shapes: Iterable["_Element"]) -> list["_Element"]:
    """The shapes in reading order; groups are taken apart."""
    return in_reading_order(
        Placed(shape, _length(shape, "y"), _length(shape, "x"), _length(shape, "height")) for shape in _single(shapes)
    )


def _single(shapes: Iterable["_Element"]) -> Iterator["_Element"]:
    for shape in shapes:
        if shape.tag == f"{DRAW}g":
            yield from _single(shape.iterchildren(f"{DRAW}*"))
        else:
            yield shape


def _length(shape: "_Element", name: str) -> float:
    """A length in millimetres; 0 for one that makes no sense."""
    match = _LENGTH.fullmatch(shape.get(f"{_SVG}{name}", ""))
    return float(match[1]) * _MILLIMETRES[match[2]] if match else 0
