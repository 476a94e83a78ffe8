"""Abstaining: decisions and confidences against what is right, over all labelled questions at once.

The arrays have one element a question. `rows` are indices into them, of shape (..., k): every line along the last
axis is a selection of questions, in which one may stand many times, and gets its own value. So resampling computes a
thousand values in one call. NaN where a measure does not apply to a selection.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Confidences = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Values = npt.NDArray[np.float64]

BINS = 10


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """Counts of questions by label and decision.

    `right` and `wrong` split the answered answerable ones by whether the evidence is right; those of a set without
    gold evidence are neither.
    """

    answerable_answered: int
    answerable_abstained: int
    unanswerable_answered: int
    unanswerable_abstained: int
    right: int
    wrong: int


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """The part of the questions that is answered, most confident first, and the part of those that is wrong."""

    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The `n` questions with a confidence above `low` and up to `high`: mean confidence, and the part that is right."""

    low: float
    high: float
    n: int
    confidence: float
    right: float


def abstain_f1(answerable: Flags, abstained: Flags, rows: Rows) -> Values:
    """Compute the F1 of abstaining, where abstaining is right on unanswerable questions.

    F1 = 2 · right / (abstained + unanswerable), the harmonic mean of precision and recall (van Rijsbergen 1979).
    NaN where the labels are of one kind.
    """
    unanswerable = (~answerable)[rows]
    right = (abstained & ~answerable)[rows].sum(axis=-1)
    f1 = 2 * right / np.maximum(1, abstained[rows].sum(axis=-1) + unanswerable.sum(axis=-1))
    return np.where(unanswerable.any(axis=-1) & ~unanswerable.all(axis=-1), f1, np.nan)


def answerability_auroc(answerable: Flags, confidence: Confidences, rows: Rows) -> Values:
    """Compute the chance that an answerable question has more confidence than an unanswerable one; ties count half.

    The area under the ROC curve: U / (positives · negatives), with U of Mann and Whitney (Hanley & McNeil 1982).
    NaN where the labels are of one kind.
    """
    positives, negatives = _by_confidence(answerable, confidence, rows)
    below = negatives.sum(axis=-1, keepdims=True) - negatives.cumsum(axis=-1)
    won = (positives * (below + negatives / 2)).sum(axis=-1)
    pairs = positives.sum(axis=-1) * negatives.sum(axis=-1)
    return np.where(pairs > 0, won / np.maximum(1, pairs), np.nan)


def aurc(right: Flags, confidence: Confidences, rows: Rows) -> Values:
    """Compute the area under the risk-coverage curve: the mean of the risks at all coverages k/n (lower is better).

    AURC = 1/n · Σₖ wrong(k)/k, with wrong(k) the wrong ones among the k most confident (Geifman & El-Yaniv 2017).
    Ties have no order: wrong(k) is its expectation over all orders, which grows linearly within a tie.
    """
    rights, wrongs = _by_confidence(right, confidence, rows)
    sizes = rights + wrongs
    ends = sizes.cumsum(axis=-1)
    wrong_before, before = wrongs.cumsum(axis=-1) - wrongs, ends - sizes
    # Within a tie: Σⱼ (wrong_before + j · share) / (before + j) for j = 1..size; Σⱼ 1 / (before + j) is harmonic.
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, rows.shape[-1] + 1))])
    step = harmonic[ends] - harmonic[before]
    share = wrongs / np.maximum(1, sizes)
    areas: Values = (wrong_before * step + share * (sizes - before * step)).sum(axis=-1) / rows.shape[-1]
    return areas


def coverage_at_risk(right: Flags, confidence: Confidences, rows: Rows, risk: float = 0.05) -> Values:
    """Compute the largest coverage whose risk is at most `risk`, 0 where there is none.

    Coverage and selective risk of Geifman & El-Yaniv (2017). Only coverages that some threshold of the confidence
    gives: questions with equal confidence are answered together or not at all.
    """
    rights, wrongs = _by_confidence(right, confidence, rows)
    answered = (rights + wrongs).cumsum(axis=-1)
    allowed = wrongs.cumsum(axis=-1) <= risk * answered
    coverages: Values = np.where(allowed, answered, 0).max(axis=-1) / rows.shape[-1]
    return coverages


def expected_calibration_error(right: Flags, confidence: Confidences, rows: Rows) -> Values:
    """Compute how far confidence is from the part that is right (lower is better); confidence from 0 to 1.

    ECE = Σ over bins of n_bin / n · |mean confidence − part that is right|, with ten bins of equal width
    (Naeini, Cooper & Hauskrecht 2015).
    """
    lines = rows.reshape(-1, rows.shape[-1])
    cells = _bin_of(confidence)[lines] + BINS * np.arange(len(lines))[:, np.newaxis]
    gaps = np.bincount(cells.ravel(), (confidence - right)[lines].ravel(), BINS * len(lines))
    errors: Values = np.abs(gaps).reshape(*rows.shape[:-1], BINS).sum(axis=-1) / rows.shape[-1]
    return errors


def risk_coverage(right: Flags, confidence: Confidences, points: int = 101) -> tuple[RiskPoint, ...]:
    """Compute points of the risk-coverage curve, evenly spread from one question to all; ties as in `aurc`."""
    n = len(right)
    rights, wrongs = _by_confidence(right, confidence, np.arange(n))
    ends = np.concatenate([[0], (rights + wrongs).cumsum()])
    wrong_at_ends = np.concatenate([[0], wrongs.cumsum()])
    answered = np.unique(np.linspace(1, n, min(points, n)).round())
    risks = np.interp(answered, ends, wrong_at_ends) / answered
    return tuple(RiskPoint(float(k / n), float(risk)) for k, risk in zip(answered, risks, strict=True))


def reliability(right: Flags, confidence: Confidences) -> tuple[ReliabilityBin, ...]:
    """Compute the bins of `expected_calibration_error` that hold questions."""
    bins = _bin_of(confidence)
    groups = ((one, bins == one) for one in np.unique(bins))
    return tuple(
        ReliabilityBin(
            low=float(one / BINS),
            high=float((one + 1) / BINS),
            n=int(chosen.sum()),
            confidence=float(confidence[chosen].mean()),
            right=float(right[chosen].mean()),
        )
        for one, chosen in groups
    )


def _bin_of(confidence: Confidences) -> Rows:
    """Return the bin of every confidence; the upper edge belongs to a bin, 0 to the first."""
    bins: Rows = np.clip(np.ceil(confidence * BINS) - 1, 0, BINS - 1).astype(np.intp)
    return bins


def _by_confidence(
    marked: Flags, confidence: Confidences, rows: Rows
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count marked and other questions at every confidence, highest first: two arrays of shape (..., confidences)."""
    levels, level = np.unique(-confidence, return_inverse=True)
    lines = rows.reshape(-1, rows.shape[-1])
    cells = (2 * level + marked)[lines] + 2 * len(levels) * np.arange(len(lines))[:, np.newaxis]
    counts = np.bincount(cells.ravel(), minlength=2 * len(levels) * len(lines))
    table = counts.reshape(*rows.shape[:-1], len(levels), 2)
    return table[..., 1], table[..., 0]
