"""The points of the plots that come straight from the questions of a run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.metrics.spans import covers
from eval.metrics.types import DocumentSpan
from eval.records import PassageRecord, QuestionResult

DEPTH = 10
_BINS = 24


@dataclass(frozen=True, slots=True)
class Reach:
    """The share found among the first k passages, k from 1 upwards, as a mean over `n` questions."""

    name: str
    meaning: str
    n: int
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many questions took how many milliseconds, in bins of equal width from 0.

    There is one edge more than counts. `beyond` of the last count took longer than the last edge.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    beyond: int


def reaches(questions: Sequence[QuestionResult]) -> list[Reach]:
    """Compute what of the gold evidence is found by depth, for the kinds of gold data that the questions have."""
    asked = [question for question in questions if question.answerable is not False]
    spans = [question for question in asked if _gold_spans(question)]
    documents = [question for question in asked if question.gold]
    found = (
        _reach("evidence", "a passage holds the gold evidence (span_hit@k)", spans, _span_ranks),
        _reach("document", "share of the gold documents", documents, _document_ranks),
    )
    return [one for one in found if one is not None]


def durations(questions: Sequence[QuestionResult]) -> Histogram | None:
    """Count the questions that did not fail by their milliseconds; None for a run without times."""
    times = [question.ms for question in questions if question.error is None]
    # Somebody else's run comes without times.
    if not times or max(times) <= 0:
        return None
    # One question that took a hundred times as long must not squeeze the others into a single bar.
    top = min(max(times), 4 * float(np.percentile(times, 95)))
    counts, edges = np.histogram(np.minimum(times, top), bins=_BINS, range=(0, top))
    beyond = sum(time > top for time in times)
    return Histogram(tuple(map(float, edges)), tuple(map(int, counts)), beyond)


def percentiles(questions: Sequence[QuestionResult]) -> dict[str, float]:
    """Compute the times that half and nearly all of the questions stay below."""
    times = [question.ms for question in questions if question.error is None]
    return {f"p{share}": float(np.percentile(times, share)) for share in (50, 95)} if times else {}


def _reach(
    name: str,
    meaning: str,
    questions: Sequence[QuestionResult],
    ranks_of: Callable[[QuestionResult], Sequence[int | None]],
) -> Reach | None:
    if not questions:
        return None
    ranks = [ranks_of(question) for question in questions]
    shares = [
        sum(sum(rank is not None and rank <= k for rank in one) / len(one) for one in ranks) / len(ranks)
        for k in range(1, DEPTH + 1)
    ]
    return Reach(name, meaning, len(questions), tuple(shares))


def _span_ranks(question: QuestionResult) -> Sequence[int | None]:
    """Give the rank of the first passage that covers any of the spans."""
    spans = _gold_spans(question)
    return [_first(question.passages, lambda one: any(covers(_place(one), span) for span in spans))]


def _document_ranks(question: QuestionResult) -> Sequence[int | None]:
    """Give for every gold document the rank of its first passage."""
    documents = dict.fromkeys(gold.document for gold in question.gold)
    best: Mapping[str, int] = {
        name: rank
        for rank, passage in reversed(list(enumerate(question.passages, 1)))
        for name in (passage.document, *passage.also_in)
    }
    return [best.get(document) for document in documents]


def _first(passages: Sequence[PassageRecord], is_wanted: Callable[[PassageRecord], bool]) -> int | None:
    return next((rank for rank, passage in enumerate(passages, 1) if is_wanted(passage)), None)


def _place(passage: PassageRecord) -> DocumentSpan:
    return DocumentSpan(passage.document, passage.start, passage.end)


def _gold_spans(question: QuestionResult) -> list[DocumentSpan]:
    return [
        DocumentSpan(gold.document, gold.start, gold.end)
        for gold in question.gold
        if gold.start is not None and gold.end is not None
    ]
