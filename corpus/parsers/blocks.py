"""Puts a canonical text together from blocks and notes where the headings stand."""

from collections.abc import Sequence

from corpus.parsers.sections import Heading
from corpus.text import canonical
from corpus.types import CellRow, Table


class BlockText:
    """Blocks of text in reading order: an empty line between blocks, a line break within a group.

    A group is for instance a list or a table: its items or rows stand on lines of their own.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._group: object = None
        self.headings: list[Heading] = []
        self.cell_rows: list[CellRow] = []
        self._tables: list[Table] = []

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in the order of the text."""
        return tuple(self._tables)

    @property
    def text(self) -> str:
        """The canonical text of all blocks."""
        return "".join(self._parts)

    def text_from(self, start: int) -> str:
        """The text behind the first `start` characters, without putting all of it together; `start` ends a block."""
        parts: list[str] = []
        position = self._length
        for part in reversed(self._parts):
            if position <= start:
                break
            parts.append(part)
            position -= len(part)
        return "".join(reversed(parts))

    @property
    def length(self) -> int:
        """Characters of the text so far."""
        return self._length

    def add(self, block: str, group: object = None) -> int | None:
        """Append `block` unless it is blank; where it starts. Equal neighbouring groups belong together."""
        block = canonical(block).strip("\n")
        if not block.strip():
            return None
        if self._parts:
            self._append("\n" if group is not None and group == self._group else "\n\n")
        self._group = group
        start = self._length
        self._append(block)
        return start

    def add_heading(self, text: str, level: int) -> None:
        """Append a heading on a line of its own, unless it is blank."""
        line = " ".join(canonical(text).split())
        start = self.add(line)
        if start is not None:
            self.headings.append(Heading(start, level, line))

    def add_row(
        self, cells: Sequence[str], table: object, *, header: bool = False, place: tuple[int, int] | None = None
    ) -> None:
        """Append a row of `table` as a line, unless all its cells are empty; empty cells at its end are left out.

        `header` rows count as such at the top of a table only. `place` is the row and the first column in a sheet.
        """
        filled = max((position for position, cell in enumerate(cells, start=1) if cell), default=0)
        continues = table is not None and table == self._group
        start = self.add(" | ".join(cells[:filled]), group=table)
        if start is None:
            return
        self._note_row(start, header=header, continues=continues)
        if place is not None:
            row, column = place
            self.cell_rows.append(CellRow(start, row, column, column + filled - 1))

    def _note_row(self, start: int, *, header: bool, continues: bool) -> None:
        if not continues:
            self._tables.append(Table(start, self._length if header else start, self._length))
            return
        last = self._tables[-1]
        in_header = header and last.header_end == last.end
        self._tables[-1] = Table(last.start, self._length if in_header else last.header_end, self._length)

    def _append(self, part: str) -> None:
        self._parts.append(part)
        self._length += len(part)
