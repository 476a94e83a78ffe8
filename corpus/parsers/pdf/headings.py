"""Headings of documents without an outline: lines in clearly larger letters than the text."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence

from corpus.parsers.pdf.page_text import PageText, TextLine
from corpus.parsers.sections import Heading

_LARGER = 1.15
_LONGEST = 150
# Fewer headings tell nothing, and where this share of the letters is in large lines, size means something else.
_LEAST = 3
# Large letters on few pages are those of a cover.
_LEAST_PAGES = 0.2
_MOST_SHARE = 0.08
_MOST_LEVELS = 4


def headings_by_size(pages: Sequence[PageText], page_starts: Sequence[int]) -> list[Heading]:
    """A heading for each line, or two or three together, in letters larger than those of the text.

    `page_starts` say where each page begins in the document's text. Nothing for documents where size tells nothing.
    """
    sizes = Counter[float]()
    for page in pages:
        for line in page.lines:
            sizes[_size(line)] += line.end - line.start
    if not sizes:
        return []
    body = sizes.most_common(1)[0][0]
    found = [
        (start + lines[0].start, _size(lines[0]), title)
        for page, start in zip(pages, page_starts, strict=True)
        for lines in _large_lines(page, body)
        if _is_title(title := " ".join(page.text[line.start : line.end] for line in lines))
    ]
    covered = {bisect_right(page_starts, start) for start, *_ in found}
    letters = sum(len(title) for *_, title in found)
    if len(found) < _LEAST or letters > _MOST_SHARE * sizes.total() or len(covered) < _LEAST_PAGES * len(pages):
        return []
    levels = {size: level for level, size in enumerate(sorted({size for _, size, _ in found}, reverse=True), start=1)}
    return [Heading(start, min(levels[size], _MOST_LEVELS), text) for start, size, text in found]


def _size(line: TextLine) -> float:
    """The size of letters to half a point."""
    return round(line.height * 2) / 2


def _large_lines(page: PageText, body: float) -> Iterator[list[TextLine]]:
    """The lines larger than the text, those together that follow one another in one size."""
    run: list[TextLine] = []
    for line in page.lines:
        goes_on = run and _size(line) == _size(run[-1]) and line.gap < line.height and line.start - run[-1].end < 3
        if run and not goes_on:
            yield run
            run = []
        if _size(line) >= _LARGER * body:
            run.append(line)
    if run:
        yield run


def _is_title(text: str) -> bool:
    """Whether a text is short enough for a title, and words rather than numbers or a sentence."""
    letters = sum(map(str.isalpha, text))
    return (
        len(text) <= _LONGEST and letters >= 3 and letters > len(text) / 2 and not text.endswith((".", ",", ";", ":"))
    )
