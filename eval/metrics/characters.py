"""Spans as sets of characters: one that stands in several spans counts once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from eval.metrics.types import DocumentSpan


def distinct_characters(spans: Iterable[DocumentSpan]) -> int:
    """Count the characters in the union of the spans."""
    by_document: dict[str, list[DocumentSpan]] = defaultdict(list)
    for span in spans:
        by_document[span.document].append(span)
    return sum(_union_length(group) for group in by_document.values())


def shared_characters(left: Sequence[DocumentSpan], right: Sequence[DocumentSpan]) -> int:
    """Count the characters that stand in the union of `left` and in the union of `right`."""
    return distinct_characters(left) + distinct_characters(right) - distinct_characters([*left, *right])


def overlap_of_unions(left: Sequence[DocumentSpan], right: Sequence[DocumentSpan]) -> float:
    """Compute intersection over union, in characters; one of the two must not be empty."""
    return shared_characters(left, right) / distinct_characters([*left, *right])


def _union_length(spans: list[DocumentSpan]) -> int:
    total = reached = 0
    for span in sorted(spans, key=lambda span: span.start):
        total += max(0, span.end - max(span.start, reached))
        reached = max(reached, span.end)
    return total
