"""The lead of a page, which many templates put outside of the main part, and what follows or interrupts its text."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement

_LEAD_TAGS = ("p", "div", "h2", "h3")
# A description of the page names its lead if this much of both is the same; most are cut off somewhere.
_LEAD_CHARACTERS = 60
_LONGEST_LEAD = 1000
# Links, and words that introduce them, may take up so much of the end of a main text; a short text is left alone.
_LONGEST_END_SHARE = 0.2
_SHORTEST_TEXT_WITH_END = 500
_LONGEST_LINE = 250
_LINE_TAGS = ("p", "item", "li", "head", "h2", "h3", "h4", "h5", "h6", "quote", "blockquote")
_IGNORE = re.IGNORECASE
# Whole lines that introduce other pages; what comes after one of them at the end of a page goes with it.
_OTHER_PAGES = re.compile(
    r"(related|recommended|similar|more|latest|popular)\s(articles?|posts?|stories|content|reading|news|links)\W*"
    r"|(you\s(may|might)\salso|people\salso|read\salso|read\snext|more\s(from|on\sthis|like\sthis))\b.{0,60}"
    r"|(das|dies)\b.{0,30}\bkönnte\b.{0,20}\binteressieren\W*|(empfohlene|ähnliche|weitere|verwandte)\s(beiträge|artikel)\W*"
    r"|(mehr|auch)\szum\sthema\W*|lesen\ssie\sauch\b.{0,60}"
    r"|(à\s)?lire\saussi\W*|sur\sle\smême\s(sujet|thème)\W*|articles\s(similaires|liés|recommandés)\W*"
    r"|(contenidos?|artículos|noticias)\srelacionad[oa]s?\W*|te\spuede\sinteresar\W*"
    r"|(articoli|contenuti)\scorrelati\W*|leggi\sanche\W*|artigos\srelacionados\W*|(gerelateerde|meer)\sartikelen\W*"
    r"|(leave|post|write)\sa\s(comment|reply)\W*|schreibe?n?\s(sie\s)?einen\skommentar\W*",
    _IGNORE,
)
# Lines that ask for something, wherever they stand.
_CALLS = re.compile(
    r"(follow|like|join|find)\s.{1,80}\son\s(twitter|x|facebook|instagram|linkedin|youtube|telegram|whatsapp)\b.*"
    r"|(subscribe|sign\sup|register)\s(now|here|today|to|for)\b.{0,120}\b(newsletter|edition|updates?|alerts?|inbox)\b.*"
    r"|(never|don['’]t)\smiss\b.{0,80}\b(sign|subscrib|newsletter).*"
    r"|for\sthe\slatest\b.{0,60}\b(download|follow|subscribe|visit|sign\sup)\b.*"
    r"|(donate|support\sus|advertise?ment|anzeige|werbung|publicité|publicidad|pubblicità)\W*"
    r"|(story|article)\scontinues\s(below|after)\b.*|(download|get)\s(our|the)\s.{0,40}\bapp\b.*"
    r"|(also\sread|read\s(also|more|next)|(à\s)?lire\saussi|lesen\ssie\s(auch|mehr)|mehr\sdazu|leggi\sanche"
    r"|le[ae]\stambién|lees\sook|leia\stambém)\s*[:»>→|–-]\s*\w.*"
    r"|(click|tap)\shere\sto\s(subscribe|sign\sup|share|comment).*|share\s(this|on)\b.{0,60}"
    r"|(abonnieren|folgen)\ssie\b.*|(jetzt\s)?(newsletter|kostenlos)\s(abonnieren|anmelden)\b.*",
    _IGNORE,
)
# Lines about the page itself, at its end.
_ABOUT_PAGE = re.compile(
    r"(permalink|permalien|print|imprimer|drucken|share|teilen|tags?|categor(y|ies)|kategorien?|filed\sunder|posted\sin)\b.*"
    r"|(copyright|©|all\srights\sreserved).*",
    _IGNORE,
)


def complete(main: "_Element", page: "HtmlElement") -> None:
    """Give the main text the page's lead if it is missing; take out calls, and what at its end is not about it."""
    from lxml import etree

    _remove_end(main)
    remove_calls(main)
    lead = _lead(page, squeezed(main))
    if lead:
        element = etree.Element("p")
        element.text = lead
        main.insert(0, element)


def squeezed(element: "_Element") -> str:
    """The text of an element with single spaces."""
    return " ".join(" ".join(element.itertext()).split())


def _lead(page: "HtmlElement", text: str) -> str:
    """The block before the main text that the page's description repeats."""
    stated = page.xpath("//meta[@name='description' or @property='og:description']/@content")
    beginnings = {" ".join(one.split())[:_LEAD_CHARACTERS] for one in stated}
    beginnings = {beginning for beginning in beginnings if len(beginning) == _LEAD_CHARACTERS and beginning not in text}
    if not beginnings:
        return ""
    found = ""
    for element in page.iter(*_LEAD_TAGS):
        block = squeezed(element)
        if block.startswith(text[:_LEAD_CHARACTERS]):
            break
        if len(block) <= _LONGEST_LEAD and any(block.startswith(beginning) for beginning in beginnings):
            found = block  # those that follow are within it, and closer
    return found


def remove_calls(main: "_Element") -> None:
    """Take out the lines that ask to follow, to subscribe or to share."""
    for element in list(main.iter(*_LINE_TAGS)):
        if _CALLS.fullmatch(_line(element)):
            _remove(element)


def _line(element: "_Element") -> str:
    """The text of an element with single spaces; "" for one that is longer than a line."""
    text = ""
    for piece in element.itertext():
        text += piece
        if len(text) > _LONGEST_LINE:
            return ""
    return " ".join(text.split())


def _remove_end(main: "_Element") -> None:
    """Take off the end of the text what is about other pages or about the page itself."""
    lines = [squeezed(element) for element in main]
    length = sum(map(len, lines))
    allowed = length * _LONGEST_END_SHARE if length >= _SHORTEST_TEXT_WITH_END else 0
    end = position = len(lines)
    while position and allowed >= len(lines[position - 1]):
        position -= 1
        allowed -= len(lines[position])
        introduces = _OTHER_PAGES.fullmatch(lines[position])
        ends = position + 1 == end and (_ABOUT_PAGE.fullmatch(lines[position]) or lines[position].endswith(":"))
        if introduces or ends:
            end = position
    for element in list(main)[end:]:
        main.remove(element)


def _remove(element: "_Element") -> None:
    """Take out an element without the text that follows it."""
    parent, previous = element.getparent(), element.getprevious()
    if parent is None:
        return
    if previous is not None:
        previous.tail = (previous.tail or "") + (element.tail or "")
    else:
        parent.text = (parent.text or "") + (element.tail or "")
    parent.remove(element)
