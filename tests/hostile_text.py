"""Texts that break careless code, as Hypothesis strategies shared by the tests."""

from hypothesis import strategies as st

from corpus.text import canonical
from corpus.types import ParsedDocument, Section

# Pieces that a random choice of code points would hardly ever put together.
_PIECES = (
    # Sentences, abbreviations, numbers.
    "The stock grew to 3.14 kg. ",
    "Dr. J. R. Smith met the U.S. envoy, e.g. in No. 5 of Fig. 2. ",
    "“Really?!” he said... ",
    "word ",
    "x",
    # Structure.
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\f",
    "# Heading\n",
    "## ",
    "- item\n",
    "1. first\n",
    "| a | b |\n",
    # White space, some of which is white only to Python.
    " ",
    "    ",
    "\t",
    "\u00a0",
    "\u3000",
    "\u2028",
    "\u2029",
    "\x85",
    "\x1c",
    # What is invisible or changes direction.
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u00ad",
    "\u202e",
    "\u2066",
    "\u2069",
    "\x07",
    # What databases and UTF-8 refuse.
    "\x00",
    "\ud800",
    "\udfff",
    "\ufffd",
    # Several code points that are one character to the reader.
    "e\u0301",
    "\u0301\u0327",
    "Z\u0351\u0343\u0321",
    "👨‍👩‍👧‍👦",
    "👍🏽",
    "🇺🇳",
    "🏳️‍🌈",
    "각",
    "\u1100\u1161\u11a8",
    "क्षि",
    "ﬁ",
    "ﷺ",
    "İ",
    # Scripts without spaces, and their full stops.
    "国际原子能机构。",
    "東京は日本の首都である。「はい。」",
    "संकल्प पारित हुआ। ",
    "هل وصل المفتش؟ ",
    "ไม่มีช่องว่าง",
    "한국어 문장입니다. ",
    # Long without a place to cut.
    "a" * 120,
    "中" * 60,
    "." * 40,
    "e" + "\u0301" * 80,
)

raw_texts = st.lists(
    st.one_of(st.sampled_from(_PIECES), st.text(st.characters(exclude_categories=()), max_size=8)), max_size=40
).map("".join)
"""Anything that Python holds as a string, lone surrogates and carriage returns included."""

canonical_texts = raw_texts.map(canonical)
"""Hostile texts as parsers hand them on."""


@st.composite
def documents(draw: st.DrawFn) -> ParsedDocument:
    """Hostile documents with sections and pages that start anywhere, in the middle of a character too."""
    text = draw(canonical_texts)
    offsets = st.lists(st.integers(0, len(text)), max_size=6).map(sorted)
    pages = draw(offsets)
    return ParsedDocument(
        text=text,
        media_type="text/plain",
        page_starts=(0, *pages) if pages else (),
        sections=tuple(Section(start, (f"Section {start}",)) for start in draw(offsets)),
    )
