"""Returned passages against gold spans and gold pages; None where a question has no such gold data."""

from collections.abc import Iterator, Sequence, Set

from eval.metrics.types import DocumentSpan, PageRange

# So much of a long span (a whole section, a page) is enough to read the answer.
ENOUGH_CHARACTERS = 500


def covers(passage: DocumentSpan, gold: DocumentSpan) -> bool:
    """Tell whether the passage holds at least half of the gold span, or 500 characters of a long one."""
    overlap = passage.overlap(gold)
    return 2 * overlap >= len(gold) or overlap >= ENOUGH_CHARACTERS


def span_hit(passages: Sequence[DocumentSpan], gold: Sequence[DocumentSpan]) -> float | None:
    """Score 1 where any of the passages covers any gold span, else 0."""
    if not gold:
        return None
    return float(any(covers(passage, span) for passage in passages for span in gold))


def span_reciprocal_rank(passages: Sequence[DocumentSpan], gold: Sequence[DocumentSpan]) -> float | None:
    """Compute 1 / rank of the first passage that covers a gold span, 0 where none does."""
    if not gold:
        return None
    ranks = (rank for rank, passage in enumerate(passages, 1) if any(covers(passage, span) for span in gold))
    return next((1 / rank for rank in ranks), 0.0)


def first_characters(passages: Sequence[DocumentSpan], budget: int) -> Iterator[DocumentSpan]:
    """Yield the passages that fit into a budget of characters, the last one cut off."""
    for passage in passages:
        if budget <= 0:
            return
        yield DocumentSpan(passage.document, passage.start, min(passage.end, passage.start + budget))
        budget -= len(passage)


def page_hit(pages: Sequence[PageRange], gold: Set[tuple[str, int]]) -> float | None:
    """Score 1 where any of the passages stands on a gold page of its document, else 0."""
    if not gold:
        return None
    return float(any(_stands_on(place, page) for place in pages for page in gold))


def _stands_on(place: PageRange, gold: tuple[str, int]) -> bool:
    document, page = gold
    if place.document != document or place.first is None:
        return False
    return place.first <= page <= (place.last or place.first)
