"""Tells how an answer came about, from what the stages returned."""

from collections.abc import Mapping, Sequence

from retrieval.calibration import Calibration, LogisticForm
from retrieval.evidence import Evidence
from retrieval.explained import (
    ConfidenceExplanation,
    PassageExplanation,
    ReadSentence,
    SignalExplanation,
    Stage,
)
from retrieval.ranking import Ranked


def explain_passages(
    ranked: Sequence[Ranked], logits: Mapping[int, float], evidence: Sequence[Evidence]
) -> tuple[PassageExplanation, ...]:
    """The stages of the returned passages.

    `logits` are those of all passages that the cross-encoder has read, `evidence` the sentences in which an answer was
    looked for.
    """
    read = {number: rank for rank, number in enumerate(sorted(logits, key=lambda one: -logits[one]), start=1)}
    return tuple(
        _passage(item, position, read.get(item.found.passage.number), evidence)
        for position, item in enumerate(ranked, start=1)
    )


def _passage(
    item: Ranked, position: int, rank_when_read: int | None, evidence: Sequence[Evidence]
) -> PassageExplanation:
    candidate, number = item.found.candidate, item.found.passage.number
    sentences = [
        ReadSentence(one.span.start, one.span.end, one.logit, round(one.coverage, 4))
        for one in evidence
        if one.found.passage.number == number
    ]
    return PassageExplanation(
        id=item.found.passage.id,
        dense=Stage(candidate.dense_rank, candidate.dense),
        lexical=Stage(candidate.lexical_rank, candidate.lexical),
        fused=Stage(candidate.fused_rank, candidate.fused),
        rerank=Stage(rank_when_read, item.logit),
        final=Stage(position, round(item.score, 6)),
        sentences=tuple(sorted(sentences, key=lambda one: one.start)),
    )


def explain_confidence(
    signals: Mapping[str, float], value: float, threshold: float, name: str, calibration: Calibration | None
) -> ConfidenceExplanation:
    """What each signal adds, where the calibration at work, called `name`, is a sum; else the signals alone."""
    form = calibration.form if calibration is not None and calibration.name == name else None
    logistic = form if isinstance(form, LogisticForm) else None
    added = {} if logistic is None else logistic.contributions(signals)
    return ConfidenceExplanation(
        value=value,
        threshold=threshold,
        calibration=name,
        bias=None if logistic is None else logistic.bias,
        signals=tuple(SignalExplanation(one, signals[one], added.get(one)) for one in signals),
    )
