"""DrawingML, which slides, charts and text boxes are made of: paragraphs and tables as text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.parsers.office.office_text import OfficeText

if TYPE_CHECKING:
    from lxml.etree import _Element

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
FALLBACK = f"{_MC}Fallback"
PARAGRAPH = f"{A}p"
# A paragraph's properties; the fallback repeats its choice.
_SKIPPED = {f"{A}pPr", f"{A}rPr", f"{A}endParaRPr", FALLBACK}


def paragraph_text(paragraph: "_Element") -> str:
    """The text of a paragraph, with its line breaks."""
    return "".join(_pieces(paragraph))


def frame_line(frame: "_Element") -> str:
    """All paragraphs in `frame` on one line."""
    return " ".join(" ".join(map(paragraph_text, frame.iter(PARAGRAPH))).split())


def add_table(text: OfficeText, table: "_Element") -> None:
    """Add a table; its first row is a header if it is made to look like one. Merged cells have their text once."""
    properties = table.find(f"{A}tblPr")
    has_header = properties is not None and properties.get("firstRow") in {"1", "true"}
    for number, row in enumerate(table.iterfind(f"{A}tr")):
        cells = [_cell_line(cell) for cell in row.iterfind(f"{A}tc")]
        text.add_row(cells, table, header=has_header and number == 0)
    text.end_group()


def add_shape_texts(text: OfficeText, root: "_Element") -> None:
    """Add the paragraphs of all shapes of a drawing in their order."""
    for paragraph in _outside_fallbacks(root):
        text.add(paragraph_text(paragraph))


def _outside_fallbacks(element: "_Element") -> Iterator["_Element"]:
    for child in element:
        if child.tag == PARAGRAPH:
            yield child
        elif child.tag != FALLBACK:
            yield from _outside_fallbacks(child)


def _cell_line(cell: "_Element") -> str:
    continues = {cell.get("hMerge"), cell.get("vMerge")} & {"1", "true"}
    return "" if continues else frame_line(cell)


def _pieces(element: "_Element") -> Iterator[str]:
    for child in element:
        if child.tag in {f"{A}t", _MATH_TEXT}:
            yield child.text or ""
        elif child.tag == f"{A}br":
            yield "\n"
        elif child.tag not in _SKIPPED:
            yield from _pieces(child)
