"""A first confidence: how likely the evidence answers the question. It is not calibrated yet and says so.

A cross-encoder for ranking tells whether a text is about what is asked, hardly whether the answer is in it; the words
of the question that the evidence lacks tell some of the rest.
"""

from collections.abc import Mapping

from retrieval.evidence import Evidence
from retrieval.ranking import Ranked, sigmoid

CALIBRATION = "uncalibrated"

# Logit of the confidence = bias + weights . features; set by eye on development questions, see
# docs/decisions/0007-first-confidence.md.
_READ = {"bias": -2.2, "sentence": 0.28, "passage": 0.12, "coverage": 3.0}
_UNREAD = {"bias": -3.2, "dense": 2.0, "coverage": 4.0}


def confidence(best: Evidence | None, ranked: list[Ranked], passage_coverage: float) -> float:
    """0..1. `passage_coverage`: the share of the question's words in the passage of the best evidence."""
    if best is None or not ranked:
        return 0.0
    if best.logit is None:
        dense = max((item.found.candidate.dense or 0.0) for item in ranked)
        return _logistic(_UNREAD, {"dense": dense, "coverage": passage_coverage})
    logits = [item.logit for item in ranked if item.logit is not None]
    features = {"sentence": best.logit, "passage": max(logits, default=best.logit), "coverage": passage_coverage}
    return _logistic(_READ, features)


def _logistic(weights: Mapping[str, float], features: Mapping[str, float]) -> float:
    return sigmoid(weights["bias"] + sum(weights[name] * value for name, value in features.items()))
