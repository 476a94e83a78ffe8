"""HTML: the main text of a page without navigation, adverts and footers; headings become sections."""

from pathlib import PurePath

from corpus.media_types import HTML
from corpus.parsers.decoding import decoded
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.sections import sections_of
from corpus.parsers.web.main_text import main_blocks
from corpus.parsers.web.page import make_visible, page_of
from corpus.parsers.web.page_metadata import page_metadata, page_title
from corpus.text import canonical
from corpus.types import ParsedDocument


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The main text as trafilatura finds it; where it finds next to nothing, everything in the body.

    The title is that of the page without the name of its site, else its first level 1 heading, else the file's name.
    Text that the page hides is left out. Nothing is fetched.
    """
    source = decoded(data, name)
    page = page_of(canonical(source.text), name)
    metadata, title = page_metadata(page), page_title(page)
    make_visible(page)
    blocks = main_blocks(page)
    return ParsedDocument(
        text=blocks.text,
        media_type=HTML,
        title=title or PurePath(name).stem,
        sections=sections_of(blocks.headings),
        metadata=metadata,
        tables=blocks.tables,
        losses=source.losses,
    )
