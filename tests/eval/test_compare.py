from dataclasses import replace

import numpy as np
import pytest

from corpus.errors import BadInputError
from eval.compare import Change, compare
from eval.metrics.names import PRIMARY
from tests.eval.runs import question, realistic_run, run_of


def scored(scores, metric="quote_f1"):
    """A run whose questions have these scores; None where the measure does not apply."""
    questions = [
        question(number, metrics={} if score is None else {metric: float(score)}, answerable=None)
        for number, score in enumerate(scores)
    ]
    return run_of(*questions)


def confident(confidences, answerable, abstained=None):
    abstained = [one < 0.5 for one in confidences] if abstained is None else abstained
    rows = zip(confidences, answerable, abstained, strict=True)
    return run_of(
        *(
            question(number, metrics={}, confidence=one, answerable=label, abstained=declined, correct=label)
            for number, (one, label, declined) in enumerate(rows)
        )
    )


def test_a_difference_by_hand():
    before, after = scored([1, 0.5, 0, 0, 0.25, None]), scored([1, 1, 0.5, 0, 0, 1])
    (found,) = compare([("a", before), ("b", after)]).differences
    assert (found.metric, found.baseline, found.system) == ("quote_f1", "a", "b")
    assert (found.baseline_value, found.system_value) == (pytest.approx(1.75 / 5), pytest.approx(2.5 / 5))
    assert found.difference == pytest.approx(0.75 / 5)
    assert (found.wins, found.losses, found.ties, found.n) == (2, 1, 2, 5)
    # Of the 8 ways to turn the signs of 0.5, 0.5 and -0.25 two give as much or more.
    assert found.p == found.p_holm == pytest.approx(2 * 2 / 8)
    assert found.ci95[0] < 0 < found.ci95[1]
    assert found.verdict == "unclear"


def test_a_clear_difference_is_found_and_has_a_direction():
    generator = np.random.default_rng(1)
    poor = np.where(generator.random(80) < 0.3, 1, 0)
    rich = np.where(generator.random(80) < 0.8, 1, 0)
    runs = [("poor", scored(poor)), ("rich", scored(rich))]
    (better,), (worse,) = (compare(order).differences for order in (runs, runs[::-1]))
    assert (better.verdict, worse.verdict) == ("better", "worse")
    assert better.difference == -worse.difference
    assert better.ci95 == pytest.approx((-worse.ci95[1], -worse.ci95[0]), abs=0.02)
    assert better.ci95[0] > 0
    assert (better.wins, better.losses) == (worse.losses, worse.wins)


def test_a_run_does_not_differ_from_itself():
    run = realistic_run(80)
    found = compare([("a", run), ("b", run)])
    assert {one.metric for one in found.differences} == set(run.metrics) & set(PRIMARY)
    for one in found.differences:
        assert (one.difference, one.ci95, one.p, one.verdict) == (0, (0, 0), 1, "unclear")
        assert (one.wins, one.losses, one.ties) == (0, 0, one.n)
    assert found.changes == ()


def test_the_values_are_those_of_the_runs():
    one, other = realistic_run(80, skill=0.4), realistic_run(80, skill=0.9)
    for found in compare([("a", one), ("b", other)]).differences:
        assert found.difference == pytest.approx(found.system_value - found.baseline_value)
        if (one.metrics[found.metric].n, other.metrics[found.metric].n) == (found.n, found.n):
            assert found.baseline_value == one.metrics[found.metric].value
            assert found.system_value == other.metrics[found.metric].value


def test_the_same_runs_give_the_same_bits():
    runs = [("a", realistic_run(60, skill=0.4)), ("b", realistic_run(60, skill=0.9))]
    assert compare(runs) == compare(runs)


def test_p_values_are_corrected_over_systems_and_measures():
    runs = [(name, realistic_run(60, skill=skill)) for name, skill in (("a", 0.4), ("b", 0.6), ("c", 0.95))]
    found = compare(runs, ["span_mrr@10", "quote_f1"]).differences
    assert [(one.system, one.metric) for one in found] == [
        (system, metric) for system in "bc" for metric in ("span_mrr@10", "quote_f1")
    ]
    least = min(found, key=lambda one: one.p)
    assert least.p_holm == pytest.approx(4 * least.p)
    assert max(found, key=lambda one: one.p).p_holm >= max(one.p for one in found)


# --- measures of all questions together ------------------------------------------------------------------------------


def test_confidences_of_another_scale_are_compared_by_their_order():
    labels = [True, False] * 20
    sure = np.random.default_rng(2).random(40)
    one = confident(sure.tolist(), labels)
    other = confident((sure / 1000).tolist(), labels)
    (found,) = compare([("a", one), ("b", other)], ["answerability_auroc"]).differences
    assert (found.difference, found.p) == (0, 1)
    # On the confidences themselves, most pairs of questions would be ordered by the system that each came from.
    assert found.ci95 == (0, 0)


def test_a_better_order_is_found():
    generator = np.random.default_rng(3)
    labels = (generator.random(60) < 0.5).tolist()
    blind = confident(generator.random(60).tolist(), labels)
    seeing = confident(
        [0.5 * label + 0.5 * noise for label, noise in zip(labels, generator.random(60), strict=True)], labels
    )
    found = {
        one.metric: one for one in compare([("a", blind), ("b", seeing)], ["answerability_auroc", "aurc"]).differences
    }
    assert found["answerability_auroc"].difference > 0.2
    assert found["answerability_auroc"].verdict == "better"
    # Less is better.
    assert found["aurc"].difference < 0
    assert found["aurc"].verdict == "better"
    assert found["aurc"].p < 0.01


def test_decisions_are_compared_by_question():
    one = confident([0.9, 0.9, 0.1, 0.1], [True, True, True, False])
    other = confident([0.9, 0.1, 0.9, 0.1], [True, True, True, False])
    (found,) = compare([("a", one), ("b", other)], ["abstain_f1"]).differences
    assert (found.wins, found.losses, found.ties) == (1, 1, 2)


# --- questions that changed ------------------------------------------------------------------------------------------


def test_the_questions_that_changed_most_come_first():
    before, after = scored([1, 0.5, 0, 0.25, 1]), scored([0.9, 0.5, 1, 0.25 + 1e-9, 0.5])
    found = compare([("a", before), ("b", after)], changes=2).changes
    text = "How long is the slipway?"
    assert found == (Change("q2", text, "quote_f1", "b", 0, 1), Change("q4", text, "quote_f1", "b", 1, 0.5))
    assert len(compare([("a", before), ("b", after)]).changes) == 3
    assert compare([("a", before), ("b", after)], changes=0).changes == ()


# --- what can be compared --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "words"), [("corpus_digest", "documents"), ("questions_digest", "questions or their gold data")]
)
def test_runs_of_other_sets_are_refused(field, words):
    run = scored([1, 0])
    with pytest.raises(BadInputError, match=f"'a' .* and 'b' .* their {words} differ: run both"):
        compare([("a", run), ("b", replace(run, **{field: "other"}))])


def test_a_smaller_sample_is_compared_on_what_both_have():
    whole, part = scored([1, 0, 1, 1]), scored([0, 0])
    for runs in ([("a", whole), ("b", part)], [("b", part), ("a", whole)]):
        found = compare(runs)
        assert (found.differences[0].n, abs(found.differences[0].difference)) == (2, 0.5)
        (note,) = found.notes
        assert "compared by the 2 of both" in note
        assert "a was asked 4 questions" in note or "and a 4" in note
    other = run_of(question(7), question(8))
    with pytest.raises(BadInputError, match=r"no question in common.*--limit"):
        compare([("a", whole), ("b", other)])


def test_the_order_of_the_questions_does_not_matter():
    before, after = scored([1, 0, 0.5, 1]), scored([0, 0, 1, 1])
    turned = replace(after, questions=after.questions[::-1])
    assert compare([("a", before), ("b", after)]) == compare([("a", before), ("b", turned)])


def test_failed_questions_are_told():
    failed = question(1, metrics={"span_mrr@10": 0.0}, error="E", confidence=None, abstained=None, correct=False)
    runs = [("a", run_of(question(1), question(2))), ("b", run_of(failed, question(2)))]
    found = compare(runs, ["span_mrr@10"])
    assert found.notes == ("1 of the 2 questions failed in b and count as wrong",)
    assert found.differences[0].losses == 1


@pytest.mark.parametrize("metrics", [["page_hit@5"], ["quote_f1", "no_such"], ["answerability_auroc"]])
def test_measures_that_do_not_apply_are_refused(metrics):
    runs = [("a", scored([1, 0])), ("b", scored([0, 1]))]
    with pytest.raises(BadInputError, match=rf"'{metrics[-1]}'.*these apply: quote_f1"):
        compare(runs, metrics)


def test_other_measures_stand_in_where_no_primary_one_applies():
    runs = [("a", scored([1, 0], "map")), ("b", scored([0, 1], "map"))]
    assert [one.metric for one in compare(runs).differences] == ["map"]
    with pytest.raises(BadInputError, match="any measure"):
        compare([("a", scored([None])), ("b", scored([None]))])


def test_one_run_is_no_comparison():
    with pytest.raises(BadInputError, match="two or more runs, not 1"):
        compare([("a", scored([1]))])
