"""RTF: paragraphs, lists and tables in document order; heading styles and outline levels become sections."""

import re
from pathlib import PurePath

from corpus.media_types import RTF
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.properties import named_properties
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.text.rtf_flow import Block, Flow, add_table
from corpus.parsers.text.rtf_reader import RtfReader
from corpus.text import canonical
from corpus.types import ParsedDocument

_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_DEEPEST_LEVEL = 8  # the outline level of text that is no heading comes after it


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The body, then foot- and endnotes; headers, footers, comments, hidden and deleted text are left out.

    The title is the paragraph in the style "Title", else that of the properties, else the first heading, else the
    file's name.
    """
    text = OfficeText(name, options.limits)
    reader = RtfReader(data, name, text)
    for flow in (reader.body, *reader.notes):
        _add_flow(flow, reader, text)
    titles = (block.text for block in reader.body.blocks if reader.head.styles.get(block.style, "").lower() == "title")
    first_heading = text.headings[0].text if text.headings else ""
    title = next(titles, "") or reader.head.info.pop("title", "") or first_heading or PurePath(name).stem
    reader.head.info.pop("title", None)
    return text.document(RTF, " ".join(canonical(title).split()), named_properties(reader.head.info))


def _add_flow(flow: Flow, reader: RtfReader, text: OfficeText) -> None:
    for block in flow.blocks:
        level = _heading_level(block, reader)
        if block.rows:
            add_table(text, block)
        elif level is not None:
            text.add_heading(block.text, level)
        elif block.is_item:
            text.add(f"- {block.text.strip()}", group="list")
        else:
            text.add(block.text)


def _heading_level(block: Block, reader: RtfReader) -> int | None:
    """The level from 1, by the paragraph itself or its style; None for a paragraph that is no heading."""
    level = reader.head.style_levels.get(block.style) if block.level is None else block.level
    if level is not None:
        return level + 1 if 0 <= level <= _DEEPEST_LEVEL else None
    named = _HEADING.fullmatch(reader.head.styles.get(block.style, ""))
    return int(named[1]) if named else None
