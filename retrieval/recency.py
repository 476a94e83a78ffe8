"""Newer documents before older ones that are about as good.

A document's share is 1 for the newest one found and halves with every half-life that it is older; one without a date
counts as a half-life old. Nothing depends on the day on which the question is asked.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from corpus.document_dates import version_date
from retrieval.evidence import Evidence
from retrieval.passages import FoundPassage
from retrieval.ranking import Ranked
from retrieval.types import QueryRequest

_OF_SCORE: Final = 0.05  # of the final score, 0 to 1
_OF_LOGIT: Final = 0.5
_OF_COVERAGE: Final = 0.05
_DAY = 86_400.0


def newer_first(
    ranked: Sequence[Ranked], evidence: Sequence[Evidence], request: QueryRequest
) -> tuple[list[Ranked], list[Evidence]]:
    """Passages and evidence in the order that prefers newer documents a little, where the request wants that."""
    if request.recency == "none":
        return list(ranked), list(evidence)
    shares = _shares([item.found for item in ranked], request.recency_half_life_days)
    scored = [replace(item, score=_blend(item.score, shares[item.found.passage.number])) for item in ranked]
    passages = sorted(scored, key=lambda item: (-item.score, item.found.passage.id))
    return passages, sorted(evidence, key=lambda item: -_worth(item, shares.get(item.found.passage.number, 0.0)))


def _blend(score: float, share: float) -> float:
    return (1 - _OF_SCORE) * score + _OF_SCORE * share


def _worth(item: Evidence, share: float) -> float:
    return item.coverage + _OF_COVERAGE * share if item.logit is None else item.logit + _OF_LOGIT * share


def _shares(found: Sequence[FoundPassage], half_life_days: float) -> dict[int, float]:
    """The share of each passage's document, by the passage's number."""
    dates = {item.passage.number: version_date(item.version) for item in found}
    starts = {number: date.start.timestamp() for number, date in dates.items() if date is not None}
    newest = max(starts.values(), default=0.0)
    half_life = half_life_days * _DAY
    return {number: 0.5 ** ((newest - starts[number]) / half_life) if number in starts else 0.5 for number in dates}
