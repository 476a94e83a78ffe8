"""The main text of a page: trafilatura's findings, with the page's own heading and lead, without links at its end."""

from functools import cache
from typing import TYPE_CHECKING

from corpus.parsers.blocks import BlockText
from corpus.parsers.web.boilerplate import remove_notices, text_length
from corpus.parsers.web.html_blocks import render
from corpus.parsers.web.page_lead import complete

if TYPE_CHECKING:
    from configparser import ConfigParser

    from lxml.etree import _Element
    from lxml.html import HtmlElement

# Parts that lead elsewhere. trafilatura knows many more; these go even where it finds no main text.
_NAVIGATION = ("nav", "footer", "aside", "dialog")
# trafilatura's own rules keep headings, lists and tables; the algorithms it falls back on keep next to none, and take
# longer. So those are only asked where its own result is less than this share of the page, and are only followed where
# it is less than this share of theirs.
_CERTAIN_SHARE = 0.4
_STRUCTURED_SHARE = 0.7
# A main text of fewer characters means that the page's main part was not recognised.
_SHORTEST_MAIN_TEXT = 25
_INLINE = {"a", "abbr", "b", "br", "cite", "code", "em", "i", "q", "small", "span", "strong", "sub", "sup", "u"}
# trafilatura's time grows with the square of their number, most of all among the children of one element.
_MOST_ELEMENTS = 30_000
_MOST_CHILDREN = 5_000


def main_blocks(page: "HtmlElement") -> BlockText:
    """The main text as trafilatura finds it; where it finds next to nothing, everything but navigation.

    A page that is too large or nested too deeply for trafilatura is read whole as well.
    """
    if _is_huge(page):
        return all_blocks(page)
    remove_notices(page)
    _mark_main_part(page)
    _adapt(page)
    try:
        main = _extracted(page)
    except RecursionError:  # lists within lists within lists
        main = None
    if main is None or text_length(main) < _SHORTEST_MAIN_TEXT:
        return all_blocks(page)
    complete(main, page)
    return render(main)


def _is_huge(page: "HtmlElement") -> bool:
    return any(
        number > _MOST_ELEMENTS or len(element) > _MOST_CHILDREN for number, element in enumerate(page.iter(), start=1)
    )


def _adapt(page: "HtmlElement") -> None:
    """Say things as trafilatura understands them, which else drops the text of bare `<div>` among paragraphs."""
    for verbatim in page.iter("pre"):
        verbatim.set("lang", "text")  # it keeps the line breaks of what it takes for code
    for cell in page.xpath("//thead//td"):
        cell.tag = "th"
    for division in page.iter("div"):
        if (division.text or "").strip() and all(child.tag in _INLINE for child in division):
            division.tag = "p"


def all_blocks(page: "HtmlElement") -> BlockText:
    """Everything but navigation; on a page that seems to be nothing else, that too."""
    from lxml import etree

    body = page.find("body") if page.find("body") is not None else page
    everything = render(body)
    etree.strip_elements(body, *_NAVIGATION, with_tail=False)
    content = render(body)
    return content if content.text else everything


def _extracted(page: "HtmlElement") -> "_Element | None":
    structured = _extract(page, fast=True)
    length = 0 if structured is None else text_length(structured)
    if length >= _CERTAIN_SHARE * text_length(page):
        return structured
    thorough = _extract(page, fast=False)
    if thorough is None or length >= _STRUCTURED_SHARE * text_length(thorough):
        return structured
    return thorough


def _extract(page: "HtmlElement", *, fast: bool) -> "_Element | None":
    """The main text by trafilatura's own rules (`fast`), or by whichever of three algorithms finds the most."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    document = bare_extraction(page, fast=fast, include_comments=False, include_tables=True, config=_settings())
    return document.body if isinstance(document, Document) else None


@cache
def _settings() -> "ConfigParser":
    from trafilatura.settings import use_config

    settings = use_config()
    settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", "0")  # no last resort that runs a short page into one paragraph
    return settings


def _mark_main_part(page: "HtmlElement") -> None:
    """Make the whole body the main part of a page that marks none: else trafilatura drops its headings and lists."""
    from lxml import html
    from trafilatura.xpaths import BODY_XPATH

    body = page.find("body")
    if body is None or any(find_main_part(page) for find_main_part in BODY_XPATH):
        return
    outer = html.Element("body")
    body.getparent().replace(body, outer)
    body.tag = "article"
    outer.append(body)
