"""From the shapes of a slide to blocks of text."""

from typing import TYPE_CHECKING

from corpus.parsers.office.charts import add_linked_drawing
from corpus.parsers.office.drawing import PARAGRAPH, A, add_table, frame_line, paragraph_text
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.package import RELATION, Package
from corpus.parsers.office.pptx_shapes import FRAME, GROUP, Layout, P, is_title, placeholder_type, shapes_of
from corpus.parsers.office.reading_order import in_reading_order

if TYPE_CHECKING:
    from lxml.etree import _Element

_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
# What stands on every slide in the same way.
_FOOTERS = {"dt", "ftr", "hdr", "sldNum"}


class SlideReader:
    """Reads the slide in `part` into `text`; its title, "" if it has none, is known before anything is added."""

    def __init__(self, package: Package, part: str, layout: Layout, text: OfficeText) -> None:
        self._package = package
        self._links = package.relationships(part)
        self._layout = layout
        self._text = text
        self._tree = package.root(part).find(f"{P}cSld/{P}spTree")
        shapes = [] if self._tree is None else list(shapes_of(self._tree))
        self._title_shape = next((shape for shape in shapes if is_title(shape) and frame_line(shape)), None)
        self.title = "" if self._title_shape is None else frame_line(self._title_shape)

    def add(self) -> None:
        """Add the title, then all other shapes in reading order."""
        self._text.add(self.title)
        if self._tree is not None:
            self._add_all(self._tree)

    def _add_all(self, tree: "_Element") -> None:
        for shape in in_reading_order(self._layout.placed(shape) for shape in shapes_of(tree)):
            if shape.tag == GROUP:
                self._add_all(shape)
            elif shape.tag == FRAME:
                self._add_frame(shape)
            elif shape is not self._title_shape and placeholder_type(shape) not in _FOOTERS:
                self._add_paragraphs(shape)

    def _add_paragraphs(self, shape: "_Element") -> None:
        for paragraph in shape.iterfind(f"{P}txBody/{PARAGRAPH}"):
            text = paragraph_text(paragraph)
            if text.strip() and self._layout.is_item(paragraph, shape):
                self._text.add(f"- {text.strip()}", group=shape)
            else:
                self._text.add(text)

    def _add_frame(self, frame: "_Element") -> None:
        """A table, chart or diagram; embedded objects are found by the package."""
        for content in frame.iterfind(f"{A}graphic/{A}graphicData/*"):
            if content.tag == f"{A}tbl":
                add_table(self._text, content)
            elif content.tag == _DIAGRAM:
                self._add_linked(content.get(f"{RELATION}dm", ""), "diagram")
            elif content.tag.endswith("}chart"):
                self._add_linked(content.get(f"{RELATION}id", ""), "chart")

    def _add_linked(self, identifier: str, kind: str) -> None:
        link = self._links.get(identifier)
        add_linked_drawing(self._text, self._package, None if link is None else link.target, kind)
