"""The figures of a run, from the results of its questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from eval.metrics.abstention import (
    Confidences,
    DecisionTable,
    Flags,
    ReliabilityBin,
    RiskPoint,
    Rows,
    Values,
    abstain_f1,
    answerability_auroc,
    aurc,
    coverage_at_risk,
    expected_calibration_error,
    reliability,
    risk_coverage,
)
from eval.metrics.names import METRICS, OF_QUESTIONS_TOGETHER, PROPORTIONS
from eval.records import QuestionResult
from eval.statistics.intervals import (
    Estimate,
    Interval,
    bootstrap_interval,
    mean_interval,
    reflected_interval,
    wilson_interval,
)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided about questions, one element a question.

    `confidence` orders the questions and `probability` is the same as a chance from 0 to 1. An error counts as the
    wrong decision, made surely: an answerable question was abstained from with less confidence than any other, an
    unanswerable one answered with more, and either had the probability 1 and is wrong.
    """

    answerable: Flags
    abstained: Flags
    right: Flags
    confidence: Confidences
    probability: Confidences


@dataclass(frozen=True, slots=True)
class Abstention:
    """What reports show of abstaining: decisions by label, risk by coverage, chance of being right by confidence.

    The curve and the bins are over the questions for which it is known whether the evidence is right.
    """

    table: DecisionTable
    risk_coverage: tuple[RiskPoint, ...]
    reliability: tuple[ReliabilityBin, ...]


# Takes indices into the decisions as the measures do.
TogetherStatistic = Callable[[Decisions, Rows], Values]

TOGETHER: Mapping[str, TogetherStatistic] = {
    "abstain_f1": lambda made, rows: abstain_f1(made.answerable, made.abstained, rows),
    "answerability_auroc": lambda made, rows: answerability_auroc(made.answerable, made.confidence, rows),
    "aurc": lambda made, rows: aurc(made.right, made.confidence, rows),
    "ece": lambda made, rows: expected_calibration_error(made.right, made.probability, rows),
    "coverage_at_risk_05": lambda made, rows: coverage_at_risk(made.right, made.confidence, rows, 0.05),
}


def summarise(questions: Sequence[QuestionResult]) -> dict[str, Estimate]:
    """Estimate every measure that applies to at least one question, in the order of `METRICS`."""
    found = {metric: estimate_of(metric, questions) for metric in metric_names(questions)}
    return {metric: estimate for metric, estimate in found.items() if estimate is not None}


def metric_names(questions: Sequence[QuestionResult]) -> list[str]:
    """List the measures that may apply, in the order of `METRICS`; others that the questions have follow."""
    own = dict.fromkeys(name for question in questions for name in question.metrics)
    known = [name for name in METRICS if name in own or name in OF_QUESTIONS_TOGETHER]
    return [*known, *(name for name in own if name not in METRICS)]


def estimate_of(metric: str, questions: Sequence[QuestionResult]) -> Estimate | None:
    """Estimate a measure over the questions that it applies to; None where it has no value."""
    value = value_of(metric, questions)
    if value is None:
        return None
    chosen = taking_part(metric, questions)
    errors = sum(question.error is not None for question in chosen)
    return Estimate(value, _interval(metric, chosen), len(chosen), len(questions) - len(chosen), errors)


def value_of(metric: str, questions: Sequence[QuestionResult]) -> float | None:
    """Compute a measure over the questions that it applies to; None where it has no value."""
    chosen = taking_part(metric, questions)
    if not chosen:
        return None
    if metric not in TOGETHER:
        return float(_values(metric, chosen).mean())
    value = float(TOGETHER[metric](decisions_of(chosen), np.arange(len(chosen))))
    return None if np.isnan(value) else value


def question_values(metric: str, questions: Sequence[QuestionResult]) -> Values:
    """Give the value of every question, all of which take part; higher is better.

    A measure of all questions together has no such value. Instead, for `abstain_f1` it is 1 where the decision is
    right, else 0; for the others 1 less the distance of the confidence from what is right: 1 or 0, by the label for
    `answerability_auroc`, else by the evidence.
    """
    if metric not in TOGETHER:
        return _values(metric, questions)
    made = decisions_of(questions)
    if metric == "abstain_f1":
        decided_right: Values = (made.answerable != made.abstained).astype(np.float64)
        return decided_right
    by_label = metric == "answerability_auroc"
    confidence, target = (made.confidence, made.answerable) if by_label else (made.probability, made.right)
    nearness: Values = 1 - np.abs(np.clip(confidence, 0, 1) - target)
    return nearness


def taking_part(metric: str, questions: Sequence[QuestionResult]) -> list[QuestionResult]:
    """Select the questions that a measure is computed from."""
    if metric not in TOGETHER:
        return [question for question in questions if metric in question.metrics]
    decided = labelled(questions)
    return decided if metric in ("abstain_f1", "answerability_auroc") else judged(decided)


def labelled(questions: Sequence[QuestionResult]) -> list[QuestionResult]:
    """Select the questions with a label about which something was decided, or which failed."""
    return [
        question
        for question in questions
        if question.answerable is not None
        and (question.error is not None or (question.confidence is not None and question.abstained is not None))
    ]


def judged(questions: Sequence[QuestionResult]) -> list[QuestionResult]:
    """Select the questions for which it is known whether the evidence is right: never without an answer."""
    return [question for question in questions if question.correct is not None or question.answerable is False]


def decisions_of(questions: Sequence[QuestionResult]) -> Decisions:
    """Collect the decisions about labelled questions."""
    made = [_decision(question) for question in questions]
    return Decisions(
        answerable=np.array([question.answerable for question in questions], dtype=np.bool_),
        abstained=np.array([abstained for abstained, _ in made], dtype=np.bool_),
        right=np.array([is_right(question) for question in questions], dtype=np.bool_),
        confidence=np.array([confidence for _, confidence in made], dtype=np.float64),
        probability=np.array([_probability(question) for question in questions], dtype=np.float64),
    )


def abstention_of(questions: Sequence[QuestionResult]) -> Abstention | None:
    """Summarise abstaining; None where no labelled question was decided."""
    decided = labelled(questions)
    if not decided:
        return None
    made = decisions_of(judged(decided))
    known = len(made.right) > 0
    return Abstention(
        table=_table(decided),
        risk_coverage=risk_coverage(made.right, made.confidence) if known else (),
        reliability=reliability(made.right, made.probability) if known else (),
    )


def is_right(question: QuestionResult) -> bool:
    """Tell whether answering with the evidence found would be right."""
    return question.correct is True and question.answerable is True and question.error is None


def _interval(metric: str, questions: Sequence[QuestionResult]) -> Interval:
    if metric in TOGETHER:
        compute = reflected_interval if metric == "ece" else bootstrap_interval
        return compute(partial(TOGETHER[metric], decisions_of(questions)), len(questions))
    values = _values(metric, questions)
    return wilson_interval(int(values.sum()), len(values)) if metric in PROPORTIONS else mean_interval(values)


def _values(metric: str, questions: Sequence[QuestionResult]) -> Values:
    return np.array([question.metrics[metric] for question in questions], dtype=np.float64)


def _decision(question: QuestionResult) -> tuple[bool, float]:
    if question.abstained is None or question.confidence is None:
        return (True, -np.inf) if question.answerable else (False, np.inf)
    return question.abstained, question.confidence


def _probability(question: QuestionResult) -> float:
    return 1.0 if question.confidence is None else question.confidence


def _table(questions: Sequence[QuestionResult]) -> DecisionTable:
    made = decisions_of(questions)
    answered = made.answerable & ~made.abstained
    known = np.array([question.correct is not None for question in questions], dtype=np.bool_)
    return DecisionTable(
        answerable_answered=int(answered.sum()),
        answerable_abstained=int((made.answerable & made.abstained).sum()),
        unanswerable_answered=int((~made.answerable & ~made.abstained).sum()),
        unanswerable_abstained=int((~made.answerable & made.abstained).sum()),
        right=int((answered & made.right).sum()),
        wrong=int((answered & known & ~made.right).sum()),
    )
