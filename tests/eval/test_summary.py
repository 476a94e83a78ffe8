import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from eval.metrics.abstention import DecisionTable, ReliabilityBin, RiskPoint
from eval.metrics.names import LOWER_IS_BETTER, METRICS, OF_QUESTIONS_TOGETHER, PRIMARY, PROPORTIONS
from eval.statistics.intervals import mean_interval, wilson_interval
from eval.summary import TOGETHER, abstention_of, labelled, question_values, summarise, value_of
from tests.eval.runs import question, realistic_run

FAILED = {"error": "TimeoutError: too slow", "confidence": None, "abstained": None, "correct": False}


def decided(number, answerable, confidence, correct, abstained=None):
    abstained = confidence < 0.5 if abstained is None else abstained
    return question(
        number, metrics={}, answerable=answerable, confidence=confidence, correct=correct, abstained=abstained
    )


def failed(number, answerable, **fields):
    return question(number, metrics={}, answerable=answerable, **{**FAILED, **fields})


def test_names_are_known_and_once():
    assert len(set(METRICS)) == len(METRICS)
    assert set(PRIMARY) | PROPORTIONS | OF_QUESTIONS_TOGETHER | LOWER_IS_BETTER <= set(METRICS)
    assert set(TOGETHER) == OF_QUESTIONS_TOGETHER


# --- means -----------------------------------------------------------------------------------------------------------


def test_a_mean_says_how_many_it_is_of():
    questions = [
        question(1, metrics={"quote_f1": 1.0, "span_hit@1": 1.0}),
        question(2, metrics={"quote_f1": 0.5}),
        question(3, answerable=False, correct=False, metrics={"citation_validity": 1.0}),
        question(4, metrics={"quote_f1": 0.0}, **FAILED),
    ]
    found = summarise(questions)
    assert found["quote_f1"].value == 0.5
    assert found["quote_f1"].ci95 == mean_interval([1.0, 0.5, 0.0])
    assert (found["quote_f1"].n, found["quote_f1"].not_applicable, found["quote_f1"].errors) == (3, 1, 1)
    assert found["span_hit@1"].ci95 == wilson_interval(1, 1)
    assert (found["span_hit@1"].n, found["span_hit@1"].not_applicable) == (1, 3)


def test_measures_come_in_their_order_and_unknown_ones_last():
    questions = [question(1, metrics={"own": 0.5, "citation_validity": 1.0, "ndcg@10": 0.3, "span_mrr@10": 1.0})]
    assert [name for name in summarise(questions) if name not in TOGETHER] == [
        "span_mrr@10",
        "ndcg@10",
        "citation_validity",
        "own",
    ]


def test_nothing_without_questions():
    assert summarise([]) == {}
    assert abstention_of([]) is None


def test_the_same_run_has_the_same_bits():
    questions = realistic_run(60).questions
    assert summarise(questions) == summarise(questions)


# --- all questions together ------------------------------------------------------------------------------------------

DECIDED = [
    decided(1, True, 0.9, True),
    decided(2, True, 0.6, False),
    decided(3, True, 0.2, True),
    decided(4, False, 0.7, False),
    decided(5, False, 0.1, False),
]


def test_abstaining_by_hand():
    # 1 of 2 unanswerable ones was declined, 2 were declined in all.
    # Order by confidence: right, wrong (4), wrong (2), right, wrong (5).
    risks = [0, 1 / 2, 2 / 3, 2 / 4, 3 / 5]
    calibration = [0.1, 0.7, 0.6, 0.8, 0.1]
    assert {name: one.value for name, one in summarise(DECIDED).items()} == {
        "abstain_f1": pytest.approx(2 * 1 / (2 + 2)),
        "answerability_auroc": pytest.approx((2 + 1 + 1) / 6),
        "aurc": pytest.approx(np.mean(risks)),
        "ece": pytest.approx(np.mean(calibration)),
        "coverage_at_risk_05": pytest.approx(1 / 5),
    }


def test_a_failed_question_is_a_wrong_decision_surely_made():
    questions = [*DECIDED, failed(6, True), failed(7, False)]
    found = summarise(questions)
    # 6 counts as declined, 7 as answered.
    assert found["abstain_f1"].value == pytest.approx(2 * 1 / (3 + 3))
    # 6 is below all unanswerable ones, and 7 above all answerable ones.
    assert found["answerability_auroc"].value == pytest.approx((2 + 1 + 1) / 12)
    # 7 comes first and 6 last, both wrong.
    assert found["aurc"].value == pytest.approx(np.mean([1, 1 / 2, 2 / 3, 3 / 4, 3 / 5, 4 / 6, 5 / 7]))
    assert found["coverage_at_risk_05"].value == 0
    # Both are in the uppermost bin, where none is right.
    assert found["ece"].value == pytest.approx((2 + 0.1 + 0.7 + 0.6 + 0.8 + 0.1) / 7)
    assert {one.errors for one in found.values()} == {2}


def test_who_takes_part():
    unlabelled = decided(6, None, 0.9, True)
    without_gold = decided(7, True, 0.8, None)
    # Of another system, whose confidence is not known.
    undecided = question(8, metrics={}, confidence=None, abstained=None)
    questions = [*DECIDED, unlabelled, without_gold, undecided]
    found = summarise(questions)
    assert labelled(questions) == [*DECIDED, without_gold]
    assert {name: (one.n, one.not_applicable) for name, one in found.items()} == {
        "abstain_f1": (6, 2),
        "answerability_auroc": (6, 2),
        "aurc": (5, 3),
        "ece": (5, 3),
        "coverage_at_risk_05": (5, 3),
    }
    # An unanswerable question needs no gold: whatever is cited for it is wrong.
    assert value_of("aurc", [decided(1, False, 0.5, None)]) == 1


def test_labels_of_one_kind_leave_what_needs_no_other():
    assert set(summarise(DECIDED[:3])) == {"aurc", "ece", "coverage_at_risk_05"}


@pytest.mark.parametrize("count", [1, 2, 5])
def test_intervals_of_few_questions_are_numbers(count):
    for one in summarise(DECIDED[-count:]).values():
        assert 0 <= one.ci95[0] <= one.ci95[1] <= 1


def test_intervals_hold_their_value():
    for name, one in summarise(realistic_run(200).questions).items():
        assert one.ci95[0] - 1e-9 <= one.value <= one.ci95[1] + 1e-9, name


def test_calibration_that_is_right_can_be_seen_to_be():
    generator = np.random.default_rng(1)
    chances = generator.random(300)
    questions = [
        decided(number, True, float(one), bool(generator.random() < one)) for number, one in enumerate(chances)
    ]
    found = summarise(questions)["ece"]
    # In truth 0; the plain percentiles begin above the value.
    assert found.ci95[0] < 0.01 < found.value <= found.ci95[1]


@hypothesis_settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.sampled_from([True, False, None])),
        min_size=1,
        max_size=8,
    )
)
def test_no_decisions_give_warnings_or_nan(rows):
    questions = [decided(number, *row) for number, row in enumerate(rows)]
    for one in summarise(questions).values():
        assert np.isfinite([one.value, *one.ci95]).all()
        assert 0 <= one.ci95[0] <= one.ci95[1] <= 1 + 1e-9
    assert sum(point.n for point in abstention_of(questions).reliability) <= len(rows)


# --- for reports -----------------------------------------------------------------------------------------------------


def test_the_summary_of_abstaining():
    found = abstention_of([*DECIDED, failed(6, True), decided(7, True, 0.8, None), decided(8, None, 0.8, True)])
    assert found.table == DecisionTable(
        answerable_answered=3,
        answerable_abstained=2,
        unanswerable_answered=1,
        unanswerable_abstained=1,
        right=1,
        wrong=1,
    )
    assert found.risk_coverage[0] == RiskPoint(1 / 6, 0)
    assert found.risk_coverage[-1] == RiskPoint(1, pytest.approx(4 / 6))
    # The one that failed stands where confidence is highest.
    assert found.reliability[-1] == ReliabilityBin(0.9, 1.0, 1, 1.0, 0.0)


def test_a_set_without_gold_has_a_table_only():
    found = abstention_of([decided(1, True, 0.9, None)])
    assert found.table == DecisionTable(1, 0, 0, 0, 0, 0)
    assert found.risk_coverage == found.reliability == ()


def test_what_a_question_adds_to_measures_of_all():
    questions = [*DECIDED, failed(6, True), failed(7, False)]
    assert question_values("abstain_f1", questions).tolist() == [1, 1, 0, 0, 1, 0, 0]
    assert question_values("answerability_auroc", questions) == pytest.approx([0.9, 0.6, 0.2, 0.3, 0.9, 0, 0])
    assert question_values("ece", questions) == pytest.approx([0.9, 0.4, 0.2, 0.3, 0.9, 0, 0])
