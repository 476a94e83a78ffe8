"""Whether two systems that were asked the same questions differ: paired randomisation tests and Holm's correction.

If the systems were equally good, each of a question's two results could have come from either. The p value is the
part of random exchanges that make a difference as large as the one found (Fisher 1935; for retrieval Smucker, Allan &
Carterette 2007), twice that of the rarer side.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from eval.statistics.intervals import SEED, Statistic, Values

RESAMPLES = 10_000
# So many exchanges are in memory at once.
_BATCH = 500


def mean_p(differences: Values) -> float:
    """Test a mean difference over questions: exchanging two results turns the sign of their difference."""
    # What is the same in both systems stays the same however it is exchanged.
    changed = differences[differences != 0]
    return _p((changed,), lambda chosen, axis: chosen.sum(axis=axis)) if len(changed) > 1 else 1.0


def exchange_p(statistic: Statistic, n: int) -> float:
    """Test a statistic of `n` questions at once; row `i` is a question in one system, row `n + i` in the other."""
    if n < 2:
        return 1.0
    rows = np.arange(n)
    return _p((rows, rows + n), lambda first, second, axis: statistic(second) - statistic(first))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p values for their number (Holm 1979): so corrected, one false alarm in all is as rare as the level."""
    from statsmodels.stats.multitest import multipletests

    return [float(p) for p in multipletests(p_values, method="holm")[1]] if p_values else []


def _p(data: tuple[Any, ...], statistic: Callable[..., Values]) -> float:
    from scipy.stats import permutation_test

    result = permutation_test(
        data,
        statistic,
        permutation_type="samples",
        n_resamples=RESAMPLES,
        batch=_BATCH,
        vectorized=True,
        rng=np.random.default_rng(SEED),
    )
    return float(result.pvalue)
