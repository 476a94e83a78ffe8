"""Books (EPUB): the chapters in reading order; their headings, else the table of contents, make sections.

A book has no pages of its own: what lists of page numbers it has belongs to a printed edition and is left out.
"""

from pathlib import PurePath

from corpus.errors import UnreadableError
from corpus.media_types import EPUB
from corpus.parsers.blocks import BlockText
from corpus.parsers.containers.epub_package import Book, read_book
from corpus.parsers.decoding import decode
from corpus.parsers.packed import PackedFile, packed_file
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.sections import Heading, sections_of
from corpus.parsers.web.page import whole_text
from corpus.types import ParsedDocument


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The book's whole text without its navigation; chapters that are missing or damaged are told as losses."""
    blocks = BlockText()
    headings: list[Heading] = []
    losses: list[str] = []
    with packed_file(data, name, options.limits) as package:
        book = read_book(package, name)
        for chapter in book.chapters:
            try:
                headings += _add_chapter(blocks, package, book, chapter)
            except UnreadableError as error:
                losses.append(f"the chapter {chapter!r} is not read: {error}")
            options.limits.check_characters(blocks.length, name)
    return ParsedDocument(
        text=blocks.text,
        media_type=EPUB,
        title=book.title or PurePath(name).stem,
        sections=sections_of(headings),
        metadata=book.metadata,
        losses=tuple(losses),
        tables=blocks.tables,
    )


def _add_chapter(blocks: BlockText, package: PackedFile, book: Book, chapter: str) -> list[Heading]:
    """Append a chapter; its headings, or its entry in the table of contents if it has none."""
    known, start = len(blocks.headings), blocks.length
    whole_text(decode(package.read(chapter), chapter), chapter, blocks)
    found = blocks.headings[known:]
    if found or chapter not in book.contents or blocks.length == start:
        return found
    title, level = book.contents[chapter]
    added = blocks.text_from(start)
    return [Heading(start + len(added) - len(added.lstrip("\n")), level, title)]
