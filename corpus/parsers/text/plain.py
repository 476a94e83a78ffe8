"""Plain text: the canonical text is the file's own text."""

import re
from pathlib import PurePath

from corpus.media_types import TEXT
from corpus.parsers.decoding import decode
from corpus.parsers.protocol import ParseOptions
from corpus.text import canonical
from corpus.types import ParsedDocument

# A first line that stands alone, is short, and does not end as a sentence does.
_HEADLINE = re.compile(r"\s*(?P<line>[^\n]{1,119}[^\s.,:;!?])[^\S\n]*\n[^\S\n]*\n")


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The text as it is, titled by its headline or else after the file; see `decoding.decode` for encodings."""
    text = canonical(decode(data, name))
    headline = _HEADLINE.match(text)
    title = headline["line"].strip() if headline else PurePath(name).stem
    return ParsedDocument(text=text, media_type=TEXT, title=title)
