import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from eval.statistics.intervals import bootstrap_interval, mean_interval, reflected_interval, wilson_interval


def test_an_interval_of_many_coin_throws_is_the_normal_one():
    half = 1.96 * 0.5 / np.sqrt(2000)
    assert mean_interval([0.0, 1.0] * 1000) == pytest.approx((0.5 - half, 0.5 + half), abs=0.003)
    assert wilson_interval(1000, 2000) == pytest.approx((0.5 - half, 0.5 + half), abs=0.0001)


def test_wilson_by_hand():
    z, n, p = 1.959964, 10, 0.9
    centre, reach = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    ends = ((centre - reach) / (1 + z * z / n), (centre + reach) / (1 + z * z / n))
    assert wilson_interval(9, 10) == pytest.approx(ends, abs=1e-6)


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (0, 30), (30, 30)])
def test_wilson_is_never_quite_sure(successes, n):
    low, high = wilson_interval(successes, n)
    assert 0 <= low <= successes / n <= high <= 1
    assert high - low > 0.1


def test_the_same_values_give_the_same_bits():
    values = [0.1, 0.5, 0.9, 0.3]
    assert mean_interval(values) == mean_interval(values)


@pytest.mark.parametrize("values", [[0.25], [0.25, 0.25], [1.0] * 7, [0.0] * 100])
def test_equal_values_have_their_own_as_interval(values):
    assert mean_interval(values) == (values[0], values[0])


def test_resamples_without_a_value_do_not_count():
    labels = np.array([True, False])

    def statistic(rows):
        return np.where(labels[rows].any(axis=-1) & ~labels[rows].all(axis=-1), 0.5, np.nan)

    assert bootstrap_interval(statistic, 2) == (0.5, 0.5)


def test_columns_are_resampled_together():
    first = np.arange(50.0)
    second = first + 1
    assert bootstrap_interval(lambda rows: (second[rows] - first[rows]).mean(axis=-1), 50) == (1, 1)


def test_reflection_corrects_what_chance_adds():
    # The distance of a mean from 0, which is 0 in truth.
    values = np.random.default_rng(2).normal(size=(20, 100))
    values -= values.mean(axis=1, keepdims=True)

    def distance(of):
        return lambda rows: np.abs(of[rows].mean(axis=-1))

    for row in values:
        assert bootstrap_interval(distance(row), 100)[0] > 0
        low, high = reflected_interval(distance(row), 100)
        assert low == 0 <= np.abs(row.mean()) <= high


@hypothesis_settings(max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_bounds(values):
    low, high = mean_interval(values)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
