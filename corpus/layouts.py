"""Where the text of a version stands outside of the text: cells of sheets, boxes of characters on pages.

Functions over one connection, as in `corpus.store`.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from corpus.errors import DamagedError
from corpus.tables import layouts
from corpus.types import CellRow, CharacterBoxes, Span

_CELLS = 0
_LEVEL = 1  # the fastest: boxes shrink to a third at any level
_LETTERS = 26


CellRows = np.ndarray[tuple[int, int], np.dtype[np.int32]]


@dataclass(frozen=True, slots=True)
class CellRange:
    """Rows and columns of one sheet, counted from 1, ends included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int

    def __str__(self) -> str:
        """As spreadsheets write it: "A5:D7", or "A5" for a single cell."""
        first = f"{_column_name(self.first_column)}{self.first_row}"
        last = f"{_column_name(self.last_column)}{self.last_row}"
        return first if first == last else f"{first}:{last}"


def add_layouts(
    connection: sa.Connection, version: int, cell_rows: Sequence[CellRow], boxes: Sequence[CharacterBoxes]
) -> None:
    """Store the layouts of a version."""
    parts = [(page.page, page.start.to_bytes(8, "little") + page.boxes) for page in boxes]
    if cell_rows:
        rows = [(row.start, row.row, row.first_column, row.last_column) for row in cell_rows]
        parts.append((_CELLS, np.array(rows, dtype="<i4").tobytes()))
    for part, data in parts:
        packed = zlib.compress(data, _LEVEL)
        values = {"version": version, "part": part, "data": packed, "checksum": zlib.crc32(packed)}
        connection.execute(layouts.insert().values(values))


def cell_rows_of(connection: sa.Connection, version: int) -> CellRows | None:
    """The rows of a version's sheets, (n, 4): start, row, first and last column; None for a text without cells.

    Raises DamagedError.
    """
    data = _part(connection, version, _CELLS)
    return None if data is None else np.frombuffer(data, dtype="<i4").reshape(-1, 4)


def cells_in(rows: CellRows, span: Span) -> CellRange | None:
    """The cells that a span touches; None above the first row."""
    first = int(np.searchsorted(rows[:, 0], span.start, side="right")) - 1
    last = int(np.searchsorted(rows[:, 0], max(span.start, span.end - 1), side="right")) - 1
    touched = rows[max(0, first) : last + 1]
    if not len(touched):
        return None
    _, row_numbers, first_columns, last_columns = touched.T
    return CellRange(*map(int, (row_numbers.min(), row_numbers.max(), first_columns.min(), last_columns.max())))


def boxes_of(connection: sa.Connection, version: int, page: int) -> CharacterBoxes | None:
    """The character boxes of a page; None where there are none. Raises DamagedError."""
    data = _part(connection, version, page) if page > _CELLS else None
    return None if data is None else CharacterBoxes(page, int.from_bytes(data[:8], "little"), data[8:])


def _part(connection: sa.Connection, version: int, part: int) -> bytes | None:
    wanted = sa.select(layouts.c.data, layouts.c.checksum).where(layouts.c.version == version, layouts.c.part == part)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    if zlib.crc32(row.data) != row.checksum:
        raise DamagedError(f"a stored layout of version {version} was changed on the disk; restore a backup")
    return zlib.decompress(row.data)


def _column_name(number: int) -> str:
    name = ""
    while number:
        number, letter = divmod(number - 1, _LETTERS)
        name = chr(ord("A") + letter) + name
    return name
