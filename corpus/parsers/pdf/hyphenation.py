"""Words that were divided at the end of a line in a PDF: joined again, or kept with their hyphen."""

import re
from collections import Counter
from collections.abc import Sequence

from corpus.parsers.pdf.page_text import PageText, edited

# PDFium removes the line break after such a hyphen and puts U+FFFE or U+0002 in its place. It cannot know whether
# the hyphen belongs to the word ("non-GAAP") or only divides it ("exam-ple").
# It is looked for from where words begin, or one that is as long as its page would take the square of its length.
_DIVIDED = re.compile(r"(?<![^\W_])([^\W_]++)(?:[\ufffe\x02]|\xad(?=\r?\n))(?:\r?\n)?([^\W_]+)")
_LEFTOVERS = re.compile("[\ufffe\uffff\x02]")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


Edit = tuple[int, int, str]
"""Start and end of a stretch of a page's text, and what stands in its place."""


def join_divided_words(pages: Sequence[PageText]) -> list[PageText]:
    """The pages with each divided word written as the rest of the document suggests; noncharacters are dropped."""
    edits = division_edits([page.text for page in pages])
    return [edited(page, page_edits) for page, page_edits in zip(pages, edits, strict=True)]


def division_edits(pages: Sequence[str]) -> list[list[Edit]]:
    """For each page what is to be changed, ascending: a mark becomes a hyphen or nothing."""
    if not any(map(_DIVIDED.search, pages)):
        return [[(mark.start(), mark.end(), "") for mark in _LEFTOVERS.finditer(page)] for page in pages]
    words = Counter(word for page in pages for word in _WORD.findall(_DIVIDED.sub(" ", page).lower()))
    parts = {part for word in words for part in word.split("-")}
    verdicts = Counter(_keeps_hyphen(match, words, parts) for page in pages for match in _DIVIDED.finditer(page))
    usually = verdicts[True] > verdicts[False]

    def edit(match: re.Match[str]) -> Edit:
        keeps = _keeps_hyphen(match, words, parts)
        return match.end(1), match.start(2), "-" if keeps or (keeps is None and usually) else ""

    return [_with_leftovers(page, [edit(match) for match in _DIVIDED.finditer(page)]) for page in pages]


def _with_leftovers(page: str, edits: list[Edit]) -> list[Edit]:
    """The edits, and those that drop the marks outside of them."""
    inside = {place for start, end, _ in edits for place in range(start, end)}
    rest = [(mark.start(), mark.end(), "") for mark in _LEFTOVERS.finditer(page) if mark.start() not in inside]
    return sorted(edits + rest)


def _keeps_hyphen(match: re.Match[str], words: Counter[str], parts: set[str]) -> bool | None:
    """Whether the hyphen belongs to the word; None if neither the word itself nor the document tells."""
    first, second = match.groups()
    with_hyphen, without = words[f"{first}-{second}".lower()], words[(first + second).lower()]
    if with_hyphen != without:
        return with_hyphen > without
    in_compound = "-" in (match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1])
    if in_compound or not (first[-1].islower() and second[0].islower()):
        return True
    return True if first.lower() in parts and second.lower() in parts else None
