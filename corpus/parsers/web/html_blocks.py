"""From a tree of HTML elements, or of trafilatura's own ones, to blocks of text."""

import re
from typing import TYPE_CHECKING

from corpus.parsers.blocks import BlockText

if TYPE_CHECKING:
    from lxml.etree import _Element

# trafilatura's names stand beside those of HTML: one walk serves both vocabularies.
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "head"}
_ITEMS = {"li", "item"}
_ROWS = {"tr", "row"}
_CELLS = {"td", "th", "cell"}
_LINE_BREAKS = {"br", "lb", "hr"}
_OTHER_BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div"),
    *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "legend", "list", "main", "nav"),
    *("ol", "option", "p", "pre", "quote", "section", "summary", "table", "tbody", "tfoot", "thead", "ul"),
}
_BLOCKS = _HEADINGS | _ITEMS | _ROWS | _CELLS | _OTHER_BLOCKS
_WHITE_SPACE = re.compile(r"\s+")


def render(root: "_Element", blocks: BlockText | None = None) -> BlockText:
    """The text below `root`, block by block, behind that of `blocks` if they are given.

    A list item begins with "- "; a table row is one line, its cells joined by " | ". Tables that only lay out a
    page are read as if their cells were paragraphs.
    """
    from lxml.etree import iterwalk

    walk = _Walk(BlockText() if blocks is None else blocks)
    for event, element in iterwalk(root, events=("start", "end")):
        if event == "start":
            walk.open(element)
        else:
            walk.close(element, tail="" if element is root else element.tail or "")
    walk.flush()
    return walk.blocks


class _Walk:
    """What has been read so far: finished blocks, and the text of the block, cell and row that are still open."""

    def __init__(self, blocks: BlockText) -> None:
        self.blocks = blocks
        self._inline: list[str] = []
        self._bullet = False
        self._verbatim = 0
        self._heading: _Element | None = None
        self._table: _Element | None = None
        self._row: list[str] = []
        self._header_cells = 0
        self._in_head = False

    def open(self, element: "_Element") -> None:
        """Take in the start of `element` and the text before its first child."""
        if element.tag == "thead":
            self._in_head = True
        if self._table is not None or self._heading is not None:
            self._inline.append(" " if element.tag in _BLOCKS | _LINE_BREAKS else "")
        elif element.tag in _LINE_BREAKS:
            self._inline.append("\n")
        else:
            self._open_block(element)
        self._add_inline(element.text or "")

    def close(self, element: "_Element", tail: str) -> None:
        """Take in the end of `element` and the text that follows it."""
        if self._table is not None:
            self._close_in_table(element)
        elif self._heading is not None:
            self._close_in_heading(element)
        else:
            self._close_block(element)
        self._add_inline(tail)

    def flush(self) -> None:
        """End the open block."""
        text = self._take_inline()
        if text and self._bullet:
            self.blocks.add(f"- {text}", group="list")
            self._bullet = False
        else:
            self.blocks.add(text)

    def _open_block(self, element: "_Element") -> None:
        if element.tag in _BLOCKS or _is_verbatim(element):
            self.flush()
        if _is_verbatim(element):
            self._verbatim += 1
        elif element.tag in _HEADINGS:
            self._heading = element
        elif element.tag in _ITEMS:
            self._bullet = True
        elif element.tag == "table" and not _is_layout(element):
            self._table = element

    def _close_block(self, element: "_Element") -> None:
        if element.tag in _BLOCKS or _is_verbatim(element):
            self.flush()
        if element.tag in _ITEMS:
            self._bullet = False
        self._verbatim -= _is_verbatim(element)

    def _close_in_heading(self, element: "_Element") -> None:
        if element is self._heading:
            self.blocks.add_heading(self._take_inline(), _level(element))
            self._heading = None
        elif element.tag in _BLOCKS:
            self._inline.append(" ")

    def _close_in_table(self, element: "_Element") -> None:
        if element.tag in _CELLS:
            self._row.append(" ".join(self._take_inline().split()))
            self._header_cells += element.tag == "th" or element.get("role") == "head"
        elif element.tag in _ROWS:
            self._end_row()
        elif element.tag == "thead":
            self._in_head = False
        elif element.tag == "caption":
            self.flush()
        elif element is self._table:
            self._end_row()  # cells outside of any row
            self._table = None
        elif element.tag in _BLOCKS:
            self._inline.append(" ")

    def _end_row(self) -> None:
        """A row is of the header if it stands in `<thead>` or has header cells only."""
        header = self._in_head or 0 < len(self._row) == self._header_cells
        self.blocks.add_row(self._row, table=self._table, header=header)
        self._row, self._header_cells = [], 0

    def _add_inline(self, text: str) -> None:
        self._inline.append(text if self._verbatim else _WHITE_SPACE.sub(" ", text))

    def _take_inline(self) -> str:
        text, self._inline = "".join(self._inline), []
        if self._verbatim:
            return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
        return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip("\n")


def _level(element: "_Element") -> int:
    """1 to 6, from `<h2>` or trafilatura's `<head rend="h2">`; other headings count as level 2."""
    digits = re.search("[1-6]", element.tag) or re.search("[1-6]", element.get("rend", ""))
    return int(digits[0]) if digits else 2


def _is_verbatim(element: "_Element") -> bool:
    """Whether line breaks and indentation matter: `<pre>`, or trafilatura's `<code>` for it (not inline code)."""
    if element.tag != "code":
        return bool(element.tag == "pre")
    parent = element.getparent()
    return (parent is not None and parent.tag == "body") or any("\n" in piece for piece in element.itertext())


def _is_layout(table: "_Element") -> bool:
    """Whether a table only places parts of the page: with headings, tables or verbatim text in it, or one column."""
    inside = iter(table.iter())
    next(inside)
    if any(element.tag in _HEADINGS or element.tag in {"table", "pre"} for element in inside):
        return True
    return all(sum(cell.tag in _CELLS for cell in row) <= 1 for row in table.iter(*_ROWS))
