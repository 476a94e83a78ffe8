"""What stands on a page without belonging to its main text: hidden parts, notices, calls to sign up."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# None of it is text that a reader of the page sees.
_INVISIBLE = ("script", "style", "noscript", "template", "svg", "iframe", "object", "canvas")
_HIDING_STYLE = re.compile(r"(^|[;\s])(display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
# Frameworks hide with this class.
_HIDING_CLASS = "hidden"
_CONTAINERS = {"html", "body", "main", "article"}
_NOTICE_TAGS = {"div", "section", "p", "aside", "ul", "form", "span"}
# Words of class names and ids, beyond those that trafilatura knows, that say what a part is for.
_NOTICE_WORDS = (
    *("disclosure", "disclaimer", "copyright", "cta", "newsletter", "signup", "subscribe", "nextstory"),
    *("advert", "advertisement", "advertising", "sponsored", "recommended", "recommendations"),
)
# A word begins after anything but a letter, or with a capital as in "pageCopyright".
_NOTICE = re.compile(
    rf"((?<![A-Za-z])({'|'.join(_NOTICE_WORDS)})|{'|'.join(word.capitalize() for word in _NOTICE_WORDS)})(?![a-z])"
)
# Where more than this is hidden, a script will show it; and what more than this is marked as cannot be a notice.
_MOST_HIDDEN = 0.5
_MOST_NOTICES = 0.3


def remove_invisible(page: "HtmlElement") -> None:
    """Take out the elements whose text is for programs, and those that browsers do not show."""
    from lxml import etree

    etree.strip_elements(page, *_INVISIBLE, with_tail=False)
    _drop(page, _is_hidden, _MOST_HIDDEN)


def remove_notices(page: "HtmlElement") -> None:
    """Take out parts that by their class or id are notices and calls beside the main text."""
    _drop(page, _is_notice, _MOST_NOTICES)


def _is_hidden(element: "HtmlElement") -> bool:
    attributes = element.attrib
    if attributes.get("hidden", "until-found") != "until-found" or _HIDING_STYLE.search(attributes.get("style", "")):
        return True
    classes = attributes.get("class", "")
    # Beside classes such as "lg:block" it holds for some widths of the screen only.
    return _HIDING_CLASS in classes.split() and ":" not in classes and "-" not in classes


def _is_notice(element: "HtmlElement") -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return element.tag in _NOTICE_TAGS and _NOTICE.search(names) is not None


def _drop(page: "HtmlElement", is_unwanted: Callable[["HtmlElement"], bool], most: float) -> None:
    """Take out the outermost unwanted elements, unless they hold more than a share of the page's text."""
    from lxml.etree import iterwalk

    unwanted = []
    walk = iterwalk(page, events=("start",))
    for _, element in walk:
        if is_unwanted(element) and element.tag not in _CONTAINERS:
            unwanted.append(element)
            walk.skip_subtree()
    if unwanted and sum(map(text_length, unwanted)) <= most * text_length(page):
        for element in unwanted:
            element.drop_tree()


def text_length(element: "HtmlElement") -> int:
    """Characters of the text below an element that are no white space."""
    from lxml.etree import tostring

    return sum(map(len, tostring(element, method="text", encoding="unicode", with_tail=False).split()))
