"""Words that were divided at the end of a line in a PDF: joined again, or kept with their hyphen."""

import re
from collections import Counter
from collections.abc import Sequence

# PDFium removes the line break after such a hyphen and puts U+FFFE or U+0002 in its place. It cannot know whether
# the hyphen belongs to the word ("non-GAAP") or only divides it ("exam-ple").
_DIVIDED = re.compile(r"([^\W_]+)(?:[\ufffe\x02]|\xad(?=\r?\n))(?:\r?\n)?([^\W_]+)")
_LEFTOVERS = re.compile("[\ufffe\uffff\x02]")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def join_divided_words(pages: Sequence[str]) -> list[str]:
    """The pages with each divided word written as the rest of the document suggests; noncharacters are dropped."""
    if not any(map(_DIVIDED.search, pages)):
        return [_LEFTOVERS.sub("", page) for page in pages]
    words = Counter(word for page in pages for word in _WORD.findall(_DIVIDED.sub(" ", page).lower()))
    parts = {part for word in words for part in word.split("-")}
    verdicts = Counter(_keeps_hyphen(match, words, parts) for page in pages for match in _DIVIDED.finditer(page))
    usually = verdicts[True] > verdicts[False]

    def joined(match: re.Match[str]) -> str:
        keeps = _keeps_hyphen(match, words, parts)
        return "-".join(match.groups()) if keeps or (keeps is None and usually) else "".join(match.groups())

    return [_LEFTOVERS.sub("", _DIVIDED.sub(joined, page)) for page in pages]


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
