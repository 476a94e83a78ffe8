"""Where gold evidence and citations stand in the text of a passage."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from eval.records import CitationRecord, GoldRecord, PassageRecord

GOLD, CITED = 1, 2

# Start, end, and GOLD or CITED or the sum of both.
Mark = tuple[int, int, int]


def marks(passage: PassageRecord, gold: Sequence[GoldRecord], cited: Sequence[CitationRecord]) -> list[Mark]:
    """Mark the parts of a passage's text, ascending and apart.

    Offsets count UTF-16 units in the text, as the strings of browsers do.
    """
    text = passage.text or ""
    parts = [*_inside(passage, gold, GOLD), *_inside(passage, cited, CITED)]
    return [(_utf16(text, start), _utf16(text, end), kinds) for start, end, kinds in _layers(parts)]


def holds_gold(passage: PassageRecord, gold: Sequence[GoldRecord]) -> bool:
    """Tell whether any character of placed gold evidence stands in the passage."""
    return any(True for _ in _inside(passage, gold, GOLD))


def _inside(passage: PassageRecord, places: Iterable[GoldRecord | CitationRecord], kind: int) -> Iterable[Mark]:
    for place in places:
        if place.document != passage.document or place.start is None or place.end is None:
            continue
        start, end = max(place.start, passage.start), min(place.end, passage.end)
        if start < end:
            yield start - passage.start, end - passage.start, kind


def _layers(parts: Sequence[Mark]) -> Iterable[Mark]:
    """Cut overlapping parts at each other's ends, and join the kinds of each piece."""
    cuts = sorted({cut for start, end, _ in parts for cut in (start, end)})
    for start, end in pairwise(cuts):
        kinds = {kind for first, last, kind in parts if first <= start and end <= last}
        if kinds:
            yield start, end, sum(kinds)


def _utf16(text: str, offset: int) -> int:
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2
