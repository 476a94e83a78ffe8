"""The forms that a confidence can take, fitted and judged by cross-validation.

Isotonic regression on one signal (Zadrozny & Elkan 2002), and logistic regression on one, two, three or all signals
(Platt 1999): with a few hundred questions, more freedom would fit their noise.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from eval.calibrating.examples import Examples
from eval.metrics.abstention import Confidences, Flags, answerability_auroc, expected_calibration_error
from retrieval.calibration import IsotonicForm, LogisticForm
from retrieval.confidence import confidence

FOLDS = 5
REPEATS = 5
FEWEST_SETS = 3  # from which a whole set is left out at a time
# Confidences are shown with four digits: 0.0000 may stand for half of the last one.
_NEARLY_NONE = 5e-5
_NEARLY_AS_LOW = 1.03
_OF_ALL = ("log_loss", "brier", "auroc", "ece")  # the figures that do not need labels


@dataclass(frozen=True, slots=True)
class Candidate:
    """A form that is still to be fitted."""

    kind: Literal["isotonic", "logistic"]
    signals: tuple[str, ...]

    @property
    def name(self) -> str:
        """For instance "logistic(cosine, logit)"."""
        return f"{self.kind}({', '.join(self.signals)})"


@dataclass(frozen=True, slots=True)
class Figures:
    """How good probabilities are.

    `log_loss` and `brier` (Brier 1950) are mean losses, `ece` is the distance from what is right: lower is better.
    `auroc` is the chance that a question with right evidence has more confidence than one with wrong evidence,
    `answerability_auroc` that a question with an answer has more than one without; None where there are none.
    """

    log_loss: float
    brier: float
    auroc: float
    ece: float
    answerability_auroc: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate's figures by cross-validation, and every question's mean probability when it was left out."""

    candidate: Candidate
    figures: Figures
    probabilities: Confidences


def candidates(signals: Sequence[str]) -> list[Candidate]:
    """List the forms that can be made of these signals, simple ones first."""
    return [Candidate("isotonic", (name,)) for name in signals] + [
        Candidate("logistic", chosen) for chosen in _subsets(signals)
    ]


def fit(candidate: Candidate, examples: Examples) -> LogisticForm | IsotonicForm:
    """Fit a form to questions of both kinds; every set counts the same."""
    matrix = np.array([[signals[name] for name in candidate.signals] for signals in examples.signals])
    if candidate.kind == "isotonic":
        return _isotonic(candidate.signals[0], matrix[:, 0], examples)
    return _logistic(candidate.signals, matrix, examples)


def judge(candidate: Candidate, examples: Examples, seed: int) -> Judged:
    """Judge by cross-validation.

    Of three or more sets, each is left out in turn: new documents are like another set, not like other questions about
    the same documents. The figures are means over the sets. Of fewer, and where a set is all that has questions of one
    kind, questions are left out, in repeated stratified folds, and the figures are means over the repeats.
    """
    if leaves_out_sets(examples):
        return _judged_by_sets(candidate, examples)
    return _judged_by_questions(candidate, examples, seed)


def leaves_out_sets(examples: Examples) -> bool:
    """Whether whole sets are left out: there are enough, one has questions of both kinds, and so has what is left."""
    numbers = sorted(set(examples.sets.tolist()))
    if len(numbers) < FEWEST_SETS:
        return False
    parts = [examples.right[examples.sets == number] for number in numbers]
    remainders = [examples.right[examples.sets != number] for number in numbers]
    return any(map(_has_both_kinds, parts)) and all(map(_has_both_kinds, remainders))


def _has_both_kinds(right: Flags) -> bool:
    return bool(right.any() and not right.all())


def _judged_by_sets(candidate: Candidate, examples: Examples) -> Judged:
    found, every = [], np.zeros(len(examples.right))
    for number in sorted(set(examples.sets.tolist())):
        left_out = examples.sets == number
        form = fit(candidate, examples.only(np.flatnonzero(~left_out).tolist()))
        every[left_out] = probabilities(form, examples.only(np.flatnonzero(left_out).tolist()))
        found.append(_figures_of(examples.only(np.flatnonzero(left_out).tolist()), every[left_out]))
    return Judged(candidate, _mean(found), every)


def _judged_by_questions(candidate: Candidate, examples: Examples, seed: int) -> Judged:
    from sklearn.model_selection import RepeatedStratifiedKFold

    rounds = np.zeros((REPEATS, len(examples.right)))
    splits = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=seed)
    for number, (learned, left_out) in enumerate(splits.split(rounds[0], examples.right)):
        form = fit(candidate, examples.only(learned))
        rounds[number // FOLDS, left_out] = probabilities(form, examples.only(left_out))
    found = [_figures_of(examples, probability) for probability in rounds]
    return Judged(candidate, _mean(found), rounds.mean(axis=0))


def _mean(found: Sequence[Figures]) -> Figures:
    """The mean of each figure; a set with questions of one kind only has no area under the curve."""
    labelled = [one.answerability_auroc for one in found if one.answerability_auroc is not None]
    of_all = {name: float(np.nanmean([getattr(one, name) for one in found])) for name in _OF_ALL}
    return Figures(**of_all, answerability_auroc=float(np.mean(labelled)) if labelled else None)


def _figures_of(examples: Examples, probability: Confidences) -> Figures:
    rows = np.arange(len(probability))
    auroc = float(answerability_auroc(~examples.unanswerable, probability, rows))
    return replace(figures(examples.right, probability), answerability_auroc=None if math.isnan(auroc) else auroc)


def best_of(tried: Sequence[Judged]) -> Judged:
    """The form with the lowest log loss, or of those within 3 % of it the one that best tells what has no answer.

    A loss so little higher is noise; and that is what a confidence is for. Of equal ones the first.
    """
    lowest = min(one.figures.log_loss for one in tried)
    near = [one for one in tried if one.figures.log_loss <= lowest * _NEARLY_AS_LOW]
    return max(near, key=lambda one: (one.figures.answerability_auroc or 0.0, -one.figures.log_loss))


def probabilities(form: LogisticForm | IsotonicForm, examples: Examples) -> Confidences:
    """Compute the probabilities as the service does."""
    return np.array([form.probability(signals) for signals in examples.signals])


def uncalibrated(examples: Examples) -> Confidences:
    """Compute the confidences that the service gives without a calibration."""
    return np.array([confidence(signals, None, {})[0] for signals in examples.signals])


def figures(right: Flags, probability: Confidences) -> Figures:
    """Compute how good probabilities are for questions of both kinds."""
    rows = np.arange(len(right))
    bounded = np.clip(probability, _NEARLY_NONE, 1 - _NEARLY_NONE)
    return Figures(
        log_loss=float(-np.log(np.where(right, bounded, 1 - bounded)).mean()),
        brier=float(((probability - right) ** 2).mean()),
        auroc=float(answerability_auroc(right, probability, rows)),
        ece=float(expected_calibration_error(right, probability, rows)),
    )


def _subsets(signals: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in sorted({1, 2, min(3, len(signals)), len(signals)}):
        yield from combinations(signals, size)


def _isotonic(signal: str, values: Confidences, examples: Examples) -> IsotonicForm:
    from sklearn.isotonic import IsotonicRegression

    # Laplace's rule: however many questions were right, the next one need not be.
    least = 1 / (len(values) + 2)
    model = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip")
    model.fit(values, examples.right, sample_weight=examples.weights)
    return IsotonicForm(signal, tuple(model.X_thresholds_.tolist()), tuple(model.y_thresholds_.tolist()))


def _logistic(signals: tuple[str, ...], matrix: Confidences, examples: Examples) -> LogisticForm:
    from sklearn.linear_model import LogisticRegression

    means, spread = matrix.mean(axis=0), matrix.std(axis=0)
    scales = np.where(spread > 0, spread, 1.0)
    model = LogisticRegression(tol=1e-6)
    model.fit((matrix - means) / scales, examples.right, sample_weight=examples.weights)
    weights, bias = model.coef_[0], float(model.intercept_[0])
    return LogisticForm(signals, tuple(means.tolist()), tuple(scales.tolist()), tuple(weights.tolist()), bias)
