"""The worksheets of an Excel workbook (.xlsx): cells with their values as they are shown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.parsers.office.number_formats import general, shown_number
from corpus.parsers.office.sheet_text import SheetCell
from corpus.parsers.xml import whole_number

if TYPE_CHECKING:
    from lxml.etree import _Element

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CELL, _VALUE, _FORMULA, _INLINE = f"{S}c", f"{S}v", f"{S}f", f"{S}is"
_FIRST_ROW = re.compile(r"[A-Z]{1,3}([0-9]{1,7})(:|$)")
_DIGITS = "0123456789"
_LAST_COLUMN = 16_384
_LAST_ROW = 1_048_576
# Characters that XML cannot hold.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Whole numbers of fewer digits are in a file as they are shown.
_SURE_DIGITS = 16
_BOOLEANS = {"1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}


@dataclass(frozen=True, slots=True)
class CellValues:
    """What cells refer to: texts by number, and the number format of each style."""

    strings: Sequence[str]
    formats: Mapping[str, str]
    from_1904: bool

    def shown(self, kind: str, value: str, style: str) -> str:
        """The value of a cell of a kind ("n" for numbers, "s" for shared texts and so on) in a style."""
        if not value:
            return ""
        if kind == "s":
            return self.strings[_index(value)]
        if kind == "b":
            return _BOOLEANS.get(value, value)
        if kind == "d":
            return value.removesuffix("Z").removesuffix("T00:00:00").replace("T", " ")
        if kind != "n":
            return one_line(unescaped(value))
        code = self.formats.get(style, "")
        if not code:
            return value if value.isdecimal() and len(value) < _SURE_DIGITS else general(float(value))
        return shown_number(float(value), code, from_1904=self.from_1904)


class RowReader:
    """Reads the rows of one sheet; `without_result` counts formulas whose results the workbook does not hold."""

    def __init__(self, values: CellValues, name: str) -> None:
        self.without_result = 0
        self._values = values
        self._name = name
        self._row = 0

    def read(self, row: "_Element") -> tuple[int, list[SheetCell]]:
        """The number of a row and its cells that show something, by ascending column."""
        self._row = whole_number(row.get("r"), self._row + 1)
        if self._row > _LAST_ROW:
            raise UnreadableError(f"{self._name!r} is damaged: it has a row {self._row:,}; sheets end at {_LAST_ROW:,}")
        cells: dict[int, SheetCell] = {}
        column = 0
        for cell in row.iterchildren(_CELL):
            column = _column(cell.get("r", "").rstrip(_DIGITS)) or column + 1
            kind = cell.get("t", "n")
            try:
                text = self._text(cell, kind)
            except (ValueError, IndexError, OverflowError) as error:
                problem = f"a cell in row {self._row} makes no sense ({error})"
                raise UnreadableError(f"{self._name!r} is damaged: {problem}") from error
            if text:
                cells[column] = SheetCell(column, text, kind in {"s", "str", "inlineStr"})
        return self._row, [cells[column] for column in sorted(cells)]

    def _text(self, cell: "_Element", kind: str) -> str:
        formula = False
        for child in cell:  # a loop, not `find`: there are millions of cells
            tag = child.tag
            if tag == _VALUE and (child.text or kind != "n"):
                return self._values.shown(kind, child.text or "", cell.get("s", ""))
            if tag == _INLINE:
                return rich_text(child)
            formula = formula or tag == _FORMULA
        self.without_result += formula
        return ""


def rich_text(element: "_Element") -> str:
    """A text in pieces of different looks, on one line, without its pronunciation."""
    pieces = (text.text or "" for text in element.iter(f"{S}t") if text.getparent().tag != f"{S}rPh")
    return one_line(unescaped("".join(pieces)))


def one_line(text: str) -> str:
    """The text with each stretch of white space as one space."""
    return " ".join(text.split())


def unescaped(text: str) -> str:
    """The text with the characters that `_xHHHH_` stands for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _index(value: str) -> int:
    """A position from 0. Raises ValueError for a negative one, which Python would count from the end."""
    index = int(value)
    if index < 0:
        raise ValueError(f"there is no text {index}")
    return index


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    """The column, from 1, that is called "AB" for instance; 0 for what names none."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - ord("A") + 1
    return number if number <= _LAST_COLUMN else 0


def first_row(area: str) -> int:
    """The first row, from 1, of an area such as "A3:D20"; 0 for one that makes no sense."""
    match = _FIRST_ROW.match(area)
    return int(match[1]) if match else 0
