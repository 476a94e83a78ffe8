"""Paragraphs of OpenDocument files: their text, and what is anchored in them."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus.parsers.office.odf_package import DRAW, OFFICE, TEXT
from corpus.parsers.xml import whole_number

if TYPE_CHECKING:
    from lxml.etree import _Element

PARAGRAPH, HEADING = f"{TEXT}p", f"{TEXT}h"
NOTE, COMMENT = f"{TEXT}note", f"{OFFICE}annotation"
# Pronunciation aids, and scripts.
_SKIPPED = {f"{TEXT}ruby-text", f"{TEXT}script", f"{TEXT}tracked-changes"}
_WHITE = re.compile("[ \t\r\n]+")
# More spaces in a row than this are not meant; a file can ask for a thousand million.
_MOST_SPACES = 200


@dataclass(slots=True)
class Anchored:
    """What paragraphs have in them beside their text: notes, drawings, and a number of comments."""

    notes: list["_Element"] = field(default_factory=list)
    drawings: list["_Element"] = field(default_factory=list)
    comments: int = 0


def paragraph_text(paragraph: "_Element", anchored: Anchored) -> str:
    """The text of a paragraph with its tabs and line breaks; white space in the XML counts as one space."""
    pieces: list[str] = []
    _gather(paragraph, pieces, anchored)
    return "".join(pieces)


def _gather(element: "_Element", pieces: list[str], anchored: Anchored) -> None:
    _append_text(element.text, pieces)
    for child in element:
        if not isinstance(child.tag, str):  # an entity, which is not expanded
            pass
        elif child.tag == NOTE:
            anchored.notes.append(child)
        elif child.tag == COMMENT:
            anchored.comments += 1
        elif child.tag.startswith(DRAW) and child.tag != f"{DRAW}a":
            anchored.drawings.append(child)
        elif child.tag not in _SKIPPED:
            if character := _character(child):
                pieces.append(character)
            _gather(child, pieces, anchored)
        _append_text(child.tail, pieces)


def _append_text(text: str | None, pieces: list[str]) -> None:
    if not text:
        return
    text = _WHITE.sub(" ", text)
    if text.startswith(" ") and (not pieces or pieces[-1].endswith((" ", "\n"))):
        text = text[1:]
    if text:
        pieces.append(text)


def _character(element: "_Element") -> str:
    if element.tag == f"{TEXT}s":
        return " " * min(whole_number(element.get(f"{TEXT}c"), 1), _MOST_SPACES)
    return {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n"}.get(element.tag, "")
