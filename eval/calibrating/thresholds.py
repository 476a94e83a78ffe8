"""From which confidence on questions are answered."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from corpus.errors import BadInputError
from eval.metrics.abstention import Confidences, Flags

# Confidences are shown, and compared with the threshold, with so many digits.
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold, and what it does to `n` questions: so many are `answered`, `wrong` of them wrongly."""

    value: float
    answered: int
    wrong: int
    n: int

    @property
    def risk(self) -> float:
        """The part of the answered questions that is wrong."""
        return self.wrong / self.answered


def youden_threshold(right: Flags, probability: Confidences) -> Threshold:
    """Choose the threshold with the highest share of right ones answered less that of wrong ones (Youden 1950).

    Of several, the lowest. There must be questions of both kinds.
    """
    rights, wrongs = int(right.sum()), int((~right).sum())
    found = _thresholds(right, probability)
    return max(found, key=lambda one: (one.answered - one.wrong) / rights - one.wrong / wrongs)


def threshold_for_risk(right: Flags, probability: Confidences, max_risk: float) -> Threshold:
    """Choose the lowest threshold with no more than this risk.

    Raises BadInputError, which names the risk that can be reached, when there is none.
    """
    if not 0 <= max_risk <= 1:
        raise BadInputError(f"the risk must be from 0 to 1, not {max_risk!r}")
    found = _thresholds(right, probability)
    allowed = [one for one in found if one.risk <= max_risk]
    if not allowed:
        best = min(found, key=lambda one: one.risk)
        raise BadInputError(
            f"no threshold has a risk of {max_risk:g} or less: the lowest that can be reached is {best.risk:.3f}, with "
            f"{best.answered} of {best.n} questions answered; allow so much, or give runs with better retrieval"
        )
    return allowed[0]


def threshold_for_withheld(right: Flags, probability: Confidences, max_withheld: float) -> Threshold:
    """Choose the highest threshold that withholds no more than this part of what would have been right."""
    if not 0 <= max_withheld <= 1:
        raise BadInputError(f"the part that is withheld must be from 0 to 1, not {max_withheld!r}")
    fewest = (1 - max_withheld) * int(right.sum())
    return [one for one in _thresholds(right, probability) if one.answered - one.wrong >= fewest][-1]


def _thresholds(right: Flags, probability: Confidences) -> list[Threshold]:
    """List the thresholds that differ in what they answer, lowest first; all answer something."""
    shown = probability.round(DIGITS)
    levels, level = np.unique(shown, return_inverse=True)
    all_at = np.bincount(level, minlength=len(levels))
    wrong_at = np.bincount(level, ~right, minlength=len(levels))
    answered, wrong = all_at[::-1].cumsum()[::-1], wrong_at[::-1].cumsum()[::-1]
    values = [0.0, *(_between(below, above) for below, above in pairwise(levels.tolist()))]
    return [Threshold(value, int(answered[row]), int(wrong[row]), len(right)) for row, value in enumerate(values)]


def _between(below: float, above: float) -> float:
    """Half way, where new questions are least likely to fall on the other side; `above` is still answered."""
    steps: int = 10**DIGITS
    # Rounded first: 0.1 + 0.2 is a little more than 0.3, and must not become the next step.
    return math.ceil(round((below + above) / 2 * steps, 3)) / steps
