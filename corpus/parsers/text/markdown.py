"""Markdown: the canonical text is the source itself; headings (ATX and setext) become sections."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from corpus.media_types import MARKDOWN
from corpus.parsers.decoding import decode
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.sections import Heading, sections_of
from corpus.text import canonical
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from markdown_it.token import Token

# YAML between `---` lines at the very start. Its first line must be a key or a comment, for a text may begin
# with a rule.
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?=[\w-]+[ \t]*:|#)(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_FRONT_MATTER_TITLE = re.compile(r"^title[ \t]*:[ \t]*(?![ \t>|])([\"']?)(.+?)\1[ \t]*$", re.MULTILINE)


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The source, with a section for every heading.

    The title is the first level 1 heading, else that of the front matter, else the file's name.
    """
    text = canonical(decode(data, name))
    headings = tuple(_headings(text))
    return ParsedDocument(
        text=text,
        media_type=MARKDOWN,
        title=_title(text, headings) or PurePath(name).stem,
        sections=sections_of(headings),
    )


def _title(text: str, headings: Sequence[Heading]) -> str | None:
    first = next((heading.text for heading in headings if heading.level == 1), None)
    front_matter = _FRONT_MATTER.match(text)
    if first or not front_matter:
        return first
    title = _FRONT_MATTER_TITLE.search(front_matter[1])
    return title[2] if title else None


def _headings(text: str) -> Iterator[Heading]:
    """The headings of the document itself; those inside quotations and lists do not divide it."""
    from markdown_it import MarkdownIt

    # Without the inline rules: only the inlines of headings are wanted, and the rest costs most of the time.
    blocks = MarkdownIt("commonmark").disable(["inline", "text_join"])
    inlines = MarkdownIt("commonmark")
    line_starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    references: dict[str, Any] = {}  # link targets that are defined elsewhere in the text
    tokens = blocks.parse(_without_front_matter(text), references)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.level == 0 and opening.map:
            title = _plain(inlines.parseInline(inline.content, references))
            if title:
                yield Heading(line_starts[opening.map[0]], int(opening.tag[1:]), title)


def _without_front_matter(text: str) -> str:
    """Empty lines take its place, so line numbers stay; its closing line would make a heading of the last one."""
    front_matter = _FRONT_MATTER.match(text)
    return "\n" * front_matter[0].count("\n") + text[front_matter.end() :] if front_matter else text


def _plain(tokens: Sequence["Token"]) -> str:
    """A heading's text as it is shown: without emphasis, links and tags."""
    shown = (_shown(child) for token in tokens for child in token.children or ())
    return " ".join("".join(shown).split())


def _shown(token: "Token") -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    return token.content if token.type in {"text", "code_inline", "image"} else ""
