"""What a choice gains over another on the same questions."""

from dataclasses import dataclass

import numpy as np

from eval.statistics.intervals import Interval, mean_interval
from eval.statistics.significance import mean_p
from eval.tuning.trials import Values

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean values over the same `n` questions, and how sure their difference is.

    `ci95` is the paired bootstrap interval of `difference` (tuned - default), `p` from the randomisation test.
    """

    default: float
    tuned: float
    difference: float
    ci95: Interval
    p: float
    wins: int
    losses: int
    n: int

    @property
    def is_significant(self) -> bool:
        """Whether it is a gain, and hardly by chance."""
        return self.difference > 0 and self.p < SIGNIFICANT

    def in_words(self) -> str:
        """For instance "0.812 instead of 0.790 (+0.022, ...): significant"."""
        low, high = self.ci95
        verdict = "significant" if self.is_significant else "not significant"
        return (
            f"{self.tuned:.3f} instead of {self.default:.3f} ({self.difference:+.3f}, 95 % interval {low:+.3f} to "
            f"{high:+.3f}, p {self.p:.3f}, {self.wins} questions better and {self.losses} worse of {self.n}): {verdict}"
        )


def gain(default: Values, tuned: Values) -> Gain:
    """Compare two choices on the same questions."""
    before = np.array([default[key] for key in default])
    after = np.array([tuned[key] for key in default])
    differences = after - before
    return Gain(
        default=float(before.mean()),
        tuned=float(after.mean()),
        difference=float(differences.mean()),
        ci95=mean_interval(differences),
        p=mean_p(differences),
        wins=int((differences > 0).sum()),
        losses=int((differences < 0).sum()),
        n=len(differences),
    )
