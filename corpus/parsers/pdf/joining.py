"""Pages put together to the text of a document."""

from collections.abc import Collection, Sequence

from corpus.parsers.pdf.page_text import PageText
from corpus.types import CharacterBoxes, Table

_BETWEEN_PAGES = "\n\n"
# A sentence that goes on over the end of a page is not cut.
_WITHIN_SENTENCE = "\n"

Joined = tuple[str, tuple[int, ...], tuple[CharacterBoxes, ...], tuple[Table, ...]]


def joined_pages(pages: Sequence[PageText], failed: Collection[int] = ()) -> Joined:
    """The text of all pages, where each starts, the boxes of its characters, and all tables.

    A page without text starts where the next one does. Pages are numbered from 0 in `failed`: no sentence goes over one
    that could not be read.
    """
    parts: list[str] = []
    position = 0
    last = -1
    starts: list[int | None] = []
    boxes, tables = [], []
    for number, page in enumerate(pages):
        if not page.text:
            starts.append(None)
            continue
        if last >= 0:
            parts.append(_separator(pages, last, number, failed))
            position += len(parts[-1])
        starts.append(position)
        parts.append(page.text)
        boxes.append(CharacterBoxes(number + 1, position, page.boxes.astype("<u2").tobytes()))
        tables += [
            Table(position + table.start, position + table.header_end, position + table.end) for table in page.tables
        ]
        position += len(page.text)
        last = number
    return "".join(parts), _filled(starts, position), tuple(boxes), tuple(tables)


def _separator(pages: Sequence[PageText], above: int, below: int, failed: Collection[int]) -> str:
    if any(number in failed for number in range(above + 1, below)):
        return _BETWEEN_PAGES
    end, start = pages[above], pages[below]
    in_table = (end.tables and end.tables[-1].end == len(end.text)) or (start.tables and start.tables[0].start == 0)
    goes_on = start.text[0].islower() and (end.text[-1].isalnum() or end.text[-1] in ",;-–—)”’\"'")
    return _WITHIN_SENTENCE if goes_on and not in_table else _BETWEEN_PAGES


def _filled(starts: Sequence[int | None], length: int) -> tuple[int, ...]:
    """The starts with that of the next page for each page without text."""
    filled: list[int] = []
    following = length
    for start in reversed(starts):
        following = following if start is None else start
        filled.append(following)
    return tuple(reversed(filled))
