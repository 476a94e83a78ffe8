from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import BadInputError
from eval.baseline import Baseline, Bound, read_baseline, write_baseline
from eval.gate import GateReport, check, update
from eval.metrics.names import LOWER_IS_BETTER, METRICS
from eval.records import RunResult, RunSettings
from eval.statistics.intervals import Estimate
from retrieval.profile import Profile
from tests.eval.runs import realistic_run

USUAL = {
    "span_mrr@10": 0.8,
    "span_hit@1": 0.7,
    "page_hit@5": 0.9,
    "ndcg@10": 0.75,
    "answer_hit@5": 0.85,
    "quote_f1": 0.6,
    "abstain_f1": 0.5,
    "answerability_auroc": 0.9,
    "aurc": 0.2,
    "citation_validity": 1.0,
}
COUNTS = {"documents": 3, "passages": 12, "questions": 40, "answerable": 30, "errors": 0, "failed_documents": 0}


@cache
def real_run(seed: int = 0, skill: float = 0.6) -> RunResult:
    """A run whose figures come from its questions; without errors."""
    run = realistic_run(80, seed, skill)
    return replace(run, counts={**run.counts, "errors": 0})


def estimate(value: float, width: float = 0.03, n: int = 30) -> Estimate:
    """An estimate whose standard error is `width`."""
    return Estimate(value, (value - 1.96 * width, value + 1.96 * width), n)


def run_with(values: Mapping[str, float] = USUAL, n: int = 30, **fields: Any) -> RunResult:
    metrics = {name: estimate(value, 0.0 if name == "citation_validity" else 0.03, n) for name, value in values.items()}
    return replace(real_run(), metrics=metrics, counts=COUNTS, **fields)


def but(**fields: float) -> dict[str, float]:
    """The usual values but some, with _ for @."""
    return USUAL | {name.replace("_AT_", "@"): value for name, value in fields.items()}


def made_of(run: RunResult, *metrics: str) -> Baseline:
    baseline, report = update(run, None, metrics or None)
    assert report.passed
    assert {one.outcome for one in report.results} == {"added"}
    return baseline


def fallen(report: GateReport) -> list[str]:
    return [one.bound.metric for one in report.with_outcome("fell")]


def only(lines: tuple[str, ...]) -> str:
    (line,) = lines
    return line


# --- making a baseline -----------------------------------------------------------------------------------------------


def test_a_baseline_is_the_run_in_short() -> None:
    run = run_with(but(quote_f1=0.123456789, aurc=0.123456789, f1=0.5, ece=0.1))
    baseline = made_of(run)
    assert list(baseline.bounds) == [name for name in METRICS if name in USUAL]
    # Rounded so that the run keeps its own bounds.
    assert baseline.bounds["quote_f1"] == Bound("quote_f1", 0.123456, 0.03, 30)
    assert baseline.bounds["aurc"] == Bound("aurc", 0.123457, 0.03, 30)
    assert baseline.bounds["citation_validity"] == Bound("citation_validity", 1.0, 0.0, 30)
    assert (baseline.corpus_digest, baseline.questions_digest) == (run.corpus_digest, run.questions_digest)
    assert baseline.counts == {"documents": 3, "passages": 12, "questions": 40, "answerable": 30}


def test_the_width_is_the_standard_error() -> None:
    run = real_run()
    bounds = made_of(run, "span_hit@1", "citation_validity").bounds
    hits = [one.metrics["span_hit@1"] for one in run.questions if "span_hit@1" in one.metrics]
    share = sum(hits) / len(hits)
    assert bounds["span_hit@1"].width == pytest.approx((share * (1 - share) / len(hits)) ** 0.5, rel=0.05)
    assert bounds["citation_validity"].width == 0


def test_metrics_that_do_not_apply_are_left_out() -> None:
    assert list(made_of(run_with({"ndcg@10": 0.5, "map": 0.4})).bounds) == ["ndcg@10"]


def test_a_run_without_usual_metrics_is_held_to_what_it_has() -> None:
    assert list(made_of(run_with({"map": 0.4, "own": 0.3})).bounds) == ["map", "own"]


def test_chosen_metrics() -> None:
    run = run_with(USUAL | {"ece": 0.2})
    assert list(made_of(run, "ece", "quote_f1", "ece").bounds) == ["quote_f1", "ece"]
    with pytest.raises(BadInputError, match=r"held to 'speed', 'f1': .* \(these apply: span_mrr@10, span_hit@1"):
        update(run, None, ["speed", "quote_f1", "f1"])


def test_nothing_is_made_of_a_run_with_errors_or_without_metrics() -> None:
    with pytest.raises(BadInputError, match="2 questions with errors"):
        update(replace(run_with(), counts={**COUNTS, "errors": 2}), None)
    with pytest.raises(BadInputError, match="anything"):
        update(run_with({}), None)


# --- checking --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "value", "falls"),
    [
        ("quote_f1", 0.571, False),
        ("quote_f1", 0.569, True),
        ("quote_f1", 1.0, False),
        ("aurc", 0.229, False),
        ("aurc", 0.231, True),
        ("aurc", 0.0, False),
        ("citation_validity", 1 - 1e-9, True),
        ("quote_f1", float("nan"), True),
        ("aurc", float("nan"), True),
    ],
)
def test_a_metric_falls_when_it_leaves_the_noise(metric: str, value: float, falls: bool) -> None:
    report = check(run_with(USUAL | {metric: value}), made_of(run_with()))
    assert fallen(report) == ([metric] if falls else [])
    assert report.passed is not falls
    assert not report.problems


def test_everything_that_fell_is_told() -> None:
    report = check(run_with(but(quote_f1=0.1, aurc=0.9, abstain_f1=0.0)), made_of(run_with()))
    assert fallen(report) == ["quote_f1", "abstain_f1", "aurc"]
    assert [one.value for one in report.with_outcome("fell")] == [0.1, 0.0, 0.9]


@pytest.mark.parametrize("name", ["corpus_digest", "questions_digest"])
def test_another_set_is_not_compared(name: str) -> None:
    report = check(run_with(but(quote_f1=0.0), **{name: "f" * 64}), made_of(run_with()))
    assert f"{name} ffffffffffff instead of 000000000000" in only(report.problems)
    assert "--update" in only(report.problems)
    assert {(one.outcome, one.value) for one in report.results} == {("not compared", None)}
    assert not report.passed


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (RunSettings(mode="lexical"), "mode lexical instead of hybrid"),
        (RunSettings(rerank=False), "rerank False instead of not set"),
        (RunSettings(limit=5), "limit 5 instead of not set"),
        (RunSettings(seed=1), "seed 1 instead of 0"),
        (RunSettings(top_k=5, seed=2), "seed 2 instead of 0, top_k 5 instead of 10"),
        (None, "mode not set instead of hybrid"),
    ],
)
def test_other_settings_are_not_compared(settings: RunSettings | None, line: str) -> None:
    report = check(run_with(but(quote_f1=0.0), settings=settings), made_of(run_with()))
    assert line in only(report.problems)
    assert fallen(report) == []


def test_profiles_may_differ_since_they_are_what_is_tested() -> None:
    before = run_with(settings=RunSettings(index_digest="a"))
    after = run_with(settings=RunSettings(index_digest="b", profile=Profile(dense_weight=0.9)))
    assert check(after, made_of(before)).passed


@pytest.mark.parametrize("name", ["documents", "questions", "answerable"])
def test_counts(name: str) -> None:
    run = replace(run_with(but(quote_f1=0.1)), counts={**COUNTS, name: COUNTS[name] - 1})
    report = check(run, made_of(run_with()))
    assert f"{COUNTS[name] - 1} {name} instead of {COUNTS[name]} in the same set" in only(report.problems)
    assert fallen(report) == ["quote_f1"]


def test_passages_and_names_are_shown_and_do_not_fail() -> None:
    run = replace(run_with(dataset="renamed"), counts={**COUNTS, "passages": 99})
    report = check(run, made_of(run_with()))
    assert only(report.notes) == "99 passages instead of 12"
    assert report.passed


def test_errors() -> None:
    report = check(replace(run_with(), counts={**COUNTS, "errors": 3}), made_of(run_with()))
    assert only(report.problems).startswith("3 questions failed")
    assert not report.passed


def test_questions_that_were_left_out() -> None:
    report = check(run_with(n=29), made_of(run_with(), "quote_f1"))
    assert only(report.problems).startswith("quote_f1 was computed from 29 questions instead of 30")
    assert not report.passed
    assert check(run_with(n=31), made_of(run_with(), "quote_f1")).passed


def test_a_metric_that_is_missing() -> None:
    without = {name: value for name, value in USUAL.items() if name != "quote_f1"}
    report = check(run_with(without), made_of(run_with()))
    assert only(report.problems).startswith("quote_f1 applies to no question of the run")
    assert not report.passed


def test_metrics_beside_those_of_the_baseline_say_nothing() -> None:
    assert check(run_with(), made_of(run_with(), "quote_f1")).passed


def test_runs_of_other_systems() -> None:
    run = replace(run_with({"ndcg@10": 0.5}, settings=None, corpus_digest=""), counts={"questions": 9})
    baseline = made_of(run)
    assert check(run, baseline).passed
    assert fallen(check(replace(run, metrics={"ndcg@10": estimate(0.4)}), baseline)) == ["ndcg@10"]


# --- updating --------------------------------------------------------------------------------------------------------


def test_better_values_raise_and_worse_ones_do_not_lower() -> None:
    before = made_of(run_with())
    run = run_with(but(quote_f1=0.65, abstain_f1=0.49, aurc=0.15))
    after, report = update(run, before)
    assert [(one.bound.metric, one.before) for one in report.with_outcome("raised")] == [
        ("quote_f1", before.bounds["quote_f1"]),
        ("aurc", before.bounds["aurc"]),
    ]
    assert (after.bounds["quote_f1"].value, after.bounds["aurc"].value) == (0.65, 0.15)
    assert after.bounds["abstain_f1"] == before.bounds["abstain_f1"]
    # Noise or not: the floor stays, and that is said.
    assert fallen(report) == ["abstain_f1"]
    assert not report.passed


def test_lowering_takes_an_option() -> None:
    before, run = made_of(run_with()), run_with(but(quote_f1=0.65, abstain_f1=0.3, aurc=0.4))
    after, report = update(run, before, allow_lower=True)
    assert after == made_of(run)
    assert [one.bound.metric for one in report.with_outcome("lowered")] == ["abstain_f1", "aurc"]
    assert report.passed
    assert check(run, after).passed


def test_the_same_run_changes_nothing() -> None:
    before = made_of(real_run())
    assert update(real_run(), before)[0] == before


def test_fewer_questions_take_an_option() -> None:
    before, run = made_of(run_with(), "quote_f1"), run_with(but(quote_f1=0.9), n=20)
    after, report = update(run, before, ["quote_f1"])
    assert after.bounds == before.bounds
    assert "20 questions instead of 30" in only(report.problems)
    after, report = update(run, before, ["quote_f1"], allow_lower=True)
    assert after.bounds["quote_f1"] == Bound("quote_f1", 0.9, 0.03, 20)
    assert report.passed


def test_more_questions_are_pinned() -> None:
    after, report = update(run_with(n=50), made_of(run_with()))
    assert {bound.n for bound in after.bounds.values()} == {50}
    assert report.passed


def test_metrics_are_added_and_dropped_only_with_the_option() -> None:
    before = made_of(run_with({"quote_f1": 0.6, "span_hit@1": 0.7}))
    run = run_with({"span_hit@1": 0.7, "page_hit@5": 0.9})
    after, report = update(run, before)
    assert list(after.bounds) == ["span_hit@1", "page_hit@5", "quote_f1"]
    assert [one.bound.metric for one in report.with_outcome("added")] == ["page_hit@5"]
    assert only(report.problems).startswith("quote_f1 applies to no question")
    after, report = update(run, before, allow_lower=True)
    assert list(after.bounds) == ["span_hit@1", "page_hit@5"]
    assert [one.bound.metric for one in report.with_outcome("dropped")] == ["quote_f1"]
    assert report.passed


def test_a_set_changed_on_purpose() -> None:
    before = made_of(run_with())
    run = run_with(but(quote_f1=0.7), questions_digest="f" * 64)
    run = replace(run, counts={**COUNTS, "questions": 41})
    after, report = update(run, before)
    assert report.passed
    assert [note.partition(" (")[0] for note in report.notes] == [
        "other questions or other gold data in 'made-up' than in the baseline of 'made-up'",
        "41 questions instead of 40",
    ]
    assert after.counts["questions"] == 41
    assert check(run, after).passed


def test_floors_of_one_set_are_not_kept_for_another() -> None:
    before = made_of(run_with())
    # As when `--limit` was given by mistake: the file must not be half of this run and half of the other.
    run = run_with(but(quote_f1=0.1, span_hit_AT_1=0.9), settings=RunSettings(limit=5))
    after, report = update(run, before)
    assert after == before
    assert "limit 5 instead of not set: nothing was written, because the bounds of quote_f1 would be laxer" in only(
        report.problems
    )
    assert {one.outcome for one in report.results} == {"not compared"}
    after, report = update(run, before, allow_lower=True)
    assert report.passed
    assert check(run, after).passed


def test_a_wider_interval_lets_nothing_pass_that_failed_before() -> None:
    before = made_of(run_with({"quote_f1": 0.6}))
    after, report = update(replace(run_with(), metrics={"quote_f1": estimate(0.61, 0.2)}), before)
    assert [one.outcome for one in report.results] == ["raised"]
    assert after.bounds["quote_f1"] == Bound("quote_f1", 0.61, 0.04, 30)


def test_small_losses_do_not_add_up() -> None:
    baseline = made_of(run_with())
    passed = []
    for step in range(10):
        run = run_with(but(quote_f1=0.6 - 0.01 * step))
        passed.append(check(run, baseline).passed)
        baseline, _ = update(run, baseline)
    # Four steps are within one noise width of 0.03, however often the baseline is updated in between.
    assert passed == [True] * 4 + [False] * 6


# --- properties ------------------------------------------------------------------------------------------------------

unit = st.floats(0, 1)


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    low, value, high = sorted(draw(st.tuples(unit, unit, unit)))
    return Estimate(value, (low, high), draw(st.integers(1, 500)))


def runs() -> st.SearchStrategy[RunResult]:
    metrics = st.dictionaries(st.sampled_from(METRICS), estimates(), min_size=1)
    return metrics.map(lambda found: replace(run_with(), metrics=found))


@given(run=runs())
def test_a_gate_passes_on_the_run_that_made_it(tmp_path_factory: pytest.TempPathFactory, run: RunResult) -> None:
    baseline = made_of(run, *run.metrics)
    path = tmp_path_factory.getbasetemp() / "baseline.json"
    write_baseline(baseline, path)
    assert read_baseline(path) == baseline
    report = check(run, baseline)
    assert report.passed
    assert {one.outcome for one in report.results} == {"holds"}


@pytest.mark.parametrize("skill", [0.0, 0.6, 1.0])
def test_so_it_is_with_figures_of_questions(skill: float) -> None:
    run = real_run(skill=skill)
    assert check(run, made_of(run, *run.metrics)).passed


@given(st.lists(runs(), min_size=2, max_size=5), unit)
def test_bounds_only_become_stricter(some: list[RunResult], value: float) -> None:
    baseline = made_of(some[0], *some[0].metrics)
    for run in some[1:]:
        after, _ = update(run, baseline, list(run.metrics))
        for metric, before in baseline.bounds.items():
            now = after.bounds[metric]
            assert not before.is_better_than(now)
            assert now.n >= before.n
            # Up to the rounding of the sums, what was too low stays too low.
            assert before.holds(value) or not now.holds(value) or value == pytest.approx(before.limit, abs=1e-12)
        baseline = after


@given(runs(), st.data(), st.floats(1e-9, 10))
def test_a_run_that_is_worse_by_more_than_the_width_fails(run: RunResult, data: st.DataObject, by: float) -> None:
    baseline = made_of(run, *run.metrics)
    metric = data.draw(st.sampled_from(sorted(run.metrics)))
    bound, found = baseline.bounds[metric], run.metrics[metric]
    worse = bound.width + by
    value = bound.value + worse if metric in LOWER_IS_BETTER else bound.value - worse
    report = check(replace(run, metrics={**run.metrics, metric: replace(found, value=value)}), baseline)
    assert fallen(report) == [metric]
    assert not report.passed


@given(runs(), st.data(), st.floats(0, 0.999))
def test_a_run_that_is_worse_by_less_passes(run: RunResult, data: st.DataObject, share: float) -> None:
    baseline = made_of(run, *run.metrics)
    metric = data.draw(st.sampled_from(sorted(run.metrics)))
    bound, found = baseline.bounds[metric], run.metrics[metric]
    worse = share * bound.width
    value = bound.value + worse if metric in LOWER_IS_BETTER else bound.value - worse
    assert check(replace(run, metrics={**run.metrics, metric: replace(found, value=value)}), baseline).passed


@given(runs(), runs())
def test_lowering_makes_the_baseline_of_the_run_pass(first: RunResult, second: RunResult) -> None:
    after, report = update(second, made_of(first, *first.metrics), list(second.metrics), allow_lower=True)
    assert report.passed
    assert check(second, after).passed
