"""Reading documents: bytes to canonical text with pages and sections. One file a format, listed in `corpus.formats`."""

from dataclasses import replace
from importlib import import_module
from typing import Final, cast

from corpus.detection import media_type_of
from corpus.errors import UnreadableError
from corpus.formats import SUPPORTED, module_of
from corpus.language import language_of
from corpus.media_types import CODE
from corpus.parsers.protocol import ParseLimits, ParseOptions, Parser
from corpus.types import ParsedDocument

__all__ = ["PARSER_VERSION", "ParseLimits", "ParseOptions", "Parser", "page_counts", "parse", "with_language"]

# Part of a document version's digest: raise it whenever the same bytes give another text, page or section.
PARSER_VERSION: Final = "2"

_DEFAULT_OPTIONS = ParseOptions()


def parse(data: bytes, name: str, options: ParseOptions = _DEFAULT_OPTIONS) -> ParsedDocument:
    """The document in `data`, by its media type; `name` is a file name or a label.

    Errors: `UnreadableError` for an unsupported, damaged, encrypted or empty file, or one without any text and
    attachments; `TooLargeError` beyond the limits.
    """
    options.limits.check_bytes(len(data), name)
    document = _parser_for(media_type_of(data, name), name)(data, name, options)
    options.limits.check_characters(len(document.text), name)
    if not document.text.strip() and not document.attachments:
        raise UnreadableError(_no_text_message(document, name))
    return with_language(document)


def page_counts(document: ParsedDocument) -> tuple[int | None, int | None]:
    """How many pages the document has and how many of them hold text; None for a format without pages."""
    if not document.page_starts:
        return None, None
    ends = (*document.page_starts[1:], len(document.text))
    pages = zip(document.page_starts, ends, strict=True)
    return len(ends), sum(not document.text[start:end].isspace() for start, end in pages if start < end)


def _parser_for(media_type: str, name: str) -> Parser:
    module = module_of(media_type)
    if module is None:
        raise UnreadableError(f"{name!r} is {media_type}. Pincite reads {SUPPORTED}")
    # Imported on use: each brings libraries that a program without such documents never needs.
    return cast(Parser, import_module(module).parse)


def with_language(document: ParsedDocument) -> ParsedDocument:
    """The document with its language, if that is clear; source code is in none that people speak."""
    if document.metadata.get("language") or document.media_type == CODE:
        return document
    language = language_of(document.text)
    return replace(document, metadata={**document.metadata, "language": language}) if language else document


def _no_text_message(document: ParsedDocument, name: str) -> str:
    pages, _ = page_counts(document)
    if pages is None:
        return f"{name!r} has no text"
    if document.losses:
        return f"{name!r} has no text on its {pages} page(s): {'; '.join(document.losses)}"
    return f"{name!r} has no text on its {pages} page(s), as if scanned. Run text recognition (OCR) over it first"
