"""From the cells of a sheet to lines of text: tables, their headers, and where each row stands in the sheet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.table_headers import is_year

# Cells behind a gap of more empty columns than this stand on a line of their own.
_WIDEST_GAP = 20


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell that shows something: its column from 1, its text on one line, and whether that is text, not a value."""

    column: int
    text: str
    is_text: bool = True


class SheetText:
    """Writes the rows of one sheet, which come in order, as tables that end where a row is empty.

    A single cell above a wider row is its caption and a table of its own. A table's first row is its header if the
    workbook says so (`headers` are numbers of rows), or if it is text and years, but for its first cell, and a value
    stands below one of them; in the sheet's first table it is enough that it has more than one cell, all text.
    """

    def __init__(self, text: OfficeText, headers: Collection[int] = ()) -> None:
        self._text = text
        self._headers = headers
        self._held: tuple[int, Sequence[SheetCell]] | None = None
        self._last_row = -1
        self._table: object = None
        self._first_column = 1
        self._has_table = False

    def add(self, row: int, cells: Sequence[SheetCell]) -> None:
        """A row, counted from 1, with its cells that are not empty, by ascending column."""
        if not cells:
            return
        if row != self._last_row + 1 or row in self._headers:
            self.finish()
        self._last_row = row
        if self._held is not None:
            self._write_held(cells)
        elif self._table is not None:
            self._write(row, cells)
            return
        if self._table is None:
            self._held = row, cells
        else:
            self._write(row, cells)

    def finish(self) -> None:
        """End the table under way: an empty row or the end of the sheet follows."""
        if self._held is not None:
            (row, cells), self._held = self._held, None
            self._begin_table(cells[0].column)
            self._write(row, cells, header=row in self._headers)
        self._table = None

    def _write_held(self, below: Sequence[SheetCell]) -> None:
        """Write the first row of a table, now that the second is known; a caption leaves the table to come."""
        if self._held is None:
            return
        row, cells = self._held
        if len(cells) == 1 and len(below) > 1 and row not in self._headers:
            self.finish()
            return
        self._held = None
        self._begin_table(min(cells[0].column, below[0].column))
        self._write(row, cells, header=row in self._headers or self._is_header(cells, below))
        self._has_table = True

    def _is_header(self, cells: Sequence[SheetCell], below: Sequence[SheetCell]) -> bool:
        values = {cell.column for cell in below if not _is_label(cell)}
        if all(map(_is_label, cells[1:])) and any(cell.column in values for cell in cells if _is_label(cell)):
            return True
        return len(cells) > 1 and not self._has_table and all(cell.is_text for cell in cells)

    def _begin_table(self, first_column: int) -> None:
        self._table = object()
        self._first_column = first_column

    def _write(self, row: int, cells: Sequence[SheetCell], *, header: bool = False) -> None:
        start = self._first_column
        line: list[str] = []
        for cell in cells:
            gap = cell.column - start - len(line)
            if gap > _WIDEST_GAP or gap < 0:
                self._add_line(line, row, start, header=header)
                start, line, gap = cell.column, [], 0
            line += [*[""] * gap, cell.text]
        self._add_line(line, row, start, header=header)

    def _add_line(self, line: list[str], row: int, start: int, *, header: bool) -> None:
        self._text.add_row(line, self._table, header=header, place=(row, start))


def _is_label(cell: SheetCell) -> bool:
    return cell.is_text or is_year(cell.text)
