"""Plain text: the canonical text is the file's own text."""

from pathlib import PurePath

from corpus.media_types import TEXT
from corpus.parsers.decoding import decode
from corpus.parsers.protocol import ParseLimits
from corpus.text import canonical
from corpus.types import ParsedDocument


def parse(data: bytes, name: str, limits: ParseLimits) -> ParsedDocument:
    """The text as it is, titled after the file; see `decoding.decode` for encodings."""
    return ParsedDocument(text=canonical(decode(data, name)), media_type=TEXT, title=PurePath(name).stem)
