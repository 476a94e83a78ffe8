"""Tables of numbers: rows of lines whose cells stand in columns.

Only what is clear counts: at least three lines, one below the other, of a label and numbers in columns that do not
touch. Everything else stays as lines of text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.parsers.pdf.characters import empty_boxes
from corpus.parsers.pdf.lines import Cell, Line, joined
from corpus.parsers.pdf.numbers import goes_with_last, goes_with_next, is_number, is_year

_LEAST_ROWS = 3
# Lines without numbers between two rows: headings within the table, and labels that take several lines. More of them
# are let through where they stay beside the numbers.
_MOST_LINES_BETWEEN = 2
_MOST_LABELS_BETWEEN = 8
_MOST_HEADER_LINES = 3
# How far rows may be apart, in heights of a line.
_FARTHEST = 3.0


@dataclass(slots=True)
class Row:
    """A line and its cells, numbers with their signs; `numbers` are the positions of those that are one."""

    line: Line
    cells: list[Cell]
    numbers: list[int]

    @property
    def is_of_numbers(self) -> bool:
        """Whether it is a row of a table: a label or nothing, then numbers."""
        return bool(self.numbers) and len(self.numbers) >= len(self.cells) - 1 and self.numbers[-1] > 0

    def text_of(self, position: int) -> str:
        """The text of a cell."""
        return self.line.text[self.cells[position].start : self.cells[position].end].strip()


@dataclass(slots=True)
class FoundTable:
    """Lines `start` to `end` are a table, those before `header_end` its header; `lines` are its rows as text."""

    start: int
    header_end: int
    end: int
    lines: list[Line]


def find_tables(lines: Sequence[Line]) -> list[FoundTable]:
    """The tables among the lines of a page."""
    rows = [row_of(line) for line in lines]
    return [table for start, end in _runs(rows) if (table := _table(rows, start, end))]


def row_of(line: Line) -> Row:
    """The cells of a line; currencies, brackets and percent signs belong to their number."""
    cells: list[Cell] = []
    held = False
    for cell in line.cells():
        text = line.text[cell.start : cell.end].strip()
        if cells and (held or (goes_with_last(text) and is_number(_text(line, cells[-1])))):
            cells[-1] = Cell(cells[-1].start, cell.end, cells[-1].left, cell.right)
        else:
            cells.append(cell)
        held = goes_with_next(text)
    numbers = [index for index, cell in enumerate(cells) if is_number(_text(line, cell))]
    return Row(line, cells, numbers)


def _text(line: Line, cell: Cell) -> str:
    return line.text[cell.start : cell.end].strip()


def _runs(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Start and end of stretches of rows of numbers with few other lines between them."""
    run: list[int] = []
    for index, row in enumerate(rows):
        if run and not _goes_on(rows, run, index):
            yield run[0], run[-1] + 1
            run = []
        if row.is_of_numbers:
            run.append(index)
    if run:
        yield run[0], run[-1] + 1


def _goes_on(rows: Sequence[Row], run: Sequence[int], index: int) -> bool:
    """Whether the line `index` can belong to the table whose rows of numbers so far are `run`."""
    between = rows[run[-1] + 1 : index + 1]
    if not _follows(rows[index - 1].line, rows[index].line) or len(between) > _MOST_LABELS_BETWEEN + 1:
        return False
    numbers = min(row.cells[row.numbers[0]].left for row in (rows[run[0]], rows[run[-1]]))
    return len(between) <= _MOST_LINES_BETWEEN + 1 or all(row.line.right <= numbers for row in between[:-1])


def _follows(above: Line, below: Line) -> bool:
    """Whether a line stands not far below another."""
    return below.middle > above.middle and below.top - above.bottom < _FARTHEST * max(above.height, below.height)


def _table(rows: Sequence[Row], start: int, end: int) -> FoundTable | None:
    of_numbers = [row for row in rows[start:end] if row.is_of_numbers]
    if len(of_numbers) < _LEAST_ROWS:
        return None
    columns = _columns(of_numbers)
    if not all(_fits(row, columns) for row in of_numbers):
        return None
    top = _header_start(rows, start, columns)
    body = start
    while body < end and _is_header(rows[body]):
        body += 1
    labels = min((row.cells[0].left for row in of_numbers), default=0.0)
    places = columns if labels >= columns[0][0] else [(labels, columns[0][0]), *columns]
    return FoundTable(top, body, end, [_as_text(row, places) for row in rows[top:end]])


def _columns(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Where the columns of numbers begin and end: numbers above one another are in one column."""
    found: list[tuple[float, float]] = []
    sides = sorted((row.cells[index].left, row.cells[index].right) for row in rows for index in row.numbers)
    for left, right in sides:
        if found and left < found[-1][1]:
            found[-1] = (found[-1][0], max(right, found[-1][1]))
        else:
            found.append((left, right))
    return found


def _fits(row: Row, columns: Sequence[tuple[float, float]]) -> bool:
    """Whether each number has a column to itself and the label reaches into none of them."""
    taken = [_place(row.cells[index], columns) for index in row.numbers]
    label = row.cells[0] if row.numbers[0] > 0 else None
    return len(set(taken)) == len(taken) and (label is None or label.right <= columns[taken[0]][0] + row.line.height)


def _place(cell: Cell, columns: Sequence[tuple[float, float]]) -> int:
    """The column that a cell overlaps most."""
    return max(
        range(len(columns)), key=lambda index: min(cell.right, columns[index][1]) - max(cell.left, columns[index][0])
    )


def _header_start(rows: Sequence[Row], start: int, columns: Sequence[tuple[float, float]]) -> int:
    """The first of the lines above the numbers that stand over their columns."""
    top = start
    while top > 0 and start - top < _MOST_HEADER_LINES and _follows(rows[top - 1].line, rows[top].line):
        cells = rows[top - 1].cells
        over = [cell for cell in cells if cell.left > columns[0][0] - 3 * rows[top].line.height]
        if len(over) < max(1, len(cells) - 1) or not rows[top - 1].line.is_level:
            break
        top -= 1
    return top


def _is_header(row: Row) -> bool:
    """Whether the numbers of a row are years, as those over columns are."""
    return bool(row.numbers) and all(is_year(row.text_of(index)) for index in row.numbers)


def _as_text(row: Row, columns: Sequence[tuple[float, float]]) -> Line:
    """The row with tabs between its cells, also for those that are empty, if it is clear where each belongs.

    Not " | ": whatever reads the same page elsewhere sees the same characters, and differs in white space only.
    """
    if len(row.cells) == 1:
        return row.line
    parts = [row.line.part(cell.start, cell.end).stripped() for cell in row.cells]
    places = [_place(cell, columns) for cell in row.cells]
    if places == sorted(set(places)):
        filled = dict(zip(places, parts, strict=True))
        empty = Line("", empty_boxes(0), row.line.width, row.line.page_height)
        parts = [filled.get(index, empty) for index in range(places[-1] + 1)]
    return joined(parts, "\t")
