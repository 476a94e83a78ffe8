"""What a page states about itself in its head and in JSON-LD: title, author, dates, language. Nothing is guessed."""

import logging
from typing import TYPE_CHECKING

from corpus.language import language_code
from corpus.text import canonical
from corpus.types import MetadataValue

if TYPE_CHECKING:
    from lxml.html import HtmlElement
    from trafilatura.settings import Document

log = logging.getLogger("pincite.parse")

# The library takes dates after this one for mistakes; its own choice, today, would make a page's reading depend on it.
_LATEST_DATE = "2100-01-01"
_LONGEST_VALUE = 1000


def page_metadata(page: "HtmlElement") -> dict[str, MetadataValue]:
    """The metadata of a page whose scripts are still there; keys as in `ParsedDocument`, and "description"."""
    stated = _stated(page)
    values = {
        "author": stated.author,
        "created": _date(page),
        "description": stated.description,
        "language": language_code(page.get("lang") or ""),
    }
    return {key: _clean(value) for key, value in values.items() if value and value.strip()}


def page_title(page: "HtmlElement") -> str:
    """What the page calls itself: its title without the name of the site, else its first level 1 heading."""
    title = _squeezed(page.findtext("head/title") or "")
    headings = [text for text in map(_short_text, page.iter("h1")) if text]
    stated = [_squeezed(content) for content in page.xpath("//meta[@property='og:title']/@content")]
    if not title:
        return next(iter([*filter(None, stated), *headings]), "")
    # Shorter names for the page are taken where its own title holds them.
    within = [name for name in (*stated, *headings) if name in title and len(name) >= len(title) / 2]
    return within[0] if within else title


def _stated(page: "HtmlElement") -> "Document":
    from trafilatura.metadata import examine_meta, extract_meta_json

    stated = examine_meta(page)
    try:
        return extract_meta_json(page, stated)
    except Exception as error:  # the library does not check what types JSON-LD holds; its own callers do the same
        log.debug("JSON-LD is left out: %s", error)
        return stated


def _date(page: "HtmlElement") -> str | None:
    """The date of publication (ISO 8601) by the head, JSON-LD or the page's address."""
    from copy import copy

    from htmldate import find_date
    from lxml import html

    head = html.Element("head")
    for element in page.xpath("//head/meta | //head/link | //script[@type='application/ld+json']"):
        head.append(copy(element))
    statements = html.Element("html")
    statements.append(head)
    return find_date(statements, extensive_search=False, original_date=True, max_date=_LATEST_DATE)


def _short_text(element: "HtmlElement") -> str:
    """The text of an element with single spaces; "" for a long one. Elements that are never closed hold the page."""
    pieces: list[str] = []
    length = 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece)
        if length > _LONGEST_VALUE:
            return ""
    return _squeezed("".join(pieces))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _clean(value: str) -> str:
    return _squeezed(canonical(value))[:_LONGEST_VALUE]
