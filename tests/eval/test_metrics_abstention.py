import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.abstention import abstain_f1, answerability_auroc


def test_hand_computed_values():
    answerable = np.array([True, True, True, False, False])
    abstained = np.array([False, True, False, True, False])
    confidence = np.array([0.9, 0.2, 0.5, 0.2, 0.6])
    assert abstain_f1(answerable, abstained) == pytest.approx(2 * 1 / (2 + 2))
    # Pairs: 0.9 beats both; 0.2 ties one, loses one; 0.5 beats one, loses one.
    assert answerability_auroc(answerable, confidence) == pytest.approx(3.5 / 6)


@pytest.mark.parametrize("labels", [[], [True, True], [False]])
def test_one_kind_of_label_does_not_apply(labels):
    answerable = np.array(labels, dtype=bool)
    assert abstain_f1(answerable, answerable) is None
    assert answerability_auroc(answerable, np.zeros(len(labels))) is None


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 4)), min_size=1, max_size=30))
def test_equal_to_counting_pairs(rows):
    answerable = np.array([one for one, _, _ in rows])
    abstained = np.array([one for _, one, _ in rows])
    confidence = np.array([one / 4 for _, _, one in rows])
    pairs = [(yes > no) + (yes == no) / 2 for yes in confidence[answerable] for no in confidence[~answerable]]
    if not pairs:
        assert abstain_f1(answerable, abstained) is None
        return
    assert answerability_auroc(answerable, confidence) == pytest.approx(sum(pairs) / len(pairs))
    assert answerability_auroc(answerable, -confidence) == pytest.approx(1 - sum(pairs) / len(pairs))
    right = sum(abstained & ~answerable)
    precision = right / max(1, sum(abstained))
    recall = right / sum(~answerable)
    expected = 2 * precision * recall / (precision + recall) if right else 0
    assert abstain_f1(answerable, abstained) == pytest.approx(expected)
