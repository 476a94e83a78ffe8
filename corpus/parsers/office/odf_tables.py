"""Tables of OpenDocument files: rows and cells, which may stand for many equal ones."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.parsers.office.odf_package import TABLE
from corpus.parsers.xml import whole_number

if TYPE_CHECKING:
    from lxml.etree import _Element

ROW, CELL, COVERED = f"{TABLE}table-row", f"{TABLE}table-cell", f"{TABLE}covered-table-cell"
HEADER_ROWS = f"{TABLE}table-header-rows"
_GROUPS = {f"{TABLE}table-rows", f"{TABLE}table-row-group", HEADER_ROWS}
_MOST_COLUMNS = 16_384
_MOST_ROWS = 1_048_576


def rows_of(table: "_Element", *, header: bool = False) -> Iterator[tuple["_Element", bool]]:
    """The rows of a table, and whether each is marked as a header."""
    for child in table:
        if child.tag == ROW:
            yield child, header
        elif child.tag in _GROUPS:
            yield from rows_of(child, header=header or child.tag == HEADER_ROWS)


def cells_of(row: "_Element") -> Iterator[tuple["_Element", int]]:
    """The cells of a row, and how many equal ones each stands for; no more than a sheet has columns."""
    left = _MOST_COLUMNS
    for cell in row.iterchildren(CELL, COVERED):
        if not left:
            return
        count = _count(cell, "number-columns-repeated", left)
        yield cell, count
        left -= count


def row_count(row: "_Element") -> int:
    """How many equal rows a row stands for."""
    return _count(row, "number-rows-repeated", _MOST_ROWS)


def _count(element: "_Element", attribute: str, most: int) -> int:
    return max(1, min(whole_number(element.get(f"{TABLE}{attribute}"), 1), most))
