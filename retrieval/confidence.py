"""The confidence that the evidence found answers the question.

With a calibration that fits, it is the probability that the calibration gives. Without one, it is a first guess that
calls itself uncalibrated: a cross-encoder made for ranking tells well whether a sentence is about what is asked, and
hardly whether the answer is in it. See docs/decisions/0007-first-confidence.md.
"""

from collections.abc import Mapping, Sequence

from retrieval.calibration import Calibration, sigmoid
from retrieval.evidence import Evidence
from retrieval.profile import Profile
from retrieval.ranking import Ranked

UNCALIBRATED = "uncalibrated"
_THRESHOLD_OF_GUESS = 0.15

Signals = dict[str, float]


def signals_of(given: Sequence[Evidence], evidence: Sequence[Evidence], ranked: Sequence[Ranked]) -> Signals:
    """What is known of how well the question was answered; a signal that was not measured is left out.

    `given` is the evidence in passages that are returned, the best first; it is compared with all `evidence` and with
    the first passages, `ranked`, whether they are returned or not.

    `logit`: the cross-encoder's of the best sentence; `logit_gap`: how far it is above the best sentence of another
    passage. `coverage`: the share of the question's words in the best sentence. `cosine`: the highest of a passage;
    `cosine_gap`: how far it is above the second, where there is one. `lexical`: the highest BM25 score. `agreement`: 1
    where the best sentence stands in the passage with the highest cosine and in that with the highest BM25 score, 0.5
    where it stands in one of the two, else 0.
    """
    if not given:
        return {}
    best = given[0]
    found: Signals = {"coverage": best.coverage}
    others = [item.logit for item in evidence if item.found is not best.found and item.logit is not None]
    if best.logit is not None:
        found["logit"] = best.logit
        found["logit_gap"] = best.logit - max(others, default=best.logit - _WIDE_GAP)
    return found | _of_searches(best, ranked)


_WIDE_GAP = 10.0  # of logits: as far as the best sentence may lead where there is no second passage


def _of_searches(best: Evidence, ranked: Sequence[Ranked]) -> Signals:
    found: Signals = {}
    dense = _scores({item.found.passage.number: item.found.candidate.dense for item in ranked})
    lexical = _scores({item.found.passage.number: item.found.candidate.lexical for item in ranked})
    if dense:
        first, *others = sorted(dense.values(), reverse=True)
        found["cosine"] = first
        if others:  # alone, a passage is above none: that says nothing of how well it answers
            found["cosine_gap"] = first - others[0]
    if lexical:
        found["lexical"] = max(lexical.values())
    leaders = [max(scores, key=lambda number: scores[number]) for scores in (dense, lexical) if scores]
    found["agreement"] = sum(leader == best.found.passage.number for leader in leaders) / 2
    return found


def _scores(scores: Mapping[int, float | None]) -> dict[int, float]:
    return {number: score for number, score in scores.items() if score is not None}


def confidence(
    signals: Mapping[str, float], calibration: Calibration | None, models: Mapping[str, str]
) -> tuple[float, str]:
    """0..1, and the name of the calibration. `models` are the digests of the models at work, by role."""
    if not signals:
        return 0.0, UNCALIBRATED
    if calibration is not None and calibration.fits(signals, models):
        return calibration.form.probability(signals), calibration.name
    return _guess(signals), UNCALIBRATED


def threshold_for(profile: Profile, calibration: str) -> float:
    """The confidence below which an answer is declined; `calibration` is the name of the one at work.

    The threshold of a profile with a calibration was chosen for it, and means nothing for the first guess.
    """
    if profile.calibration is not None and calibration == UNCALIBRATED:
        return _THRESHOLD_OF_GUESS
    return profile.min_confidence


def _guess(signals: Mapping[str, float]) -> float:
    if "logit" in signals:
        return sigmoid(1.0 + 0.35 * signals["logit"])
    return sigmoid(-4.0 + 4.0 * signals.get("cosine", 0.0) + 3.0 * signals["coverage"])
