import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from eval.metrics.intervals import Estimate, estimate, mean_estimate


def test_an_interval_of_many_coin_throws_is_the_normal_one():
    values = [0.0, 1.0] * 1000
    found = mean_estimate(values)
    half = 1.96 * 0.5 / np.sqrt(2000)
    assert (found.value, found.n) == (0.5, 2000)
    assert found.low == pytest.approx(0.5 - half, abs=0.003)
    assert found.high == pytest.approx(0.5 + half, abs=0.003)


def test_the_same_values_give_the_same_interval():
    values = [0.1, 0.5, 0.9, 0.3]
    assert mean_estimate(values) == mean_estimate(values)


def test_one_value_and_none():
    assert mean_estimate([0.25]) == Estimate(0.25, 0.25, 0.25, 1)
    assert mean_estimate([]) is None
    assert Estimate(0.5, 0.4, 0.6, 7).as_dict() == {"value": 0.5, "ci95": [0.4, 0.6], "n": 7}


def test_resamples_without_a_value_do_not_count():
    labels = np.array([True, False])
    # A resample of one kind only has no value; the others have 0.5.
    found = estimate(lambda rows: 0.5 if len(set(labels[rows])) == 2 else None, 2)
    assert found == Estimate(0.5, 0.5, 0.5, 2)
    assert estimate(lambda rows: None, 3) is None


@hypothesis_settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_bounds(values):
    found = mean_estimate(values)
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert found.value == pytest.approx(np.mean(values))
