"""The final order of passages: fused scores, blended with the cross-encoder's where it has read them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.passages import FoundPassage
from retrieval.profile import Profile
from retrieval.reranker import Reranker


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage with its final score, 0..1, and the cross-encoder's logit if it was read."""

    found: FoundPassage
    score: float
    logit: float | None = None


def rank(question: str, found: Sequence[FoundPassage], reranker: Reranker | None, profile: Profile) -> list[Ranked]:
    """Passages, best first; ties by passage id.

    The cross-encoder reads the first `rerank_depth`; what it has not read stays behind what it has.
    """
    if reranker is None:
        return _ordered([Ranked(item, item.candidate.fused) for item in found])
    head, tail = found[: profile.rerank_depth], found[profile.rerank_depth :]
    logits = reranker.score(question, [item.text for item in head])
    read = [
        Ranked(item, _blend(item.candidate.fused, logit, profile.rerank_weight), logit)
        for item, logit in zip(head, logits, strict=True)
    ]
    lowest = min((item.score for item in read), default=1.0)
    rest = [Ranked(item, min(lowest, 1.0) * item.candidate.fused) for item in tail]
    return _ordered(read) + _ordered(rest)


def _blend(fused: float, logit: float, weight: float) -> float:
    return (1 - weight) * fused + weight * sigmoid(logit)


def sigmoid(value: float) -> float:
    """The logistic function, safe for large negative values."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def _ordered(items: list[Ranked]) -> list[Ranked]:
    return sorted(items, key=lambda item: (-item.score, item.found.passage.id))
