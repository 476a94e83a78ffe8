"""Excel (.xlsx): every sheet is a page and a section named after it, hidden ones too; each row is a line.

Merged cells have their text once, in the first of them. Charts show what is in the cells and are left out.
"""

from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.media_types import XLSX
from corpus.parsers.office.drawing import add_shape_texts
from corpus.parsers.office.number_formats import BUILT_IN
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.package import RELATION, Package
from corpus.parsers.office.sheet_text import SheetText
from corpus.parsers.office.xlsx_sheet import CellValues, RowReader, S, first_row, one_line, rich_text
from corpus.parsers.office.xml_rows import xml_pieces
from corpus.parsers.packed import packed_file
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.xml import whole_number
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from lxml.etree import _Element


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The sheets in their order, with the values that formulas had when the workbook was saved.

    Text boxes follow the cells of their sheet; comments are left out. The title is that of the properties, else the
    file's name.
    """
    text = OfficeText(name, options.limits)
    with packed_file(data, name, options.limits) as packed:
        package = Package(packed, name)
        title, metadata = package.properties()
        _WorkbookReader(package, name, text).read()
    return text.document(XLSX, title or PurePath(name).stem, metadata)


class _WorkbookReader:
    def __init__(self, package: Package, name: str, text: OfficeText) -> None:
        self._package = package
        self._name = name
        self._text = text
        self._workbook = package.main_part()
        if self._workbook.endswith(".bin"):
            raise UnreadableError(f"{name!r} is a binary Excel workbook (.xlsb); save it as .xlsx")

    def read(self) -> None:
        root = self._package.root(self._workbook)
        settings = root.find(f"{S}workbookPr")
        from_1904 = settings is not None and settings.get("date1904") in {"1", "true"}
        formats = {str(number): code for number, code in enumerate(self._formats())}
        values = CellValues(list(self._strings()), formats, from_1904)
        links = self._package.relationships(self._workbook)
        for number, sheet in enumerate(root.iter(f"{S}sheet"), start=1):
            label = one_line(sheet.get("name", "")) or f"Sheet {number}"
            self._text.begin_page(label)
            self._text.begin_section(label)
            link = links.get(sheet.get(f"{RELATION}id", ""))
            if link is None or link.target not in self._package:
                raise UnreadableError(f"{self._name!r} is damaged: its sheet {label!r} is missing")
            if link.kind == "worksheet":
                self._read_cells(link.target, values)
            self._read_rest(link.target)

    def _read_cells(self, part: str, values: CellValues) -> None:
        reader = RowReader(values, self._name)
        sheet = SheetText(self._text, set(self._header_rows(part)))
        for _, row in xml_pieces(self._package.xml_bytes(part), self._name, [f"{S}row"]):
            sheet.add(*reader.read(row))
        sheet.finish()
        self._text.lose("formulas without a stored result; save the workbook in its program", reader.without_result)

    def _read_rest(self, part: str) -> None:
        """Text boxes, embedded files, and what is left out."""
        for drawing in self._package.related(part, "drawing"):
            add_shape_texts(self._text, self._package.root(drawing))
        self._package.gather_embedded(part, self._text)
        self._package.count_comments(part, self._text)

    def _header_rows(self, part: str) -> Iterator[int]:
        """The first rows of the sheet's tables that were made as such, unless they have no header."""
        for table in self._package.related(part, "table"):
            root = self._package.root(table)
            if root.get("headerRowCount") != "0":
                yield first_row(root.get("ref", ""))

    def _strings(self) -> Iterator[str]:
        for part in self._package.related(self._workbook, "sharedStrings"):
            for _, item in xml_pieces(self._package.xml_bytes(part), self._name, [f"{S}si"]):
                yield rich_text(item)

    def _formats(self) -> Iterator[str]:
        """The number format of each cell style."""
        for part in self._package.related(self._workbook, "styles"):
            root = self._package.root(part)
            codes = {item.get("numFmtId"): item.get("formatCode", "") for item in root.iter(f"{S}numFmt")}
            for style in root.iterfind(f"{S}cellXfs/{S}xf"):
                yield _format_code(style, codes)


def _format_code(style: "_Element", codes: dict[str | None, str]) -> str:
    number = style.get("numFmtId", "0")
    return codes.get(number) or BUILT_IN.get(whole_number(number, 0), "")
