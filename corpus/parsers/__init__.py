"""Reading documents: bytes to canonical text with pages and sections. One file a format."""

from importlib import import_module
from typing import Final, cast

from corpus.errors import UnreadableError
from corpus.media_types import DOCX, HTML, MARKDOWN, PDF, TEXT, media_type_of
from corpus.parsers.protocol import ParseLimits, Parser
from corpus.types import ParsedDocument

__all__ = ["PARSER_VERSION", "ParseLimits", "Parser", "page_counts", "parse"]

# Part of a document version's digest: raise it whenever the same bytes give another text, page or section.
PARSER_VERSION: Final = "1"

_MODULES = {
    TEXT: "corpus.parsers.plain",
    MARKDOWN: "corpus.parsers.markdown",
    HTML: "corpus.parsers.html",
    PDF: "corpus.parsers.pdf",
    DOCX: "corpus.parsers.docx",
}
_DEFAULT_LIMITS = ParseLimits()


def parse(data: bytes, name: str, limits: ParseLimits = _DEFAULT_LIMITS) -> ParsedDocument:
    """The document in `data`, by its media type; `name` is a file name or a label.

    Errors: `UnreadableError` for an unsupported, damaged, encrypted or empty file, or one without any text;
    `TooLargeError` beyond `limits`.
    """
    limits.check_bytes(len(data), name)
    document = _parser_for(media_type_of(data, name))(data, name, limits)
    limits.check_characters(len(document.text), name)
    if not document.text.strip():
        raise UnreadableError(_no_text_message(document, name))
    return document


def page_counts(document: ParsedDocument) -> tuple[int | None, int | None]:
    """How many pages the document has and how many of them hold text; None for a format without pages."""
    if not document.page_starts:
        return None, None
    ends = (*document.page_starts[1:], len(document.text))
    pages = zip(document.page_starts, ends, strict=True)
    return len(ends), sum(not document.text[start:end].isspace() for start, end in pages if start < end)


def _parser_for(media_type: str) -> Parser:
    # Imported on use: each brings libraries that a program without such documents never needs.
    return cast(Parser, import_module(_MODULES[media_type]).parse)


def _no_text_message(document: ParsedDocument, name: str) -> str:
    pages, _ = page_counts(document)
    if pages is None:
        return f"{name!r} has no text"
    return f"{name!r} has no text on its {pages} page(s), as if scanned. Run text recognition (OCR) over it first"
