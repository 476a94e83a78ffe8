"""HTML: the main text of a page without navigation, adverts and footers; headings become sections."""

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.media_types import HTML
from corpus.parsers.blocks import BlockText
from corpus.parsers.decoding import decode
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.sections import sections_of
from corpus.parsers.web.html_blocks import render
from corpus.text import canonical
from corpus.types import ParsedDocument

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Browsers show nothing for them, and lxml refuses them in the text of an element.
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# None of it is text that a reader of the page sees.
_INVISIBLE = ("script", "style", "noscript", "template", "svg", "iframe", "object", "canvas")
# Parts that lead elsewhere. trafilatura knows many more; these go even where it finds no main text.
_NAVIGATION = ("nav", "footer", "aside", "dialog")
# Signs that many sites put beside a heading as a link to it.
_HEADING_LINK_SIGNS = {"¶", "#", "🔗", "\u200b"}
# trafilatura's own rules keep headings, lists and tables; the algorithms it falls back on keep next to none.
# So its own result is taken from this share of the longer text on.
_STRUCTURED_SHARE = 0.7
# A main text of fewer characters means that the page's main part was not recognised.
_SHORTEST_MAIN_TEXT = 25


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The main text as trafilatura finds it; where it finds next to nothing, everything in the body.

    The title is that of the page, else its first level 1 heading, else the file's name. Nothing is fetched.
    """
    page = _page(canonical(decode(data, name)), name)
    blocks = _main_blocks(page)
    return ParsedDocument(
        text=blocks.text,
        media_type=HTML,
        title=_title(page) or PurePath(name).stem,
        sections=sections_of(blocks.headings),
    )


def _page(source: str, name: str) -> "HtmlElement":
    from lxml import etree, html

    # Without `huge_tree` everything nested deeper than 256 elements, and all after it, would be dropped.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        page = html.document_fromstring(source.encode(), parser=parser)
    except etree.ParserError as error:
        raise UnreadableError(f"{name!r} has no text: the page is empty") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise UnreadableError(f"{name!r} is nested too deeply to be read whole")
    etree.strip_elements(page, *_INVISIBLE, with_tail=False)
    _clean(page)
    return page


def _clean(page: "HtmlElement") -> None:
    for element in page.iter():
        element.text = _CONTROLS.sub(" ", element.text or "")
        element.tail = _CONTROLS.sub(" ", element.tail or "")
    for link in page.xpath("//h1//a | //h2//a | //h3//a | //h4//a | //h5//a | //h6//a"):
        if link.text_content().strip() in _HEADING_LINK_SIGNS:
            link.drop_tree()


def _main_blocks(page: "HtmlElement") -> BlockText:
    _mark_main_part(page)
    for verbatim in page.iter("pre"):
        verbatim.set("lang", "text")  # trafilatura keeps the line breaks of what it takes for code
    structured = _extract(page, fast=True)
    thorough = _extract(page, fast=False)
    enough = len(structured.text) >= _STRUCTURED_SHARE * len(thorough.text)
    main = structured if enough else thorough
    return main if len(main.text) >= _SHORTEST_MAIN_TEXT else _all_blocks(page)


def _extract(page: "HtmlElement", fast: bool) -> BlockText:
    """The main text by trafilatura's own rules (`fast`), or by whichever of three algorithms finds the most."""
    from trafilatura import bare_extraction
    from trafilatura.settings import Document, use_config

    settings = use_config()
    settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", "0")  # no last resort that runs a short page into one paragraph
    document = bare_extraction(page, fast=fast, include_comments=False, include_tables=True, config=settings)
    return render(document.body) if isinstance(document, Document) else BlockText()


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


def _all_blocks(page: "HtmlElement") -> BlockText:
    """Everything but navigation; on a page that seems to be nothing else, that too."""
    from lxml import etree

    body = page.find("body") if page.find("body") is not None else page
    everything = render(body)
    etree.strip_elements(body, *_NAVIGATION, with_tail=False)
    content = render(body)
    return content if content.text else everything


def _title(page: "HtmlElement") -> str:
    candidates = [page.find("head/title"), next(page.iter("h1"), None)]
    texts = (" ".join(element.text_content().split()) for element in candidates if element is not None)
    return next(filter(None, texts), "")
