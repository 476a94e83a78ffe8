"""XML of no particular kind: the text of its elements; feeds with the pages in them.

A file whose text is mostly tags, such as a settings file, is read as it stands: there the tags say what the text means.
"""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.media_types import XML
from corpus.parsers.blocks import BlockText
from corpus.parsers.decoding import decoded
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.sections import sections_of
from corpus.parsers.web.page import whole_text
from corpus.text import canonical
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from lxml.etree import _Element

_TEXT_ROOTS = {"rss", "feed", "RDF", "svg", "article", "book", "TEI"}
_LEAST_TEXT_SHARE = 0.5
_NO_TEXT = {"script", "style"}
_TITLES = {"title", "head"}
_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
_MARKUP = re.compile(r"</?(p|br|div|a|li|h[1-6]|b|i|em|strong|blockquote|table|img)\b[^<>]*>", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n\s*\n")


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """An element with text of its own is a block, one called "title" a heading as deep as it stands.

    Blocks that hold HTML, as in feeds, are rendered. XML that is not sound is read as plain text.
    """
    found = decoded(data, name)
    source = canonical(found.text)
    content = _DECLARATION.sub("", source, count=1)
    root = _root(content)
    blocks = BlockText()
    if root is not None and _is_text(root, content):
        for element, depth in _blocks(root):
            _add(blocks, element, depth, name)
    text = blocks.text or source
    return ParsedDocument(
        text=text,
        media_type=XML,
        title=blocks.headings[0].text if blocks.headings else PurePath(name).stem,
        sections=sections_of(blocks.headings),
        losses=found.losses,
    )


def _root(content: str) -> "_Element | None":
    from corpus.parsers.xml import xml_root

    try:
        return xml_root(content.encode(), "")
    except UnreadableError:
        return None


def _is_text(root: "_Element", content: str) -> bool:
    from lxml.etree import QName

    if QName(root).localname in _TEXT_ROOTS:
        return True
    return sum(len(text.strip()) for text in root.itertext()) >= _LEAST_TEXT_SHARE * len(content)


def _blocks(root: "_Element") -> Iterator[tuple["_Element", int]]:
    """The outermost elements with text of their own, and how deep they stand."""
    from lxml.etree import QName, iterwalk

    depth = 0
    walk = iterwalk(root, events=("start", "end"))
    for event, element in walk:
        depth += 1 if event == "start" else -1
        if event == "start" and isinstance(element.tag, str):
            if QName(element).localname in _NO_TEXT:
                walk.skip_subtree()
            elif _has_own_text(element):
                yield element, depth
                walk.skip_subtree()


def _has_own_text(element: "_Element") -> bool:
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _add(blocks: BlockText, element: "_Element", depth: int, name: str) -> None:
    from lxml.etree import QName

    text = "".join(element.itertext())
    if QName(element).localname in _TITLES:
        blocks.add_heading(text, min(depth, 6))
        return
    if _MARKUP.search(text):
        text = whole_text(text, name).text
    for paragraph in _BLANK_LINE.split(text):
        blocks.add("\n".join(" ".join(line.split()) for line in paragraph.split("\n")))
