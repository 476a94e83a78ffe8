"""Whether what was found answers the question, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass

from retrieval.confidence import confidence, threshold_for
from retrieval.profile import Profile
from retrieval.retriever import Retrieved
from retrieval.types import QueryRequest


@dataclass(frozen=True, slots=True)
class Verdict:
    """The confidence and what it was computed from; below `threshold` the answer is declined, and `reason` says so."""

    signals: Mapping[str, float]
    confidence: float
    calibration: str
    threshold: float
    reason: str | None


def judge(retrieved: Retrieved, request: QueryRequest, profile: Profile) -> Verdict:
    """The confidence is rounded as it is shown: what is compared with the threshold is what people see."""
    value, calibration = confidence(retrieved.signals, profile.calibration, retrieved.models)
    sure = round(value, 4)
    threshold = request.min_confidence
    if threshold is None:
        threshold = threshold_for(profile, calibration)
    reason = _nothing_found(request) if not retrieved.evidence else _too_unsure(sure, threshold, calibration)
    return Verdict(retrieved.signals, sure, calibration, threshold, reason)


def _nothing_found(request: QueryRequest) -> str:
    filtered = " under the filters" if request.filters is not None else ""
    filtered += f" as of {request.as_of}" if request.as_of is not None else ""
    return f"no passage to look for an answer in was found in the collection {request.collection!r}{filtered}"


def _too_unsure(sure: float, threshold: float, calibration: str) -> str | None:
    if sure >= threshold:
        return None
    return (
        f"no sentence was found that answers the question: confidence {sure:.2f} is below {threshold:.2f} "
        f"({calibration})"
    )
