"""What the styles of a Word document mean."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from corpus.parsers.xml import whole_number

if TYPE_CHECKING:
    from lxml.etree import _Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PARAGRAPH = f"{W}p"
_HEADING_NAME = re.compile(r"heading ([1-9])", re.IGNORECASE)
_LIST_NAME = re.compile(r"list (bullet|number)", re.IGNORECASE)
_FIRST_ROW_BIT = 0x20
# Styles based on one another; Word itself allows a few more than ten.
_LONGEST_CHAIN = 50


class DocxStyles:
    """What the paragraph styles of a document mean, inherited from the styles that they are based on."""

    def __init__(self, roots: Iterable["_Element"]) -> None:
        self._by_id = {style.get(f"{W}styleId"): style for root in roots for style in root.iter(f"{W}style")}

    def heading_level(self, paragraph: "_Element") -> int | None:
        """The level of a heading from 1; None for any other paragraph."""
        for element in (paragraph, *self._chain(paragraph)):
            outline = whole_number(_value(element, "pPr", "outlineLvl"), -1)
            if outline >= 0:
                return outline + 1 if outline < 9 else None
            heading = _HEADING_NAME.fullmatch(_value(element, "name"))
            if heading:
                return int(heading[1])
        return None

    def is_title(self, paragraph: "_Element") -> bool:
        """Whether the paragraph is the document's title."""
        return any(_value(style, "name").lower() == "title" for style in self._chain(paragraph))

    def is_list(self, paragraph: "_Element") -> bool:
        """Whether the paragraph is an item of a list."""
        for element in (paragraph, *self._chain(paragraph)):
            numbering = _value(element, "pPr", "numPr", "numId")
            if numbering:
                return numbering != "0"
            if _LIST_NAME.match(_value(element, "name")):
                return True
        return False

    def marks_first_row(self, table: "_Element") -> bool:
        """Whether the table's style sets the first row in bold type, and the table wants that."""
        look = table.find(f"{W}tblPr/{W}tblLook")
        if look is None or not _wants_first_row(look):
            return False
        bold = f"{W}tblStylePr[@{W}type='firstRow']/{W}rPr/{W}b"
        return any(style.find(bold) is not None for style in self._chain(table, "tblPr", "tblStyle"))

    def _chain(self, element: "_Element", properties: str = "pPr", tag: str = "pStyle") -> Iterator["_Element"]:
        """The element's style and those it is based on; each once, for damaged files go round in circles."""
        seen: set[str] = set()
        style_id = _value(element, properties, tag)
        while style_id in self._by_id and style_id not in seen and len(seen) < _LONGEST_CHAIN:
            seen.add(style_id)
            yield self._by_id[style_id]
            style_id = _value(self._by_id[style_id], "basedOn")


def is_on(mark: "_Element") -> bool:
    """Whether a property that is given is not switched off."""
    return mark.get(f"{W}val", "1") not in {"0", "false", "off"}


def _wants_first_row(look: "_Element") -> bool:
    if look.get(f"{W}firstRow") is not None:
        return look.get(f"{W}firstRow") in {"1", "true", "on"}
    try:
        return bool(int(look.get(f"{W}val", "0"), 16) & _FIRST_ROW_BIT)
    except ValueError:
        return False


def _value(element: "_Element", *path: str) -> str:
    """The `w:val` of the element at the end of `path`; "" if there is none."""
    found = element.find("/".join(f"{W}{tag}" for tag in path))
    return "" if found is None else found.get(f"{W}val", "")
