"""Estimates with 95 % bootstrap intervals over questions (percentiles; Efron 1979)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RESAMPLES = 1000
# The same results give the same interval, and runs over the same questions are resampled alike.
SEED = 20_240_229

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value, its 95 % interval, and the number of questions that it was computed from."""

    value: float
    low: float
    high: float
    n: int

    def as_dict(self) -> dict[str, float | int | list[float]]:
        """Return the object of the metrics in a result file."""
        return {"value": self.value, "ci95": [self.low, self.high], "n": self.n}


def mean_estimate(values: Sequence[float]) -> Estimate | None:
    """Estimate a mean; None without values."""
    array = np.asarray(values, dtype=np.float64)
    return estimate(lambda chosen: float(array[chosen].mean()), len(array)) if len(array) else None


def estimate(statistic: Callable[[Indices], float | None], n: int) -> Estimate | None:
    """Estimate a statistic of the questions whose indices it gets; None where it is None for all of them.

    Resamples for which it is None (labels of one kind only) do not count.
    """
    value = statistic(np.arange(n))
    if value is None:
        return None
    generator = np.random.default_rng(SEED)
    draws = [statistic(generator.integers(0, n, n)) for _ in range(RESAMPLES)]
    low, high = np.percentile([draw for draw in draws if draw is not None], [2.5, 97.5])
    return Estimate(value, float(low), float(high), n)
