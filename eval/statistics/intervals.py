"""Estimates with 95 % intervals over questions: Wilson's for proportions, else the bootstrap's.

The percentiles are those of Efron (1979); Wilson (1927) is exact enough for small sets and for values near 0 or 1,
where every resample is the same and the bootstrap would claim to be sure.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
# The same results give the same interval, and runs over the same questions are resampled alike.
SEED = 20_240_229
# So many resamples are in memory at once.
_BATCH = 100

Interval = tuple[float, float]
Rows = npt.NDArray[np.intp]
Values = npt.NDArray[np.float64]
# Takes indices of questions, of shape (..., k), and gives a value for every line of them; NaN where it has none.
Statistic = Callable[[Rows], Values]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its 95 % interval, and the number `n` of questions that it was computed from.

    `errors` of the `n` questions failed and count 0; to `not_applicable` others of the set the measure does not apply.
    """

    value: float
    ci95: Interval
    n: int
    not_applicable: int = 0
    errors: int = 0


def mean_interval(values: Sequence[float] | Values) -> Interval:
    """Compute the interval of a mean."""
    array = np.asarray(values, dtype=np.float64)
    return bootstrap_interval(lambda rows: array[rows].mean(axis=-1), len(array))


def wilson_interval(successes: int, n: int) -> Interval:
    """Compute the interval of a proportion, `successes` of `n` questions."""
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(successes, n, method="wilson")
    return max(0.0, float(low)), min(1.0, float(high))


def bootstrap_interval(statistic: Statistic, n: int) -> Interval:
    """Compute the interval of a statistic of `n` questions.

    Questions are resampled whole, so that what is measured on one question stays together. Resamples without a value
    do not count. One question says nothing about others: its interval is the value.
    """
    low, high = np.nanpercentile(_draws(statistic, n), [2.5, 97.5])
    return float(low), float(high)


def reflected_interval(statistic: Statistic, n: int) -> Interval:
    """Compute the interval of a statistic from 0 to 1 that chance makes larger, as it makes calibration errors.

    Resampling adds chance to chance, so that the percentiles can lie above the value and what it estimates. They are
    reflected at the value (the basic bootstrap of Davison & Hinkley 1997), and the value is kept inside.
    """
    value = float(statistic(np.arange(n)))
    low, high = bootstrap_interval(statistic, n)
    return max(0.0, min(value, 2 * value - high)), min(1.0, max(value, 2 * value - low))


def _draws(statistic: Statistic, n: int) -> Values:
    if n == 1:
        return statistic(np.arange(1))
    from scipy.stats import DegenerateDataWarning, bootstrap

    with warnings.catch_warnings():
        # It would warn of resamples without a value in an interval that is not used.
        warnings.simplefilter("ignore", DegenerateDataWarning)
        result = bootstrap(
            (np.arange(n),),
            lambda rows, axis: statistic(rows),
            n_resamples=RESAMPLES,
            batch=_BATCH,
            vectorized=True,
            method="percentile",
            rng=np.random.default_rng(SEED),
        )
    draws: Values = result.bootstrap_distribution
    return draws
