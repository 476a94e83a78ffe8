"""Puts a canonical text together from blocks and notes where the headings stand."""

from collections.abc import Sequence

from corpus.parsers.sections import Heading
from corpus.text import canonical


class BlockText:
    """Blocks of text in reading order: an empty line between blocks, a line break within a group.

    A group is for instance a list or a table: its items or rows stand on lines of their own.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._group: object = None
        self.headings: list[Heading] = []

    @property
    def text(self) -> str:
        """The canonical text of all blocks."""
        return "".join(self._parts)

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

    def add_row(self, cells: Sequence[str], table: object) -> None:
        """Append a row of `table` as a line, unless all its cells are empty; empty cells at its end are left out."""
        filled = max((position for position, cell in enumerate(cells, start=1) if cell), default=0)
        self.add(" | ".join(cells[:filled]), group=table)

    def _append(self, part: str) -> None:
        self._parts.append(part)
        self._length += len(part)
