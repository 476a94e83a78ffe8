"""Where things stand in a document, as far as choosing needs to know."""

from corpus.types import ParsedDocument, Span, page_at, section_at


def section_of(document: ParsedDocument, span: Span) -> str:
    """Name the section of a place; in documents without sections, its page."""
    path = section_at(document.sections, span.start)
    return "\0".join(path) if path else str(page_at(document.page_starts, span.start))


def quote_of(document: ParsedDocument, span: Span) -> str:
    """Write a piece of the text on one line; evidence is found without regard to white space."""
    return " ".join(span.of(document.text).split())
