"""Old Excel (.xls): every sheet is a page and a section named after it, hidden ones too; each row is a line."""

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.media_types import XLS
from corpus.parsers.office.decryption import decrypted
from corpus.parsers.office.number_formats import shown_number
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.ole_properties import ole_properties
from corpus.parsers.office.sheet_text import SheetCell, SheetText
from corpus.parsers.protocol import ParseOptions
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Cell, Sheet

_ENCRYPTED = "Workbook is encrypted"
# What xlrd raises over damaged files beside its own errors.
_ERRORS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, OSError)


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The sheets in their order, with the values that formulas had when the workbook was saved.

    Merged cells have their text once. Text boxes, comments and charts are not read. The title is that of the
    properties, else the file's name.
    """
    import xlrd

    text = OfficeText(name, options.limits)
    try:
        _add_sheets(data, text)
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error, *_ERRORS) as error:
        if str(error) == _ENCRYPTED:
            return parse(decrypted(data, name, options.passwords), name, replace(options, passwords=()))
        raise UnreadableError(f"{name!r} is damaged or not an Excel workbook: {error}") from error
    title, metadata = ole_properties(data)
    return text.document(XLS, title or PurePath(name).stem, metadata)


def _add_sheets(data: bytes, text: OfficeText) -> None:
    import xlrd

    # The formats of cells come with `formatting_info`; messages for programmers go nowhere.
    with xlrd.open_workbook(file_contents=data, formatting_info=True, on_demand=True, logfile=io.StringIO()) as book:
        for number in range(book.nsheets):
            label = " ".join(book.sheet_names()[number].split()) or f"Sheet {number + 1}"
            text.begin_page(label)
            text.begin_section(label)
            rows = SheetText(text)
            for row, cells in enumerate(_rows(book, book.sheet_by_index(number)), start=1):
                rows.add(row, cells)
            rows.finish()
            book.unload_sheet(number)


def _rows(book: "Book", sheet: "Sheet") -> Iterator[list[SheetCell]]:
    import xlrd

    for row in range(sheet.nrows):
        cells = ((column, _shown(book, cell)) for column, cell in enumerate(sheet.row(row), start=1))
        yield [
            SheetCell(column, text, sheet.cell_type(row, column - 1) == xlrd.XL_CELL_TEXT)
            for column, text in cells
            if text
        ]


def _shown(book: "Book", cell: "Cell") -> str:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_TEXT:
        return " ".join(cell.value.split())
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if cell.value else "FALSE"
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR!"))
    if cell.ctype not in {xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE}:
        return ""
    style = book.xf_list[cell.xf_index]
    code = book.format_map[style.format_key].format_str
    return shown_number(cell.value, code, from_1904=bool(book.datemode))
