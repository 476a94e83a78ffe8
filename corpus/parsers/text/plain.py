"""Plain text: the canonical text is the file's own text; form feeds, where it has them, end its pages."""

import re
from pathlib import PurePath

from corpus.media_types import TEXT
from corpus.parsers.decoding import canonical_text
from corpus.parsers.protocol import ParseOptions
from corpus.types import ParsedDocument

# A first line that stands alone, is short, and does not end as a sentence does.
_HEADLINE = re.compile(r"\s*(?P<line>[^\n]{1,119}[^\s.,:;!?])[^\S\n]*\n[^\S\n]*\n")


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The text as it is, titled by its headline or else after the file; see `decoding.decoded` for encodings."""
    found = canonical_text(data, name, options.limits)
    page_starts = _page_starts(found.text)
    options.limits.check_pages(len(page_starts), name)
    headline = _HEADLINE.match(found.text)
    return ParsedDocument(
        text=found.text,
        media_type=TEXT,
        title=headline["line"].strip() if headline else PurePath(name).stem,
        page_starts=page_starts,
        losses=found.losses,
    )


def _page_starts(text: str) -> tuple[int, ...]:
    """Where pages start, the first at 0; none in a text without form feeds (U+000C)."""
    starts = [0, *(feed.end() for feed in re.finditer("\f", text))]
    if starts[-1] == len(text):  # the feed behind the last page begins no other
        starts.pop()
    return tuple(starts) if "\f" in text else ()
