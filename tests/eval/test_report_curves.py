import pytest

from eval.records import GoldRecord, PassageRecord
from eval.report.curves import durations, percentiles, reaches
from tests.eval.runs import question, realistic_run


def _passage(document, start, end):
    return PassageRecord(document, start, end, 0.5, None, None)


def test_found_by_depth():
    gold = (GoldRecord("a", "x", 100, 110), GoldRecord("b", "page only", page=2))
    passages = (_passage("c", 0, 50), _passage("a", 0, 50), _passage("a", 90, 120), _passage("b", 0, 10))
    evidence, document = reaches([question(gold=gold, passages=passages)])
    assert evidence.shares[:5] == (0, 0, 1, 1, 1)
    assert document.shares[:5] == (0, 0.5, 0.5, 1, 1)
    assert (evidence.n, len(evidence.shares)) == (1, 10)


def test_found_by_depth_agrees_with_the_measures():
    questions = [one for one in realistic_run(200).questions if one.answerable]
    evidence = reaches(questions)[0]
    assert evidence.shares[0] == pytest.approx(sum(one.metrics["span_hit@1"] for one in questions) / len(questions))
    assert list(evidence.shares) == sorted(evidence.shares)


def test_unanswerable_questions_and_those_without_gold_take_no_part():
    gold = (GoldRecord("a", "x", 0, 5),)
    assert reaches([question(answerable=False, gold=gold), question()]) == []


def test_durations_count_every_question_that_did_not_fail():
    questions = [question(ms=ms) for ms in (1, 2, 3, 4)] + [question(ms=900, error="TimeoutError")]
    found = durations(questions)
    assert sum(found.counts) == 4
    assert (found.edges[0], found.edges[-1], found.beyond) == (0, 4, 0)
    assert percentiles(questions)["p50"] == 2.5


def test_one_very_slow_question_does_not_squeeze_the_others():
    found = durations([question(ms=10.0)] * 99 + [question(ms=10_000)])
    assert found.edges[-1] == 40
    assert (sum(found.counts), found.beyond) == (100, 1)


@pytest.mark.parametrize("questions", [[], [question(ms=0)], [question(error="E")]])
def test_no_times_no_histogram(questions):
    assert durations(questions) is None
