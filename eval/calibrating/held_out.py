"""What a calibration does to questions that it was not fitted on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eval.calibrating.candidates import figures
from eval.calibrating.thresholds import DIGITS
from eval.metrics.names import METRICS, OF_QUESTIONS_TOGETHER
from eval.records import QuestionResult
from eval.summary import is_right, labelled, value_of
from retrieval.confidence import confidence
from retrieval.profile import Profile


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Figures by name over the same `n` labelled questions, as they were asked and with the new profile."""

    n: int
    before: Mapping[str, float]
    after: Mapping[str, float]


def held_out_figures(questions: Sequence[QuestionResult], profile: Profile) -> HeldOut | None:
    """Compare; None where there are no labelled questions."""
    before = labelled(questions)
    if not before:
        return None
    after = [_decided(question, profile) for question in before]
    return HeldOut(len(before), _figures(before), _figures(after))


def _decided(question: QuestionResult, profile: Profile) -> QuestionResult:
    """What the service would have said with this profile."""
    models: Mapping[str, str] = {} if profile.calibration is None else profile.calibration.models
    sure = round(confidence(question.signals, profile.calibration, models)[0], DIGITS)
    return replace(question, confidence=sure, abstained=not question.signals or sure < profile.min_confidence)


def _figures(questions: Sequence[QuestionResult]) -> dict[str, float]:
    right = np.array([is_right(question) for question in questions])
    probability = np.array([question.confidence for question in questions], dtype=np.float64)
    found = {metric: value_of(metric, questions) for metric in METRICS if metric in OF_QUESTIONS_TOGETHER}
    own = figures(right, probability)
    ranked = {"right_auroc": own.auroc} if not np.isnan(own.auroc) else {}
    together = {metric: value for metric, value in found.items() if value is not None}
    return {"log_loss": own.log_loss, "brier": own.brier, **ranked, **together}
