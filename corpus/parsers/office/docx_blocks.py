"""From the XML of a Word document to blocks of text."""

from collections.abc import Collection, Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.parsers.office.charts import add_linked_drawing
from corpus.parsers.office.docx_styles import PARAGRAPH, DocxStyles, W, is_on
from corpus.parsers.office.drawing import FALLBACK
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.package import RELATION, Package
from corpus.parsers.office.table_headers import looks_like_header
from corpus.text import canonical

if TYPE_CHECKING:
    from lxml.etree import _Element

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_TABLE, _ROW, _CELL = f"{W}tbl", f"{W}tr", f"{W}tc"
_TEXT_BOX = f"{W}txbxContent"
# Drawings in parts of their own, and the attribute with the relationship to them.
_LINKED = {
    "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart": ("chart", "id"),
    "{http://schemas.microsoft.com/office/drawing/2014/chartex}chart": ("chart", "id"),
    "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds": ("diagram", "dm"),
}
# Content controls, accepted insertions and the like: what is in them counts as if they were not there.
_WRAPPERS = {f"{W}{tag}" for tag in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")} | {
    f"{_MC}AlternateContent",
    f"{_MC}Choice",
}
# Deleted text, pronunciation aids, properties; the fallback repeats its choice; text boxes are read after the text.
_SKIPPED = {f"{W}{tag}" for tag in ("del", "moveFrom", "rt", "pPr", "rPr")} | {FALLBACK, _TEXT_BOX}
_CHARACTERS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}


class DocxReader:
    """Reads a document into `text` on construction; `title` is its first paragraph in a title style.

    Raises UnreadableError when the main part has no body.
    """

    def __init__(self, package: Package, text: OfficeText, name: str) -> None:
        self.title = ""
        self._package = package
        self._text = text
        part = package.main_part()
        body = package.root(part).find(f"{W}body")
        if body is None:
            raise UnreadableError(f"{name!r} is damaged or not a Word document: it has no body")
        self._links = package.relationships(part)
        self._styles = DocxStyles(package.root(styles) for styles in package.related(part, "styles"))
        self._add_all(body)
        for kind in ("footnotes", "endnotes"):
            for notes in package.related(part, kind):
                self._add_notes(package.root(notes))
        package.gather_embedded(part, text)
        package.count_comments(part, text)

    def _add_notes(self, notes: "_Element") -> None:
        """Add foot- or endnotes; those with a type are the separator lines."""
        for note in notes:
            if note.get(f"{W}type") in {None, "normal"}:
                self._add_all(note)

    def _add_all(self, container: "_Element") -> None:
        for block in _children(container, {PARAGRAPH, _TABLE}):
            if block.tag == PARAGRAPH:
                self._add_paragraph(block)
            elif self._is_layout(block):
                for cell in _cells(block):
                    self._add_all(cell)
            else:
                self._add_table(block)

    def _add_paragraph(self, paragraph: "_Element") -> None:
        text = _text(paragraph)
        level = self._styles.heading_level(paragraph)
        if level is not None:
            self._text.add_heading(text, level)
        elif text.strip() and self._styles.is_list(paragraph):
            self._text.add(f"- {text.strip()}", group="list")
        else:
            self._text.add(text)
        if not self.title and self._styles.is_title(paragraph):
            self.title = " ".join(canonical(text).split())
        self._add_drawings(paragraph)

    def _add_drawings(self, anchor: "_Element") -> None:
        """Add what is anchored in a paragraph or a table."""
        for drawing in _drawings(anchor):
            if drawing.tag == _TEXT_BOX:
                self._add_all(drawing)
                continue
            kind, attribute = _LINKED[drawing.tag]
            link = self._links.get(drawing.get(f"{RELATION}{attribute}", ""))
            add_linked_drawing(self._text, self._package, None if link is None else link.target, kind)

    def _add_table(self, table: "_Element") -> None:
        rows = [row for row in _children(table, {_ROW}) if row.find(f"{W}trPr/{W}del") is None]
        texts = [[_cell_text(cell) for cell in _children(row, {_CELL})] for row in rows]
        headers = self._header_count(table, rows, texts)
        for number, cells in enumerate(texts):
            self._text.add_row(cells, table=table, header=number < headers)
        self._add_drawings(table)

    def _header_count(self, table: "_Element", rows: Sequence["_Element"], texts: Sequence[Sequence[str]]) -> int:
        """How many rows at the top are headers: as marked, else the first if it looks different or reads like one."""
        marked = len(list(takewhile(_is_marked, rows)))
        if marked or len(rows) < 2:
            return marked if marked < len(rows) else 0
        distinct = _is_bold(rows[0]) and not _is_bold(rows[1])
        return int(distinct or self._styles.marks_first_row(table) or looks_like_header(texts))

    def _is_layout(self, table: "_Element") -> bool:
        """Whether a table only places parts of the page: it has headings in it, or just one column."""
        if all(len(list(_children(row, {_CELL}))) <= 1 for row in _children(table, {_ROW})):
            return True
        return any(self._styles.heading_level(paragraph) is not None for paragraph in table.iter(PARAGRAPH))


def _children(element: "_Element", wanted: Collection[str]) -> Iterator["_Element"]:
    for child in element:
        if child.tag in wanted:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _children(child, wanted)


def _cells(table: "_Element") -> Iterator["_Element"]:
    return (cell for row in _children(table, {_ROW}) for cell in _children(row, {_CELL}))


def _text(element: "_Element") -> str:
    return "".join(_pieces(element))


def _pieces(element: "_Element") -> Iterator[str]:
    for child in element:
        if child.tag in {f"{W}t", _MATH_TEXT}:
            yield child.text or ""
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag]
        elif child.tag not in _SKIPPED:
            yield from _pieces(child)


def _cell_text(cell: "_Element") -> str:
    """All of a cell on one line; a cell that only continues a merged one above is empty."""
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    if merge is not None and merge.get(f"{W}val") != "restart":
        return ""
    return " ".join(" ".join(_cell_texts(cell)).split())


def _cell_texts(cell: "_Element") -> Iterator[str]:
    for block in _children(cell, {PARAGRAPH, _TABLE}):
        yield _text(block) if block.tag == PARAGRAPH else " ".join(map(_cell_text, _cells(block)))


def _drawings(element: "_Element") -> Iterator["_Element"]:
    """The text boxes, charts and diagrams that are anchored in `element`."""
    for child in element:
        if child.tag == _TEXT_BOX or child.tag in _LINKED:
            yield child
        elif child.tag != FALLBACK:
            yield from _drawings(child)


def _is_marked(row: "_Element") -> bool:
    mark = row.find(f"{W}trPr/{W}tblHeader")
    return mark is not None and is_on(mark)


def _is_bold(row: "_Element") -> bool:
    """Whether all the text of a row is in bold type."""
    runs = [run for run in row.iter(f"{W}r") if run.find(f"{W}t") is not None]
    marks = [run.find(f"{W}rPr/{W}b") for run in runs]
    return bool(marks) and all(mark is not None and is_on(mark) for mark in marks)
