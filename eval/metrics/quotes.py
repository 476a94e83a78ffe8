"""Citations: how well they match the gold spans, and whether they are what the source says."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from eval.metrics.types import DocumentSpan


@dataclass(frozen=True, slots=True)
class QuotedSlice:
    """A text that claims to be the slice `start`..`end` of a version of a document."""

    document_id: str
    version: str
    start: int
    end: int
    quote: str


def quote_f1(citations: Sequence[DocumentSpan], gold: Sequence[DocumentSpan]) -> float | None:
    """Compute the F1 of characters, union of the citations against union of the gold spans."""
    if not gold:
        return None
    return 2 * _shared(citations, gold) / (_characters(citations) + _characters(gold))


def quote_iou(citations: Sequence[DocumentSpan], gold: Sequence[DocumentSpan]) -> float | None:
    """Compute intersection over union of characters, citations against gold spans."""
    if not gold:
        return None
    return _shared(citations, gold) / _characters([*citations, *gold])


def citation_validity(slices: Sequence[QuotedSlice], text_of: Callable[[str, str], str | None]) -> float | None:
    """Compute the part of the quotes that are equal to their slice; None without quotes.

    `text_of` takes a document id and a version, and gives None where there is no such text.
    """
    if not slices:
        return None
    return sum(_is_valid(one, text_of(one.document_id, one.version)) for one in slices) / len(slices)


def _is_valid(one: QuotedSlice, text: str | None) -> bool:
    if text is None or not 0 <= one.start <= one.end <= len(text):
        return False
    return text[one.start : one.end] == one.quote


def _shared(left: Sequence[DocumentSpan], right: Sequence[DocumentSpan]) -> int:
    return _characters(left) + _characters(right) - _characters([*left, *right])


def _characters(spans: Iterable[DocumentSpan]) -> int:
    """Count the characters in the union of the spans."""
    by_document: dict[str, list[DocumentSpan]] = defaultdict(list)
    for span in spans:
        by_document[span.document].append(span)
    return sum(_union_length(group) for group in by_document.values())


def _union_length(spans: list[DocumentSpan]) -> int:
    total = reached = 0
    for span in sorted(spans, key=lambda span: span.start):
        total += max(0, span.end - max(span.start, reached))
        reached = max(reached, span.end)
    return total
