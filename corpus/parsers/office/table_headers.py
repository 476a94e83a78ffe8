"""Which tables of documents have a header, where the file does not say."""

import re
from collections.abc import Sequence

_YEAR = re.compile(r"(19|20)\d\d")
_WITH_UNIT = re.compile(r"\W*\d[\d.,]*\s?\D{1,6}")


def looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is full of words or years while some column below it holds mostly values.

    The corner, above the names of the rows, may be empty.
    """
    if len(rows) < 2 or len(rows[0]) < 2:
        return False
    first, below = rows[0], rows[1:]
    if not all(first[1:]) or any(map(_is_value, first)):
        return False
    return any(_mostly_values([row[column] for row in below if column < len(row)]) for column in range(len(first)))


def is_year(cell: str) -> bool:
    """Whether a cell names a year, as heads of columns do."""
    return _YEAR.fullmatch(cell) is not None


def _mostly_values(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return 2 * sum(map(_is_value, filled)) > len(filled)


def _is_value(cell: str) -> bool:
    """Whether the cell is a number, perhaps with a unit, or a date, but no year."""
    digits = sum(character.isdecimal() for character in cell)
    if digits > sum(character.isalpha() for character in cell):
        return not is_year(cell)
    return _WITH_UNIT.fullmatch(cell) is not None
