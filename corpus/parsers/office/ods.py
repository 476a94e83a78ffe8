"""OpenDocument spreadsheet (.ods): every sheet is a page and a section named after it; each row is a line.

Numbers stand as the sheet shows them, dates as ISO; merged cells have their text once, in the first of them.
"""

from pathlib import PurePath
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.media_types import ODS
from corpus.parsers.office.odf_package import DRAW, OFFICE, TABLE, OdfPackage, odf_package
from corpus.parsers.office.odf_paragraphs import Anchored
from corpus.parsers.office.odf_reader import OdfReader, cell_line
from corpus.parsers.office.odf_tables import COVERED, HEADER_ROWS, ROW, cells_of, row_count
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.sheet_text import SheetCell, SheetText
from corpus.parsers.office.xml_rows import xml_pieces
from corpus.parsers.protocol import ParseOptions
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from lxml.etree import _Element

_MOST_ROWS = 1 << 30
_SHEET, _SHAPES = f"{TABLE}table", f"{TABLE}shapes"


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The sheets in their order, hidden ones too, with the values that formulas had when the file was saved.

    Text boxes follow the cells of their sheet; comments are left out. The title is that of the properties, else the
    file's name.
    """
    text = OfficeText(name, options.limits)
    with odf_package(data, name, options) as package:
        title, metadata = package.properties()
        _read_sheets(package, text)
    if not text.page_labels:
        raise UnreadableError(f"{name!r} is damaged: it holds no sheets, although it says so")
    return text.document(ODS, title or PurePath(name).stem, metadata)


def _read_sheets(package: OdfPackage, text: OfficeText) -> None:
    sheet: _SheetReader | None = None
    depth = 0  # a table can stand in a shape or a cell
    for event, element in xml_pieces(package.content(), package.name, [ROW, _SHAPES, _SHEET], [_SHEET]):
        if event == "start":
            depth += 1
            sheet = _SheetReader(element, package, text) if depth == 1 else sheet
        elif element.tag == _SHEET:
            depth -= 1
            if depth == 0 and sheet is not None:
                sheet.finish()
        elif depth == 1 and sheet is not None:
            sheet.add(element)


class _SheetReader:
    def __init__(self, table: "_Element", package: OdfPackage, text: OfficeText) -> None:
        self._text = text
        self._name = package.name
        self._reader = OdfReader(package, text, table)
        self._headers: set[int] = set()
        self._sheet = SheetText(text, self._headers)
        self._row = 1
        self._anchored = Anchored()
        label = " ".join(table.get(f"{TABLE}name", "").split()) or f"Sheet {len(text.page_labels) + 1}"
        text.begin_page(label)
        text.begin_section(label)

    def add(self, element: "_Element") -> None:
        if element.tag == ROW:
            self._add_row(element)
        else:
            self._anchored.drawings += element.iterchildren(f"{DRAW}*")

    def _add_row(self, row: "_Element") -> None:
        cells = self._cells(row)
        if row.getparent().tag == HEADER_ROWS and not self._headers:
            self._headers.add(self._row)
        count = row_count(row)
        for number in range(self._row, self._row + count) if cells else ():
            self._sheet.add(number, cells)
        self._row += count
        if self._row > _MOST_ROWS:
            raise UnreadableError(f"{self._name!r} is damaged: a sheet of it has more than {_MOST_ROWS:,} rows")

    def finish(self) -> None:
        self._sheet.finish()
        for drawing in self._anchored.drawings:
            if next(drawing.iter(f"{DRAW}object"), None) is None:  # charts show what is in the cells
                self._reader.add_drawing(drawing)
        self._text.lose("comments", self._anchored.comments)

    def _cells(self, row: "_Element") -> list[SheetCell]:
        cells: list[SheetCell] = []
        column = 1
        for cell, count in cells_of(row):
            text = "" if cell.tag == COVERED else self._shown(cell)
            if text:
                is_text = cell.get(f"{OFFICE}value-type", "string") == "string"
                cells += [SheetCell(column + place, text, is_text) for place in range(count)]
            column += count
        return cells

    def _shown(self, cell: "_Element") -> str:
        """What the cell shows; dates and truth values in one form for all countries."""
        text = cell_line(cell, self._anchored)
        kind = cell.get(f"{OFFICE}value-type")
        if kind in {"string", "float"} and text:
            return text
        if kind is None and not text and cell.get(f"{TABLE}formula"):
            self._text.lose("formulas without a stored result; save the workbook in its program")
        if kind == "date":
            return str(cell.get(f"{OFFICE}date-value", text)).removesuffix("T00:00:00").replace("T", " ")
        if kind == "boolean":
            return str(cell.get(f"{OFFICE}boolean-value", text)).upper()
        return text or str(cell.get(f"{OFFICE}string-value") or cell.get(f"{OFFICE}value", ""))
