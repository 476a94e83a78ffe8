import pytest

from eval.report.outcomes import decided_wrongly, main_measure, problems, worst_first
from tests.eval.runs import question


def test_the_main_measure_is_the_first_primary_one_that_applies():
    assert main_measure(question(metrics={"ndcg@10": 0.4, "page_hit@5": 1.0, "map": 0.2})) == ("page_hit@5", 1.0)
    assert main_measure(question(metrics={"citation_validity": 1.0, "f1": 0.0})) is None


@pytest.mark.parametrize(
    ("answerable", "abstained", "wrong"),
    [
        (True, True, True),
        (True, False, False),
        (False, False, True),
        (False, True, False),
        (None, True, False),
        (True, None, False),
    ],
)
def test_a_decision_is_wrong_against_its_label_only(answerable, abstained, wrong):
    assert decided_wrongly(question(answerable=answerable, abstained=abstained)) is wrong


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ()),
        ({"error": "TimeoutError", "metrics": {"span_mrr@10": 0.0}, "abstained": None}, ("error",)),
        ({"metrics": {"span_mrr@10": 0.0}, "correct": False}, ("missed", "answered_wrongly")),
        ({"metrics": {"span_mrr@10": 0.0}, "abstained": True}, ("missed", "abstained_wrongly")),
        ({"answerable": False, "metrics": {}, "correct": False, "abstained": False}, ("answered_wrongly",)),
        ({"answerable": False, "metrics": {}, "correct": False, "abstained": True}, ()),
        ({"answerable": None, "correct": None, "metrics": {}, "abstained": True}, ()),
        ({"answerable": None, "correct": False}, ("answered_wrongly",)),
    ],
)
def test_problems(fields, expected):
    assert problems(question(**fields)) == expected


def test_the_worst_come_first():
    fine, lower = question(1), question(2, metrics={"span_mrr@10": 0.2})
    missed = question(3, metrics={"span_mrr@10": 0.0})
    both = question(4, metrics={"span_mrr@10": 0.0}, correct=False)
    failed = question(5, error="TimeoutError")
    assert sorted([fine, both, failed, lower, missed], key=worst_first) == [failed, both, missed, lower, fine]
