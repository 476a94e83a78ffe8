"""Lines in the order in which they are read. PDFium's order is kept but for what geometry shows clearly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.parsers.pdf.lines import DIVISION_MARKS, Line, joined
from corpus.parsers.pdf.numbers import is_numbers

# Columns of running text, and not of names or definitions, are told by this many lines with a gap at the same place,
# by this share of the lines that have one, by their words, and by the share of lines that go on in small letters.
_LEAST_LINES = 8
_LEAST_PAIRED = 0.7
_LEAST_WORDS = 3.0
_LEAST_GOING_ON = 0.4
_MOST_NUMBERS = 0.2
# Pages with more lines than any reader could see are left as they are.
_MOST_LINES = 2000
# Lines of numbers this many in a row are a column of a table.
_LEAST_NUMBERS = 2


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The same lines: numbers beside their labels, columns one after the other."""
    if len(lines) > _MOST_LINES:
        return list(lines)
    return list(_columns_apart(_numbers_beside_labels(_rows_whole(lines))))


def _rows_whole(lines: Sequence[Line]) -> list[Line]:
    """Lines that go on at the same height are one: on sparse pages PDFium ends a line at every gap."""
    rows: list[list[Line]] = []
    for line in lines:
        if rows and _goes_on(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [row[0] if len(row) == 1 else joined(row, " ") for row in rows]


def _goes_on(line: Line, after: Line) -> bool:
    level = line.is_level and after.is_level and line.is_beside(after)
    return level and line.right <= after.left and line.text[-1] not in DIVISION_MARKS


def _numbers_beside_labels(lines: Sequence[Line]) -> list[Line]:
    """Columns of numbers that stand after the labels of their rows are put on the lines of those labels."""
    labels = _labels(lines)
    if not labels:
        return list(lines)
    rows: dict[int, list[Line]] = {}
    for number, label in labels.items():
        rows.setdefault(label, []).append(lines[number])
    return [
        joined([line, *sorted(rows[index], key=lambda cell: cell.left)], " ") if index in rows else line
        for index, line in enumerate(lines)
        if index not in labels
    ]


def _labels(lines: Sequence[Line]) -> dict[int, int]:
    """For each line of numbers in a column of a table, which line holds its label."""
    found: dict[int, int] = {}
    start = 0
    while start < len(lines):
        run = list(_numbers_with_labels(lines, start))
        columns = [label for _, label in run]
        if len(run) >= _LEAST_NUMBERS and columns == sorted(set(columns)):
            found |= dict(run)
        start += max(1, len(run))
    return found


def _numbers_with_labels(lines: Sequence[Line], start: int) -> Iterator[tuple[int, int]]:
    """The lines of numbers from `start` on, each below the one before, and the lines that stand left of them."""
    for index in range(start, len(lines)):
        line = lines[index]
        below = index == start or line.top > lines[index - 1].middle
        if not (below and line.is_level and is_numbers(line.text)):
            return
        label = _left_of(line, lines, index)
        if label is None:
            return
        yield index, label


def _left_of(line: Line, lines: Sequence[Line], before: int) -> int | None:
    """The nearest line of words left of `line` at its height, among those that come before it."""
    beside = [
        index
        for index in range(before)
        if lines[index].is_level and lines[index].right <= line.left and line.is_beside(lines[index])
    ]
    nearest = max(beside, key=lambda index: lines[index].right, default=None)
    while nearest is not None and is_numbers(lines[nearest].text):
        beside.remove(nearest)
        nearest = max(beside, key=lambda index: lines[index].right, default=None)
    if nearest is None or lines[nearest].text[-1] in DIVISION_MARKS:
        return None
    return nearest


@dataclass(slots=True)
class _Columns:
    """Lines `start` to `end` with a gutter from `left` to `right`."""

    start: int
    end: int
    left: float
    right: float


def _columns_apart(lines: Sequence[Line]) -> Iterator[Line]:
    """Where lines run across two columns of text, the left column comes before the right one."""
    position = 0
    while position < len(lines):
        columns = _columns_from(lines, position)
        if columns is None:
            yield lines[position]
            position += 1
        else:
            halves = [_halves(line, columns) for line in lines[columns.start : columns.end]]
            yield from (left for left, _ in halves if left)
            yield from (right for _, right in halves if right)
            position = columns.end


def _columns_from(lines: Sequence[Line], start: int) -> _Columns | None:
    """The columns that begin with the line `start`; None if it begins none."""
    near = lines[start : start + _LEAST_LINES]
    if sum(len(line.cells()) > 1 for line in near) < _LEAST_PAIRED * _LEAST_LINES:
        return None
    candidates = [
        _grown(lines, _Columns(start, start + 1, before.right, after.left))
        for before, after in zip(lines[start].cells(), lines[start].cells()[1:], strict=False)
    ]
    good = [columns for columns in candidates if _is_prose(lines, columns)]
    return max(good, key=lambda columns: columns.end, default=None)


def _grown(lines: Sequence[Line], columns: _Columns) -> _Columns:
    """The columns with all lines below that leave their gutter open."""
    for line in lines[columns.start + 1 :]:
        above = lines[columns.end - 1]
        if not line.is_level or line.middle <= above.middle or line.top - above.bottom > 2 * above.height:
            break
        gutter = _gutter(line, columns)
        if gutter is None or gutter[1] - gutter[0] < 0.75 * line.height:
            break
        columns = _Columns(columns.start, columns.end + 1, *gutter)
    return columns


def _gutter(line: Line, columns: _Columns) -> tuple[float, float] | None:
    """What remains open of the gutter beside the cells of `line`; None if one lies across it."""
    left, right = columns.left, columns.right
    middle = (left + right) / 2
    for cell in line.cells():
        if cell.left < middle < cell.right:
            return None
        if cell.right <= middle:
            left = max(left, cell.right)
        else:
            right = min(right, cell.left)
    return left, right


def _cut(line: Line, columns: _Columns) -> tuple[int, int] | None:
    """Where the left half of `line` ends and the right one starts; None if all of it is on one side."""
    cells = line.cells()
    count = sum(cell.right <= (columns.left + columns.right) / 2 for cell in cells)
    return (cells[count - 1].end, cells[count].start) if 0 < count < len(cells) else None


def _halves(line: Line, columns: _Columns) -> tuple[Line | None, Line | None]:
    cut = _cut(line, columns)
    if cut:
        return line.part(0, cut[0]), line.part(cut[1], len(line.text))
    return (line, None) if line.right <= (columns.left + columns.right) / 2 else (None, line)


def _is_prose(lines: Sequence[Line], columns: _Columns) -> bool:
    """Whether both columns hold running text beside one another."""
    count = columns.end - columns.start
    if count < _LEAST_LINES:
        return False
    cuts = [(line.text, cut) for line in lines[columns.start : columns.end] if (cut := _cut(line, columns))]
    if len(cuts) < max(_LEAST_LINES, _LEAST_PAIRED * count):
        return False
    left, right = [text[: cut[0]] for text, cut in cuts], [text[cut[1] :] for text, cut in cuts]
    return _is_running_text(left) and _is_running_text(right)


def _is_running_text(lines: Sequence[str]) -> bool:
    if sum(line[:1].islower() for line in lines) < _LEAST_GOING_ON * len(lines):
        return False
    words = [word for line in lines for word in line.split()]
    return len(words) >= _LEAST_WORDS * len(lines) and sum(map(is_numbers, words)) <= _MOST_NUMBERS * len(words)
