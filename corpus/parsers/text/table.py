"""Tables in text files (CSV, TSV): one line a row, the cells joined by " | "."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO
from itertools import islice
from pathlib import PurePath
from typing import Literal

from corpus.media_types import CSV, TSV
from corpus.parsers.blocks import BlockText
from corpus.parsers.decoding import canonical_text
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.text import plain
from corpus.types import ParsedDocument

_DELIMITERS = ("\t", ",", ";", "|")
_SAMPLE_ROWS = 200
# Of the rows looked at, so many have at least two cells, and so many just as many cells as most others.
_LEAST_ROWS = 0.9
_LEAST_ALIKE = 0.5
# Excel's own first line, which names the delimiter.
_STATED = re.compile(r"sep=(.)\n")
_LINE_BREAKS = re.compile(r"(?<![ \t])[ \t]*\n\s*")
_NUMBER = re.compile(r"[-+(]?[\s$€£¥]*\d[\d\s.,:/%'_-]*(?:[eE][-+]?\d+)?[\s$€£¥%)]*")
_DECIMAL_COMMA = re.compile(r"[^,]*\d,\d[^,]*")
_LONGEST_HEADER = 80
# The reader's own limit of 128 kB a cell; texts are bounded as a whole.
csv.field_size_limit(2**31 - 1)


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The rows of the table; a file that has no columns is read as plain text.

    Line breaks inside a cell are shown as spaces. Rows are numbered as in the file, blank ones included.
    """
    found = canonical_text(data, name, options.limits)
    text = found.text.removeprefix("\ufeff")
    stated = _STATED.match(text)
    dialect = _Dialect(text[stated.end() :] if stated else text, stated[1] if stated else None)
    if dialect.delimiter is None:
        return plain.parse(data, name, options)
    blocks = BlockText()
    table = object()
    has_header = _has_header(list(islice(dialect.rows(), _SAMPLE_ROWS)))
    for number, row in enumerate(dialect.rows(), start=1 + bool(stated)):
        blocks.add_row(row, table, header=has_header and not blocks.cell_rows, place=(number, 1))
    return ParsedDocument(
        text=blocks.text,
        media_type=TSV if dialect.delimiter == "\t" else CSV,
        title=PurePath(name).stem,
        losses=found.losses,
        tables=blocks.tables,
        cell_rows=tuple(blocks.cell_rows),
    )


class _Dialect:
    """How a text is cut into rows and cells. `delimiter` is None for one that is no table."""

    def __init__(self, text: str, delimiter: str | None) -> None:
        self._text = text
        # In a sound file quotation marks come in pairs; where they do not, they are no more than signs.
        self._quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if text.count('"') % 2 == 0 else csv.QUOTE_NONE
        self.delimiter = delimiter or self._likeliest_delimiter()

    def rows(self, delimiter: str | None = None) -> Iterator[list[str]]:
        """The cells of each row."""
        lines = StringIO(self._text, newline="\n")
        for row in csv.reader(lines, delimiter=delimiter or self.delimiter or ",", quoting=self._quoting):
            yield [_LINE_BREAKS.sub(" ", cell.strip("\n")) if "\n" in cell else cell for cell in row]

    def _likeliest_delimiter(self) -> str | None:
        scores = {delimiter: self._score(delimiter) for delimiter in _DELIMITERS}
        best = max(_DELIMITERS, key=lambda delimiter: scores[delimiter])  # the first of equal ones
        if best == "," and scores[";"][0] and self._has_decimal_commas():
            return ";"
        return best if scores[best][0] else None

    def _has_decimal_commas(self) -> bool:
        """Whether every comma below the first row stands within a number, if the cells are parted by semicolons."""
        rows = islice(self.rows(";"), 1, _SAMPLE_ROWS)
        return not any("," in cell and not _DECIMAL_COMMA.fullmatch(cell) for row in rows for cell in row)

    def _score(self, delimiter: str) -> tuple[float, int]:
        """The share of rows that have as many cells as most, and how many; zeros for what is no delimiter."""
        widths = [len(row) for row in islice(self.rows(delimiter), _SAMPLE_ROWS) if any(map(str.strip, row))]
        if len(widths) < 2 or sum(width > 1 for width in widths) < _LEAST_ROWS * len(widths):
            return 0.0, 0
        width, count = max(Counter(widths).items(), key=lambda item: (item[1], item[0]))
        share = count / len(widths)
        return (share, width) if share >= _LEAST_ALIKE and width > 1 else (0.0, 0)


def _has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: short, different texts that no cell below them repeats."""
    filled = [row for row in rows if any(row)]
    if len(filled) < 2:
        return False
    names = [cell.strip() for cell in filled[0]]
    while names and not names[-1]:
        names.pop()
    used = [name for name in names if name]
    if len(used) < len(names) - 1 or len(set(used)) < len(used):  # the corner above the names of rows may be empty
        return False
    if any(len(name) > _LONGEST_HEADER or _NUMBER.fullmatch(name) for name in used):
        return False
    below = (row[: len(names)] for row in filled[1:])
    return all(cell.strip() != name for row in below for cell, name in zip(row, names, strict=False) if name)
