"""The final order of passages: fused scores, blended with the cross-encoder's where it has read them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.evidence import Evidence
from retrieval.passages import FoundPassage
from retrieval.profile import Profile

_SENTENCES = 3  # whose logits make that of their passage
_SHARE_OF_WHOLE = 0.3
_NOTHING = float(np.finfo(float).tiny)  # of conviction; 0 has no logarithm
_LEAST_WIDTH = 2.0  # between the least and the most convincing passage: where all are alike, the fused scores decide


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage with its final score, 0..1, and its logit (see `passage_logits`) if it was read."""

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
    shares = _shares(logits)
    read = [item for item in found if item.passage.number in logits]
    unread = [item for item in found if item.passage.number not in logits]
    head = [
        Ranked(item, 0.5 + 0.5 * _blend(item, shares[item.passage.number], profile), logits[item.passage.number])
        for item in read
    ]
    return _ordered(head) + _ordered([Ranked(item, 0.5 * item.candidate.fused) for item in unread])


def passage_logits(evidence: Sequence[Evidence]) -> dict[int, float]:
    """The logit of each passage that was read: the log of the mean odds, e^logit, of its best three sentences.

    The best sentence alone would put a sentence that stands alone above a passage that is about the question throughout
    (measured: decision 30).
    """
    sentences: dict[int, list[float]] = {}
    for item in evidence:
        if item.logit is not None:
            sentences.setdefault(item.found.passage.number, []).append(item.logit)
    return {number: _log_mean_odds(sorted(logits)[-_SENTENCES:]) for number, logits in sentences.items()}


def between(sentences: float, whole: float) -> float:
    """The logit of a passage from that of its sentences and that of all of it, by how convincing each is."""
    convincing = (1 - _SHARE_OF_WHOLE) * np.logaddexp(0, sentences) + _SHARE_OF_WHOLE * np.logaddexp(0, whole)
    return float(np.log(np.expm1(max(convincing, _NOTHING))))


def _log_mean_odds(logits: Sequence[float]) -> float:
    return float(np.logaddexp.reduce(logits)) - math.log(len(logits))


def _shares(logits: Mapping[int, float]) -> dict[int, float]:
    """Logits as shares, 0..1, of the way from the least to the most convincing passage.

    How convincing a passage is, is log(1 + e^logit): among passages that all do not answer (logits below 0), a
    cross-encoder's differences say little, and the fused scores decide.
    """
    convincing = {number: float(np.logaddexp(0, logit)) for number, logit in logits.items()}
    least = min(convincing.values())
    width = max(max(convincing.values()) - least, _LEAST_WIDTH)
    return {number: (value - least) / width for number, value in convincing.items()}


def _blend(item: FoundPassage, share: float, profile: Profile) -> float:
    weight = profile.rerank_weight
    return (1 - weight) * item.candidate.fused + weight * share


def _ordered(items: list[Ranked]) -> list[Ranked]:
    return sorted(items, key=lambda item: (-item.score, item.found.passage.id))
