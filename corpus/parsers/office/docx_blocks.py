"""From the XML of a Word document to blocks of text."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from corpus.parsers.blocks import BlockText
from corpus.text import canonical

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_PARAGRAPH, _TABLE, _ROW, _CELL = f"{_W}p", f"{_W}tbl", f"{_W}tr", f"{_W}tc"
_TEXT_BOX = f"{_W}txbxContent"
# Content controls, accepted insertions and the like: what is in them counts as if they were not there.
_WRAPPERS = {f"{_W}{tag}" for tag in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")} | {
    f"{_MC}AlternateContent",
    f"{_MC}Choice",
}
# Deleted text, pronunciation aids, properties; the fallback repeats its choice; text boxes are read after the text.
_SKIPPED = {f"{_W}{tag}" for tag in ("del", "moveFrom", "rt", "pPr", "rPr")} | {f"{_MC}Fallback", _TEXT_BOX}
_CHARACTERS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_HEADING_NAME = re.compile(r"heading ([1-9])", re.IGNORECASE)
_LIST_NAME = re.compile(r"list (bullet|number)", re.IGNORECASE)


class DocxReader:
    """Reads a document on construction: `blocks` holds its text, `title` its first paragraph in a title style."""

    def __init__(self, document: "Document") -> None:
        self.blocks = BlockText()
        self.title = ""
        self._styles = _Styles(document)
        self._add_all(document.element.body)
        for note in _notes(document):
            self._add_all(note)

    def _add_all(self, container: "_Element") -> None:
        for block in _children(container, {_PARAGRAPH, _TABLE}):
            if block.tag == _PARAGRAPH:
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
            self.blocks.add_heading(text, level)
        elif text.strip() and self._styles.is_list(paragraph):
            self.blocks.add(f"- {text.strip()}", group="list")
        else:
            self.blocks.add(text)
        if not self.title and self._styles.is_title(paragraph):
            self.title = " ".join(canonical(text).split())
        for box in _text_boxes(paragraph):
            self._add_all(box)

    def _add_table(self, table: "_Element") -> None:
        for row in _children(table, {_ROW}):
            self.blocks.add_row([_cell_text(cell) for cell in _children(row, {_CELL})], table=table)

    def _is_layout(self, table: "_Element") -> bool:
        """Whether a table only places parts of the page: it has headings in it, or just one column."""
        if all(len(list(_children(row, {_CELL}))) <= 1 for row in _children(table, {_ROW})):
            return True
        return any(self._styles.heading_level(paragraph) is not None for paragraph in table.iter(_PARAGRAPH))


class _Styles:
    """What the paragraph styles of a document mean, inherited from the styles that they are based on."""

    def __init__(self, document: "Document") -> None:
        self._by_id = {style.get(f"{_W}styleId"): style for style in document.styles.element.iter(f"{_W}style")}

    def heading_level(self, paragraph: "_Element") -> int | None:
        for element in (paragraph, *self._chain(paragraph)):
            outline = _value(element, "pPr", "outlineLvl")
            if outline and outline.isdecimal():
                return int(outline) + 1 if int(outline) < 9 else None
            heading = _HEADING_NAME.fullmatch(_value(element, "name"))
            if heading:
                return int(heading[1])
        return None

    def is_title(self, paragraph: "_Element") -> bool:
        return any(_value(style, "name").lower() == "title" for style in self._chain(paragraph))

    def is_list(self, paragraph: "_Element") -> bool:
        for element in (paragraph, *self._chain(paragraph)):
            numbering = _value(element, "pPr", "numPr", "numId")
            if numbering:
                return numbering != "0"
            if _LIST_NAME.match(_value(element, "name")):
                return True
        return False

    def _chain(self, paragraph: "_Element") -> Iterator["_Element"]:
        """The paragraph's style and those it is based on; each once, for damaged files go round in circles."""
        seen = set()
        style_id = _value(paragraph, "pPr", "pStyle")
        while style_id in self._by_id and style_id not in seen:
            seen.add(style_id)
            yield self._by_id[style_id]
            style_id = _value(self._by_id[style_id], "basedOn")


def _value(element: "_Element", *path: str) -> str:
    """The `w:val` of the element at the end of `path`; "" if there is none."""
    found = element.find("/".join(f"{_W}{tag}" for tag in path))
    return "" if found is None else found.get(f"{_W}val", "")


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
        if child.tag in {f"{_W}t", _MATH_TEXT}:
            yield child.text or ""
        elif child.tag in _CHARACTERS:
            yield _CHARACTERS[child.tag]
        elif child.tag not in _SKIPPED:
            yield from _pieces(child)


def _cell_text(cell: "_Element") -> str:
    """All of a cell on one line; a cell that only continues a merged one above is empty."""
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    if merge is not None and merge.get(f"{_W}val") != "restart":
        return ""
    return " ".join(" ".join(_cell_texts(cell)).split())


def _cell_texts(cell: "_Element") -> Iterator[str]:
    for block in _children(cell, {_PARAGRAPH, _TABLE}):
        yield _text(block) if block.tag == _PARAGRAPH else " ".join(map(_cell_text, _cells(block)))


def _text_boxes(element: "_Element") -> Iterator["_Element"]:
    for child in element:
        if child.tag == _TEXT_BOX:
            yield child
        elif child.tag != f"{_MC}Fallback":
            yield from _text_boxes(child)


def _notes(document: "Document") -> Iterable["_Element"]:
    """The foot- and endnotes; those with a type are the separator lines."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import parse_xml

    for relationship in document.part.rels.values():
        if relationship.reltype in {RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES}:
            for note in parse_xml(relationship.target_part.blob):
                if note.get(f"{_W}type") in {None, "normal"}:
                    yield note
