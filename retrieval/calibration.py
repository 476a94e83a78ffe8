"""Calibrations: from the signals of a question to the probability that the evidence found is right.

`pincite eval calibrate` fits them; here they are applied. They are coefficients and nothing else, so that a file with
one can be read by people and by programs.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from corpus.errors import BadInputError


@dataclass(frozen=True, slots=True)
class LogisticForm:
    """A logistic function of a weighted sum: each signal less its mean, divided by its scale, times its weight."""

    signals: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    kind: Literal["logistic"] = "logistic"

    def __post_init__(self) -> None:
        lengths = {len(self.signals), len(self.means), len(self.scales), len(self.weights)}
        if len(lengths) != 1 or not all(self.scales):
            raise BadInputError("a logistic calibration needs a mean, a scale other than 0 and a weight a signal")
        if not all(map(math.isfinite, (*self.means, *self.scales, *self.weights, self.bias))):
            raise BadInputError("the numbers of a logistic calibration must be finite")

    def probability(self, signals: Mapping[str, float]) -> float:
        """0..1."""
        return sigmoid(self.bias + sum(self.contributions(signals).values()))

    def contributions(self, signals: Mapping[str, float]) -> dict[str, float]:
        """What each signal that it reads adds to the log-odds, by name."""
        terms = zip(self.signals, self.means, self.scales, self.weights, strict=True)
        return {name: weight * (signals[name] - mean) / scale for name, mean, scale, weight in terms}


@dataclass(frozen=True, slots=True)
class IsotonicForm:
    """A function that never falls, of one signal: linear between `values`, level beyond their ends."""

    signal: str
    values: tuple[float, ...]
    probabilities: tuple[float, ...]
    kind: Literal["isotonic"] = "isotonic"

    def __post_init__(self) -> None:
        if not self.values or len(self.values) != len(self.probabilities):
            raise BadInputError("an isotonic calibration needs a probability for each of its values")
        if not all(map(math.isfinite, self.values)) or list(self.values) != sorted(set(self.values)):
            raise BadInputError("the values of an isotonic calibration must be finite and rise")
        in_range = all(0 <= probability <= 1 for probability in self.probabilities)
        if not in_range or list(self.probabilities) != sorted(self.probabilities):
            raise BadInputError("the probabilities of an isotonic calibration must be from 0 to 1 and never fall")

    @property
    def signals(self) -> tuple[str, ...]:
        """The one signal that it reads."""
        return (self.signal,)

    def probability(self, signals: Mapping[str, float]) -> float:
        """0..1."""
        return float(np.interp(signals[self.signal], self.values, self.probabilities))


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted confidence. `name` is what answers show for it.

    `models` are the digests of the models whose scores it was fitted on: with others it says nothing and is not used.
    `provenance` tells on what and how it was fitted.
    """

    name: str
    form: LogisticForm | IsotonicForm
    models: Mapping[str, str]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, signals: Mapping[str, float], models: Mapping[str, str]) -> bool:
        """Tell whether all signals that it reads are there and stem from its models."""
        return set(self.form.signals) <= set(signals) and dict(self.models) == dict(models)


def sigmoid(value: float) -> float:
    """The logistic function, safe for large negative values."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))
