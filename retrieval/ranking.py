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

    The cross-encoder reads the first `rerank_depth`; what it has not read stays behind what it has: the former have
    scores from one half to 1, the latter below.
    """
    if reranker is None:
        return _ordered([Ranked(item, item.candidate.fused) for item in found])
    head, tail = found[: profile.rerank_depth], found[profile.rerank_depth :]
    logits = reranker.score(question, [item.text for item in head])
    floor, width = min(logits, default=0.0), max(logits, default=0.0) - min(logits, default=0.0)
    read = [
        Ranked(item, 0.5 + 0.5 * _blend(item, (logit - floor) / width if width else 1.0, profile), logit)
        for item, logit in zip(head, logits, strict=True)
    ]
    return _ordered(read) + _ordered([Ranked(item, 0.5 * item.candidate.fused) for item in tail])


def _blend(item: FoundPassage, scaled_logit: float, profile: Profile) -> float:
    weight = profile.rerank_weight
    return (1 - weight) * item.candidate.fused + weight * scaled_logit


def sigmoid(value: float) -> float:
    """The logistic function, safe for large negative values."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def _ordered(items: list[Ranked]) -> list[Ranked]:
    return sorted(items, key=lambda item: (-item.score, item.found.passage.id))
