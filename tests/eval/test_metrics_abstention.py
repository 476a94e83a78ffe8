import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.abstention import (
    ReliabilityBin,
    RiskPoint,
    abstain_f1,
    answerability_auroc,
    aurc,
    coverage_at_risk,
    expected_calibration_error,
    reliability,
    risk_coverage,
)

# (flag, flag, confidence in fifths): few levels, so that ties are the rule.
ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 5)), min_size=1, max_size=30)


def columns(rows):
    flags = np.array([(one, two) for one, two, _ in rows], dtype=bool)
    return flags[:, 0], flags[:, 1], np.array([level / 5 for _, _, level in rows])


def every(values):
    return np.arange(len(values))


# --- decisions and labels --------------------------------------------------------------------------------------------


def test_f1_and_auroc_by_hand():
    answerable = np.array([True, True, True, False, False])
    abstained = np.array([False, True, False, True, False])
    confidence = np.array([0.9, 0.2, 0.5, 0.2, 0.6])
    assert abstain_f1(answerable, abstained, every(answerable)) == pytest.approx(2 * 1 / (2 + 2))
    # Pairs: 0.9 beats both; 0.2 ties one, loses one; 0.5 beats one, loses one.
    assert answerability_auroc(answerable, confidence, every(answerable)) == pytest.approx(3.5 / 6)


@pytest.mark.parametrize("labels", [[True, True], [False]])
def test_one_kind_of_label_does_not_apply(labels):
    answerable = np.array(labels)
    assert np.isnan(abstain_f1(answerable, answerable, every(labels)))
    assert np.isnan(answerability_auroc(answerable, np.zeros(len(labels)), every(labels)))


@given(ROWS)
def test_f1_and_auroc_equal_counting(rows):
    answerable, abstained, confidence = columns(rows)
    pairs = [(yes > no) + (yes == no) / 2 for yes in confidence[answerable] for no in confidence[~answerable]]
    f1, auroc = (
        abstain_f1(answerable, abstained, every(rows)),
        answerability_auroc(answerable, confidence, every(rows)),
    )
    if not pairs:
        assert np.isnan(f1)
        assert np.isnan(auroc)
        return
    assert auroc == pytest.approx(sum(pairs) / len(pairs))
    assert answerability_auroc(answerable, -confidence, every(rows)) == pytest.approx(1 - auroc)
    right = sum(abstained & ~answerable)
    precision, recall = right / max(1, sum(abstained)), right / sum(~answerable)
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall) if right else 0)


@given(ROWS)
def test_auroc_is_that_of_scikit_learn(rows):
    from sklearn.metrics import roc_auc_score

    answerable, _, confidence = columns(rows)
    if len(set(answerable.tolist())) == 2:
        assert answerability_auroc(answerable, confidence, every(rows)) == pytest.approx(
            roc_auc_score(answerable, confidence)
        )


def test_a_failed_question_is_sure_of_the_wrong_thing():
    answerable, confidence = np.array([True, False]), np.array([-np.inf, np.inf])
    assert answerability_auroc(answerable, confidence, every(answerable)) == 0


# --- risk and coverage -----------------------------------------------------------------------------------------------


def test_aurc_by_hand():
    right = np.array([True, False, True, False])
    confidence = np.array([0.9, 0.8, 0.4, 0.1])
    # Risks at 1, 2, 3, 4 questions: 0/1, 1/2, 1/3, 2/4.
    assert aurc(right, confidence, every(right)) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_a_tie_is_the_mean_over_its_orders():
    right = np.array([True, True, False])
    confidence = np.array([0.9, 0.5, 0.5])
    # Right before wrong: 0, 0, 1/3; wrong before right: 0, 1/2, 1/3.
    assert aurc(right, confidence, every(right)) == pytest.approx((0 + 1 / 4 + 1 / 3) / 3)
    # No threshold answers one of the two and not the other.
    assert coverage_at_risk(right, confidence, every(right), 0.3) == pytest.approx(1 / 3)
    assert coverage_at_risk(right, confidence, every(right), 1 / 3) == 1
    assert risk_coverage(right, confidence) == (
        RiskPoint(1 / 3, 0),
        RiskPoint(2 / 3, pytest.approx(1 / 4)),
        RiskPoint(1, pytest.approx(1 / 3)),
    )


def aurc_by_definition(right, confidence):
    risks = []
    for answered in range(1, len(right) + 1):
        limit = sorted(confidence, reverse=True)[answered - 1]
        surer, tied = confidence > limit, confidence == limit
        share = (answered - surer.sum()) / tied.sum()
        risks.append((np.sum(~right[surer]) + share * np.sum(~right[tied])) / answered)
    return np.array(risks)


@given(ROWS)
def test_risk_and_coverage_equal_their_definitions(rows):
    right, _, confidence = columns(rows)
    risks = aurc_by_definition(right, confidence)
    assert aurc(right, confidence, every(rows)) == pytest.approx(risks.mean())
    curve = risk_coverage(right, confidence)
    assert [point.coverage for point in curve] == pytest.approx([k / len(rows) for k in range(1, len(rows) + 1)])
    assert [point.risk for point in curve] == pytest.approx(risks)
    allowed = [
        answered.mean()
        for answered in (confidence >= threshold for threshold in set(confidence))
        if np.mean(~right[answered]) <= 0.4
    ]
    assert coverage_at_risk(right, confidence, every(rows), 0.4) == pytest.approx(max(allowed, default=0))


@given(st.lists(st.booleans(), min_size=1, max_size=20))
def test_aurc_is_least_where_confidence_knows_what_is_right(flags):
    right = np.array(flags)
    best = aurc(right, right.astype(float), every(flags))
    worst = aurc(right, 1 - right.astype(float), every(flags))
    risk = np.mean(~right)
    assert best - 1e-12 <= risk <= worst + 1e-12
    assert aurc(right, np.full(len(flags), 0.5), every(flags)) == pytest.approx(risk)


def test_a_long_curve_has_points_at_every_hundredth():
    generator = np.random.default_rng(0)
    right, confidence = generator.random(5000) < 0.7, generator.random(5000)
    curve = risk_coverage(right, confidence)
    assert len(curve) == 101
    assert curve[-1] == RiskPoint(1, pytest.approx(np.mean(~right)))
    assert np.diff([point.coverage for point in curve]) == pytest.approx(0.01, abs=0.0003)
    risks = aurc_by_definition(right[:200], confidence[:200])
    short = {round(200 * point.coverage): point.risk for point in risk_coverage(right[:200], confidence[:200])}
    assert short == {answered: pytest.approx(risks[answered - 1]) for answered in short}


# --- calibration -----------------------------------------------------------------------------------------------------


def test_calibration_by_hand():
    right = np.array([True, False, True, True, False])
    confidence = np.array([0.95, 1.0, 0.1, 0.11, 0.0])
    # (0.9, 1]: 0.975 against 1/2; (0.1, 0.2]: 0.11 against 1; (0, 0.1] takes 0, too: 0.05 against 1/2.
    expected = (2 * 0.475 + 0.89 + 2 * 0.45) / 5
    assert expected_calibration_error(right, confidence, every(right)) == pytest.approx(expected)
    assert reliability(right, confidence) == (
        ReliabilityBin(0.0, 0.1, 2, pytest.approx(0.05), 0.5),
        ReliabilityBin(0.1, 0.2, 1, pytest.approx(0.11), 1.0),
        ReliabilityBin(0.9, 1.0, 2, pytest.approx(0.975), 0.5),
    )


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=40))
def test_calibration_equals_its_bins(rows):
    right, confidence = np.array([one for one, _ in rows]), np.array([one for _, one in rows])
    bins = reliability(right, confidence)
    assert sum(one.n for one in bins) == len(rows)
    assert all(one.low - 1e-9 <= one.confidence <= one.high + 1e-9 for one in bins)
    expected = sum(one.n / len(rows) * abs(one.confidence - one.right) for one in bins)
    assert expected_calibration_error(right, confidence, every(rows)) == pytest.approx(expected, abs=1e-12)


# --- many selections at once -----------------------------------------------------------------------------------------


@given(ROWS, st.integers(0, 2**32 - 1))
def test_every_line_of_rows_has_the_value_of_its_selection(rows, seed):
    one, two, confidence = columns(rows)
    lines = np.random.default_rng(seed).integers(0, len(rows), (2, 3, len(rows)))
    for measure, arrays in (
        (abstain_f1, (one, two)),
        (answerability_auroc, (one, confidence)),
        (aurc, (one, confidence)),
        (coverage_at_risk, (one, confidence)),
        (expected_calibration_error, (one, confidence)),
    ):
        found = measure(*arrays, lines)
        singly = [measure(*(array[line] for array in arrays), every(line)) for line in lines.reshape(-1, len(rows))]
        assert found.shape == (2, 3)
        assert found.ravel() == pytest.approx(np.array(singly), nan_ok=True)
