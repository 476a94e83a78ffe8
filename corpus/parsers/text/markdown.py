"""Markdown: the canonical text is the source itself; headings (ATX and setext) become sections."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from corpus.media_types import MARKDOWN
from corpus.parsers.decoding import canonical_text
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.sections import Heading, sections_of
from corpus.parsers.text.entries import document_metadata, stated_title
from corpus.parsers.text.front_matter import front_matter_end, front_matter_entries, front_matter_title
from corpus.types import ParsedDocument, Table

if TYPE_CHECKING:
    from markdown_it.token import Token

_UNREAD = "the front matter is no plain YAML; what it says is in the text, but not in the metadata"


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The source, with a section for every heading and the front matter as metadata.

    The title is the first level 1 heading, else that of the front matter, else the file's name. The rows of a table
    are the lines of the source; its header reaches to the end of the line of dashes.
    """
    found = canonical_text(data, name, options.limits)
    entries = front_matter_entries(found.text)
    source = _Source(found.text)
    headings = tuple(source.headings())
    title = next((heading.text for heading in headings if heading.level == 1), None)
    stated = stated_title(entries) if entries else front_matter_title(found.text)
    return ParsedDocument(
        text=found.text,
        media_type=MARKDOWN,
        title=title or stated or PurePath(name).stem,
        sections=sections_of(headings),
        metadata=document_metadata(entries or {}),
        losses=found.losses if entries is not None else (*found.losses, _UNREAD),
        tables=tuple(source.tables()),
    )


class _Source:
    """The blocks of a Markdown text."""

    def __init__(self, text: str) -> None:
        from markdown_it import MarkdownIt

        # Without the inline rules: only the inlines of headings are wanted, and the rest costs most of the time.
        blocks = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
        self._line_starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        self._references: dict[str, Any] = {}  # link targets that are defined elsewhere in the text
        self._tokens = blocks.parse(_without_front_matter(text), self._references)

    def headings(self) -> Iterator[Heading]:
        """The headings of the document itself; those inside quotations and lists do not divide it."""
        from markdown_it import MarkdownIt

        inlines = MarkdownIt("commonmark")
        for opening, inline in pairwise(self._tokens):
            if opening.type == "heading_open" and opening.level == 0 and opening.map:
                title = _plain(inlines.parseInline(inline.content, self._references))
                if title:
                    yield Heading(self._line_starts[opening.map[0]], int(opening.tag[1:]), title)

    def tables(self) -> Iterator[Table]:
        """The tables of the document itself; the first line of each is its header, the second one dashes."""
        for token in self._tokens:
            if token.type == "table_open" and token.level == 0 and token.map:
                first, behind = token.map
                header_end, end = (self._line_starts[line] - 1 for line in (first + 2, behind))
                yield Table(self._line_starts[first], header_end, end)


def _without_front_matter(text: str) -> str:
    """Empty lines take its place, so line numbers stay; its closing line would make a heading of the last one."""
    end = front_matter_end(text)
    return "\n" * text.count("\n", 0, end) + text[end:]


def _plain(tokens: Sequence["Token"]) -> str:
    """A heading's text as it is shown: without emphasis, links and tags."""
    shown = (_shown(child) for token in tokens for child in token.children or ())
    return " ".join("".join(shown).split())


def _shown(token: "Token") -> str:
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    return token.content if token.type in {"text", "code_inline", "image"} else ""
