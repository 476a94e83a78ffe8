"""Citations: how well they match the gold spans, and whether they are what the source says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.metrics.characters import distinct_characters, overlap_of_unions, shared_characters
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
    return 2 * shared_characters(citations, gold) / (distinct_characters(citations) + distinct_characters(gold))


def quote_iou(citations: Sequence[DocumentSpan], gold: Sequence[DocumentSpan]) -> float | None:
    """Compute intersection over union of characters, citations against gold spans."""
    if not gold:
        return None
    return overlap_of_unions(citations, gold)


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
