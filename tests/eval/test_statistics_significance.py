from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from eval.statistics.significance import exchange_p, holm, mean_p


def p_by_all_exchanges(differences):
    """Twice the rarer tail over all signs, counted one by one."""
    found = sum(differences)
    sums = [
        sum(map(lambda sign, one: sign * one, signs, differences))
        for signs in product((1, -1), repeat=len(differences))
    ]
    tails = (np.mean([one >= found for one in sums]), np.mean([one <= found for one in sums]))
    return min(1.0, 2 * min(tails))


@hypothesis_settings(max_examples=30)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9))
def test_few_questions_are_exchanged_in_all_ways(differences):
    # Whole numbers: sums are exact.
    assert mean_p(np.array(differences, dtype=float)) == pytest.approx(p_by_all_exchanges(differences))


def test_many_questions_are_near_the_t_test():
    from scipy.stats import ttest_1samp

    differences = np.random.default_rng(3).normal(0.1, 1, 400)
    assert mean_p(differences) == pytest.approx(ttest_1samp(differences, 0).pvalue, abs=0.01)
    assert mean_p(differences) == mean_p(-differences) == mean_p(differences * 10)


@pytest.mark.parametrize("differences", [[], [0.0], [1.0], [0.0] * 50, [0.0] * 50 + [1.0]])
def test_nothing_can_be_told_from_one_change_or_none(differences):
    assert mean_p(np.array(differences)) == 1


def test_what_did_not_change_says_nothing():
    changed = np.array([0.5] * 12 + [-0.5] * 2)
    assert mean_p(np.concatenate([changed, np.zeros(500)])) == mean_p(changed)


def test_exchanging_questions_is_turning_signs_where_the_statistic_is_a_mean():
    generator = np.random.default_rng(4)
    first, second = generator.random(60), generator.random(60) + 0.1
    both = np.concatenate([first, second])
    found = exchange_p(lambda rows: both[rows].mean(axis=-1), 60)
    assert found == pytest.approx(mean_p(second - first), abs=0.02)
    assert exchange_p(lambda rows: both[rows].mean(axis=-1), 1) == 1


def test_holm_by_hand():
    # In order 0.01 · 3, 0.03 · 2, 0.04 · 1; none below the one before.
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
