"""The final order of passages: fused scores, blended with the cross-encoder's where it has read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.evidence import Evidence
from retrieval.fusion import scaled
from retrieval.passages import FoundPassage
from retrieval.profile import Profile


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage with its final score, 0..1, and the logit of its best sentence if it was read."""

    found: FoundPassage
    score: float
    logit: float | None = None


def rank(found: Sequence[FoundPassage], logits: Mapping[int, float], profile: Profile) -> list[Ranked]:
    """Passages, best first; ties by passage id. `logits`: the cross-encoder's, by number of the passages it has read.

    What the cross-encoder has read has scores from one half to 1; what it has not read stays behind, below one half.
    Where it has read nothing, the fused score stands.
    """
    if not logits:
        return _ordered([Ranked(item, item.candidate.fused) for item in found])
    shares = scaled(logits, min(logits.values()))
    read = [item for item in found if item.passage.number in logits]
    unread = [item for item in found if item.passage.number not in logits]
    head = [
        Ranked(item, 0.5 + 0.5 * _blend(item, shares[item.passage.number], profile), logits[item.passage.number])
        for item in read
    ]
    return _ordered(head) + _ordered([Ranked(item, 0.5 * item.candidate.fused) for item in unread])


def best_logits(evidence: Sequence[Evidence]) -> dict[int, float]:
    """The logit of the best sentence of each passage that was read."""
    best: dict[int, float] = {}
    for item in evidence:
        if item.logit is not None:
            number = item.found.passage.number
            best[number] = max(item.logit, best.get(number, item.logit))
    return best


def _blend(item: FoundPassage, scaled_logit: float, profile: Profile) -> float:
    weight = profile.rerank_weight
    return (1 - weight) * item.candidate.fused + weight * scaled_logit


def _ordered(items: list[Ranked]) -> list[Ranked]:
    return sorted(items, key=lambda item: (-item.score, item.found.passage.id))
