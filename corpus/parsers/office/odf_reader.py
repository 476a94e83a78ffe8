"""From the XML of OpenDocument texts and presentations to blocks of text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.parsers.office.odf_package import DRAW, OFFICE, STYLE, TABLE, TEXT, XLINK, OdfPackage
from corpus.parsers.office.odf_paragraphs import COMMENT, HEADING, PARAGRAPH, Anchored, paragraph_text
from corpus.parsers.office.odf_tables import cells_of, row_count, rows_of
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.table_headers import looks_like_header
from corpus.parsers.xml import whole_number

if TYPE_CHECKING:
    from lxml.etree import _Element

_CHART = "{urn:oasis:names:tc:opendocument:xmlns:chart:1.0}"
_MATH = "{http://www.w3.org/1998/Math/MathML}"
_LIST, _TABLE = f"{TEXT}list", f"{TABLE}table"
_ITEMS = (f"{TEXT}list-item", f"{TEXT}list-header")
# What is not text of the document: deletions, forms, declarations, the notes of a slide (which are read by themselves).
_SKIPPED = {f"{TEXT}tracked-changes", f"{OFFICE}forms", f"{TEXT}note", f"{TABLE}shapes"}
_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"


class OdfReader:
    """Adds parts of a document to `text`; `title` is the first paragraph in the style "Title"."""

    def __init__(self, package: OdfPackage, text: OfficeText, root: "_Element") -> None:
        self.title = ""
        self._package = package
        self._text = text
        self._notes: list[_Element] = []
        self._open_objects: list[str] = []
        styles = root.iterfind(f"{OFFICE}automatic-styles/{STYLE}style")
        self._parents = {style.get(f"{STYLE}name"): style.get(f"{STYLE}parent-style-name") for style in styles}

    def add_all(self, container: "_Element") -> None:
        """Add all that stands in `container`; its foot- and endnotes wait for `add_notes`."""
        for child in container.iterchildren("{*}*"):  # no entities, which are not expanded
            if child.tag == HEADING:
                self._add_heading(child)
            elif child.tag == PARAGRAPH:
                self._add_paragraph(child)
            elif child.tag == _LIST:
                self._add_list(child, child)
            elif child.tag == _TABLE:
                self._add_table(child)
            elif child.tag.startswith(DRAW):
                self.add_drawing(child)
            else:
                self._add_other(child)

    def add_notes(self) -> None:
        """Add the notes of what has been read."""
        while self._notes:
            for body in self._notes.pop(0).iterfind(f"{TEXT}note-body"):
                self.add_all(body)

    def add_drawing(self, drawing: "_Element") -> None:
        """Add a text box, a shape with text, a table, a chart, a formula, or all that is in a group or frame."""
        if drawing.tag in {f"{DRAW}object", f"{DRAW}object-ole"}:
            self._add_object(drawing)
        elif drawing.tag != f"{DRAW}image":
            self.add_all(drawing)

    def _add_other(self, element: "_Element") -> None:
        """Sections, indexes and the like count as if they were not there."""
        if element.tag == COMMENT:
            self._text.lose("comments")
        elif element.tag not in _SKIPPED and not element.tag.startswith(_PRESENTATION):
            self.add_all(element)

    def _add_heading(self, heading: "_Element") -> None:
        anchored = Anchored()
        level = whole_number(heading.get(f"{TEXT}outline-level"), 1)
        self._text.add_heading(paragraph_text(heading, anchored), level)
        self._add_anchored(anchored)

    def _add_paragraph(self, paragraph: "_Element", marker: str = "", group: object = None) -> bool:
        """Add a paragraph; whether it has any text."""
        anchored = Anchored()
        text = paragraph_text(paragraph, anchored)
        filled = bool(text.strip())
        self._text.add(f"{marker}{text.strip()}" if marker and filled else text, group=group)
        style = paragraph.get(f"{TEXT}style-name", "")
        if not self.title and "Title" in {style, self._parents.get(style)}:
            self.title = " ".join(text.split())
        self._add_anchored(anchored)
        return filled

    def _add_anchored(self, anchored: Anchored) -> None:
        self._notes += anchored.notes
        self._text.lose("comments", anchored.comments)
        for drawing in anchored.drawings:
            self.add_drawing(drawing)

    def _add_list(self, items: "_Element", group: object) -> None:
        """Add a list; lists inside it go on with it, and only the first paragraph of an item is marked."""
        for item in items.iterchildren(*_ITEMS):
            marker = "- "
            for child in item:
                if child.tag == PARAGRAPH:
                    marker = "" if self._add_paragraph(child, marker, group) else marker
                elif child.tag == _LIST:
                    self._add_list(child, group)
                elif child.tag == HEADING:
                    self._add_heading(child)
                elif child.tag == _TABLE:
                    self._add_table(child)

    def _add_table(self, table: "_Element") -> None:
        rows = list(rows_of(table))
        if self._is_layout(table, [row for row, _ in rows]):
            for row, _ in rows:
                for cell, _ in cells_of(row):
                    self.add_all(cell)
            return
        anchored = Anchored()
        texts = [self._cell_texts(row, anchored) for row, _ in rows]
        guessed = not any(header for _, header in rows) and looks_like_header(texts)
        for number, ((row, header), cells) in enumerate(zip(rows, texts, strict=True)):
            for _ in range(row_count(row) if any(cells) else 0):
                self._text.add_row(cells, table, header=header or (guessed and number == 0))
        self._text.end_group()
        self._add_anchored(anchored)

    def _cell_texts(self, row: "_Element", anchored: Anchored) -> list[str]:
        texts: list[str] = []
        for cell, count in cells_of(row):
            texts += [cell_line(cell, anchored)] * count
        return texts

    def _is_layout(self, table: "_Element", rows: list["_Element"]) -> bool:
        """Whether a table only places parts of the page: it has headings in it, or just one column."""
        return all(len(list(cells_of(row))) <= 1 for row in rows) or next(table.iter(HEADING), None) is not None

    def _add_object(self, link: "_Element") -> None:
        name = link.get(f"{XLINK}href", "")
        # A damaged file may hold an object in itself.
        root = self._package.embedded(name) if name not in self._open_objects else None
        chart = None if root is None else root.find(f"{OFFICE}body/{OFFICE}chart/{_CHART}chart")
        if root is not None and root.tag == f"{_MATH}math":
            self._text.add(_formula(root))
        elif chart is not None:
            self._open_objects.append(name)
            self.add_all(chart)
            self._open_objects.pop()
        else:
            self._text.lose("embedded objects of other programs")


def cell_line(cell: "_Element", anchored: Anchored) -> str:
    """All of a cell on one line."""
    first = cell[0] if len(cell) == 1 else None
    if first is not None and first.tag == PARAGRAPH and not len(first):  # nearly all of the millions in a sheet
        return " ".join((first.text or "").split())
    texts = [paragraph_text(paragraph, anchored) for paragraph in _paragraphs(cell, anchored)]
    return " ".join(" ".join(texts).split())


def _paragraphs(element: "_Element", anchored: Anchored) -> Iterator["_Element"]:
    for child in element.iterchildren("{*}*"):
        if child.tag in {PARAGRAPH, HEADING}:
            yield child
        elif child.tag == COMMENT:
            anchored.comments += 1
        elif child.tag.startswith(DRAW):
            anchored.drawings.append(child)
        else:
            yield from _paragraphs(child, anchored)


def _formula(root: "_Element") -> str:
    """The characters of a formula, without the source that it was made from."""
    source = {f"{_MATH}annotation", f"{_MATH}annotation-xml"}
    return "".join("".join(part.text or "" for part in root.iter() if part.tag not in source).split())
