"""Source text of HTML or XHTML to a tree of elements, without what is for programs only."""

import re
from html.entities import html5
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.parsers.blocks import BlockText
from corpus.parsers.web.boilerplate import remove_invisible
from corpus.parsers.web.html_blocks import render

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Browsers show nothing for them, and lxml refuses them in the text of an element.
_CONTROLS = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Signs that many sites put beside a heading as a link to it.
_HEADING_LINK_SIGNS = {"¶", "#", "🔗", "\u200b"}
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31};)")
_XHTML = re.compile(r"\A\s*<\?xml|<html\s[^>]*xmlns=", re.IGNORECASE)
_BEGINNING = 2000
_XML_ENTITIES = {"amp;", "lt;", "gt;", "quot;", "apos;"}


def page_of(source: str, name: str) -> "HtmlElement":
    """The tree of a page, everything still in it. Raises UnreadableError for one that is empty or nested too deeply."""
    page = _xhtml(source) if _XHTML.search(source[:_BEGINNING]) else None
    return _html(source, name) if page is None else page


def make_visible(page: "HtmlElement") -> None:
    """Take out of a page what nobody sees, and links that only lead to their own heading."""
    remove_invisible(page)
    if _CONTROLS.search(page.text_content()):
        for element in page.iter():
            element.text = _CONTROLS.sub(" ", element.text or "")
            element.tail = _CONTROLS.sub(" ", element.tail or "")
    for link in page.xpath("//h1//a | //h2//a | //h3//a | //h4//a | //h5//a | //h6//a"):
        if link.text_content().strip() in _HEADING_LINK_SIGNS:
            link.drop_tree()


def whole_text(source: str, name: str, blocks: BlockText | None = None) -> BlockText:
    """All visible text of a page that is nothing but text, a mail's body or a chapter; behind `blocks` if given."""
    page = page_of(source, name)
    make_visible(page)
    return render(page.find("body") if page.find("body") is not None else page, blocks)


def _html(source: str, name: str) -> "HtmlElement":
    from lxml import etree, html

    # Without `huge_tree` everything nested deeper than 256 elements, and all after it, would be dropped.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        page = html.document_fromstring(source.encode(), parser=parser)
    except etree.ParserError as error:
        raise UnreadableError(f"{name!r} has no text: the page is empty") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise UnreadableError(f"{name!r} is nested too deeply to be read whole")
    return page


def _xhtml(source: str) -> "HtmlElement | None":
    """The tree of sound XHTML, where `<title/>` is an empty element: to HTML it would open one that never ends."""
    from lxml import etree, html

    parser = html.XHTMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        page = etree.fromstring(_ENTITY.sub(_character, source).encode(), parser)
    except etree.XMLSyntaxError:
        return None
    for element in page.iter(etree.Element):
        element.tag = etree.QName(element).localname.lower()
    etree.strip_tags(page, etree.Entity)
    return page if page.tag == "html" else None


def _character(entity: re.Match[str]) -> str:
    """What a named entity of HTML stands for: XML knows five of them only."""
    return entity[0] if entity[1] in _XML_ENTITIES else html5.get(entity[1], entity[0])
