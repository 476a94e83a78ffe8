"""A first confidence: how likely the evidence answers the question. It is not calibrated yet and says so.

A cross-encoder made for ranking tells well whether a sentence is about what is asked, and hardly whether the answer is
in it: questions that are merely close to the documents are often answered. See docs/decisions/0007-first-confidence.md.
"""

from collections.abc import Sequence

from retrieval.evidence import Evidence
from retrieval.ranking import Ranked, sigmoid

CALIBRATION = "uncalibrated"


def confidence(best: Evidence, ranked: Sequence[Ranked]) -> float:
    """0..1, from the best sentence and, where no cross-encoder has read it, from the best cosine."""
    if best.logit is not None:
        return sigmoid(1.0 + 0.35 * best.logit)
    cosine = max((item.found.candidate.dense or 0.0) for item in ranked)
    return sigmoid(-4.0 + 4.0 * cosine + 3.0 * best.coverage)
