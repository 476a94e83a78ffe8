"""Whether the evidence that was found is right: what abstaining is judged by."""

from collections.abc import Sequence

from eval.metrics.answers import answer_hit
from eval.metrics.spans import page_hit, span_hit
from eval.metrics.types import CitedSpan, Gold

_LONGEST_QUOTABLE = 20  # words


def is_correct(gold: Gold, citations: Sequence[CitedSpan], answerable: bool | None) -> bool | None:
    """Tell whether a citation holds gold evidence, by the most exact kind of gold data that the question has.

    In this order: a citation covers a gold span; it stands on a gold page; it holds a gold answer (one that is short
    enough to be quoted); it is of a relevant document. Whatever is cited for a question without an answer is wrong.
    None where there is no gold data.
    """
    if answerable is False:
        return False
    scores = (
        span_hit([citation.place for citation in citations], gold.spans),
        page_hit([citation.pages for citation in citations], gold.pages),
        answer_hit((citation.quote for citation in citations), _quotable(gold.answers)),
        _document_hit(gold, citations),
    )
    return next((score > 0 for score in scores if score is not None), None)


def _quotable(answers: Sequence[str]) -> list[str]:
    """Keep the answers that a sentence could hold: longer ones are texts that somebody wrote about the documents."""
    return [answer for answer in answers if len(answer.split()) <= _LONGEST_QUOTABLE]


def _document_hit(gold: Gold, citations: Sequence[CitedSpan]) -> float | None:
    relevant = {document for document, grade in gold.judgements.items() if grade > 0}
    if not relevant:
        return None
    return float(any(citation.place.document in relevant for citation in citations))
