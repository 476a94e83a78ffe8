from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from corpus.errors import BadInputError
from eval.calibrating.candidates import (
    Candidate,
    Figures,
    Judged,
    best_of,
    candidates,
    figures,
    fit,
    judge,
    probabilities,
    uncalibrated,
)
from eval.calibrating.examples import Examples, asking_of, examples_of, held_out_of
from eval.calibrating.fit import Calibrated, Limit, calibrate
from eval.calibrating.thresholds import Threshold, threshold_for_risk, threshold_for_withheld, youden_threshold
from eval.records import QuestionResult, RunResult, RunSettings
from retrieval.calibration import Calibration, IsotonicForm, LogisticForm, sigmoid
from retrieval.confidence import confidence
from retrieval.profile import DEFAULT_PROFILE, Profile, read_profile, write_profile
from tests.eval.runs import question, run_of

MODELS = {"embedder": {"name": "e", "digest": "0" * 64}, "reranker": {"name": "r", "digest": "1" * 64}}
WHEN = "2026-01-01T00:00:00+00:00"


def asked(number: int, logit: float, right: bool, **fields: object) -> QuestionResult:
    """A question whose signals say `logit`; where the evidence is wrong, half of the questions have no answer."""
    answerable = right or number % 2 == 0
    signals = {"logit": logit, "cosine": 0.7 + number % 5 / 50, "coverage": 0.5}
    guess = confidence(signals, None, {})[0]
    made = question(number, answerable=answerable, correct=right, signals=signals, confidence=round(guess, 4))
    return replace(made, **fields)  # type: ignore[arg-type]


def simulated(n: int = 120, seed: int = 0, bias: float = -1.0, weight: float = 0.8) -> list[QuestionResult]:
    """Questions whose evidence is right with the probability sigmoid(bias + weight · logit)."""
    source = np.random.default_rng(seed)
    logits = source.normal(2.0, 2.0, n)
    drawn = source.random(n)
    return [
        asked(number, float(logit), bool(chance < sigmoid(bias + weight * logit)))
        for number, (logit, chance) in enumerate(zip(logits, drawn, strict=True))
    ]


def run(questions: Sequence[QuestionResult], **fields: object) -> RunResult:
    return replace(run_of(*questions), **({"models": MODELS, "dataset": "owls"} | fields))  # type: ignore[arg-type]


def fitted(
    questions: Sequence[QuestionResult], max_risk: float | None = None, base: Profile | None = None
) -> Calibrated:
    limit = None if max_risk is None else Limit("risk", max_risk)
    return calibrate([("run.json", run(questions))], base, limit, WHEN)


def examples(values: Sequence[float], right: Sequence[bool]) -> Examples:
    answers = np.array(right, dtype=np.bool_)
    return Examples(
        tuple({"logit": value} for value in values), answers, np.zeros(len(answers), dtype=np.intp), ~answers
    )


labelled_values = st.lists(st.tuples(st.floats(-20, 20), st.booleans()), min_size=2, max_size=60)


# --- forms --------------------------------------------------------------------------------------------------------


@given(labelled_values, st.lists(st.floats(-30, 30), min_size=1, max_size=30))
def test_an_isotonic_fit_never_falls_and_is_sure_of_nothing(
    drawn: list[tuple[float, bool]], asked_for: list[float]
) -> None:
    form = fit(Candidate("isotonic", ("logit",)), examples(*zip(*drawn, strict=True)))
    assert isinstance(form, IsotonicForm)
    found = [form.probability({"logit": value}) for value in sorted(asked_for)]
    assert all(above >= below - 1e-12 for below, above in pairwise(found))
    assert all(0 < probability < 1 for probability in found)


@given(labelled_values)
def test_an_isotonic_fit_is_right_on_average(drawn: list[tuple[float, bool]]) -> None:
    values, right = zip(*drawn, strict=True)
    form = fit(Candidate("isotonic", ("logit",)), examples(values, right))
    mean = np.mean([form.probability({"logit": value}) for value in values])
    assert mean == pytest.approx(np.mean(right), abs=1 / (len(right) + 2) + 1e-9)


def test_a_logistic_fit_finds_the_coefficients_that_made_the_data() -> None:
    learned = examples_of([("run", run(simulated(6000, seed=3)))])
    form = fit(Candidate("logistic", ("logit",)), learned)
    assert isinstance(form, LogisticForm)
    weight = form.weights[0] / form.scales[0]
    bias = form.bias - weight * form.means[0]
    assert (bias, weight) == (pytest.approx(-1.0, abs=0.1), pytest.approx(0.8, abs=0.05))
    for logit in (-4.0, 0.0, 3.0):
        assert form.probability({"logit": logit}) == pytest.approx(sigmoid(-1.0 + 0.8 * logit), abs=0.02)


def test_a_signal_that_is_always_the_same_says_nothing() -> None:
    learned = examples_of([("run", run(simulated()))])
    form = fit(Candidate("logistic", ("coverage", "logit")), learned)
    alone = fit(Candidate("logistic", ("logit",)), learned)
    assert isinstance(form, LogisticForm)
    assert form.weights[0] == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(probabilities(form, learned), probabilities(alone, learned), atol=1e-6)


def test_every_signal_is_tried_alone_in_pairs_and_with_all() -> None:
    names = [one.name for one in candidates(("a", "b", "c"))]
    assert names[:3] == ["isotonic(a)", "isotonic(b)", "isotonic(c)"]
    assert names[3:6] == ["logistic(a)", "logistic(b)", "logistic(c)"]
    assert names[6:] == ["logistic(a, b)", "logistic(a, c)", "logistic(b, c)", "logistic(a, b, c)"]
    assert len(candidates(("a", "b", "c", "d"))) == 4 + 4 + 6 + 4 + 1
    assert [one.name for one in candidates(("a",))] == ["isotonic(a)", "logistic(a)"]


# --- figures ------------------------------------------------------------------------------------------------------


def test_figures_of_known_probabilities() -> None:
    found = figures(np.array([True, False, True, False]), np.array([0.8, 0.2, 0.4, 0.6]))
    assert found.log_loss == pytest.approx(-np.log([0.8, 0.8, 0.4, 0.4]).mean())
    assert found.brier == pytest.approx((0.04 + 0.04 + 0.36 + 0.36) / 4)
    assert found.auroc == 0.75
    assert found.ece == pytest.approx((0.2 + 0.2 + 0.6 + 0.6) / 4)


def test_a_confident_error_costs_much_and_not_everything() -> None:
    assert figures(np.array([True, False]), np.array([0.0, 0.0])).log_loss == pytest.approx(-np.log(5e-5) / 2, abs=1e-3)


def test_noise_is_not_learned() -> None:
    source = np.random.default_rng(1)
    noise = examples(source.normal(size=200), source.random(200) < 0.5)
    for candidate in candidates(("logit",)):
        assert judge(candidate, noise, 0).figures.log_loss > np.log(2) - 0.01
        assert figures(noise.right, probabilities(fit(candidate, noise), noise)).log_loss < np.log(2)


def test_of_several_sets_each_is_left_out_whole() -> None:
    """A signal that means the opposite in every other set is worth nothing, however well a set alone could use it."""
    source = np.random.default_rng(2)
    logits, sets = source.normal(size=300), np.repeat([0, 1, 2], 100)
    signs = np.array([1.0, -1.0, 1.0])[sets]
    one = Examples(
        tuple({"logit": value, "own": value * sign} for value, sign in zip(logits, signs, strict=True)),
        logits * signs > 0,
        sets,
        logits * signs <= 0,
    )
    assert judge(Candidate("logistic", ("own",)), one, 0).figures.auroc == 1.0
    turned = judge(Candidate("logistic", ("logit",)), one, 0)
    assert turned.figures.auroc == pytest.approx(1 / 3)
    assert len(turned.probabilities) == 300


def test_where_one_set_has_all_questions_of_a_kind_questions_are_left_out() -> None:
    right = np.repeat([False, True, True], 10)
    logits = np.random.default_rng(0).normal(size=30) + right
    signals = tuple({"logit": float(logit)} for logit in logits)
    examples = Examples(signals, right, np.repeat([0, 1, 2], 10), ~right)
    found = judge(Candidate("logistic", ("logit",)), examples, seed=0)
    assert 0 <= found.figures.auroc <= 1


def test_every_set_counts_the_same() -> None:
    weights = Examples(
        ({},) * 6, np.ones(6, dtype=np.bool_), np.array([0, 0, 0, 0, 2, 2]), np.zeros(6, np.bool_)
    ).weights
    np.testing.assert_allclose(weights, [0.75, 0.75, 0.75, 0.75, 1.5, 1.5])


def test_of_nearly_equal_losses_the_form_that_tells_what_has_no_answer_is_chosen() -> None:
    def judged(name: str, log_loss: float, answerability: float | None) -> Judged:
        return Judged(Candidate("logistic", (name,)), Figures(log_loss, 0.2, 0.7, 0.1, answerability), np.zeros(1))

    lowest, telling, far = judged("a", 0.600, 0.6), judged("b", 0.615, 0.7), judged("c", 0.63, 0.9)
    assert best_of([lowest, telling, far]) is telling
    assert best_of([judged("b", 0.615, None), unlabelled := judged("a", 0.600, None)]) is unlabelled


# --- what is learned from -----------------------------------------------------------------------------------------


def test_what_is_held_out_or_failed_or_unknown_takes_no_part() -> None:
    base = simulated()
    # What the rest says must not be heard: the higher the logit, the more wrong.
    against = [asked(1000 + number, 10.0 - number, number > 10) for number in range(20)]
    others = [
        *(replace(one, held_out=True) for one in against),
        *(replace(one, id=f"{one.id} failed", error="OSError: no") for one in against),
        *(replace(one, id=f"{one.id} unknown", correct=None) for one in against),
        *(replace(one, id=f"{one.id} nothing", signals={}) for one in against),
    ]
    plain, mixed = fitted(base), fitted([*others, *base])
    assert plain.questions == mixed.questions == 120
    assert plain.profile == replace(mixed.profile, calibration=replace_provenance(mixed, plain))
    assert plain.held_out is None
    assert mixed.held_out is not None
    assert mixed.held_out.n == 20


def replace_provenance(one: Calibrated, other: Calibrated) -> Calibration:
    """The calibration of `one` with the provenance of `other`."""
    assert one.profile.calibration is not None
    assert other.profile.calibration is not None
    return replace(one.profile.calibration, provenance=other.profile.calibration.provenance)


def test_too_few_of_a_kind_are_refused() -> None:
    few = [asked(number, float(number), number < 40) for number in range(44)]
    with pytest.raises(BadInputError, match="the runs have 40 and 4: add questions, also some without an answer"):
        fitted(few)
    assert fitted([*few, asked(44, 44.0, False)]).notes == (
        "fitted on 45 questions only: with 100 or more it would be surer",
    )


def test_runs_of_other_models_or_settings_are_refused() -> None:
    first = ("a.json", run(simulated()))
    second = run(simulated(seed=1), corpus_digest="other")
    other_model = replace(second, models=MODELS | {"reranker": {"name": "r", "digest": "2" * 64}})
    with pytest.raises(BadInputError, match=r"a.json and b.json were not asked alike \(models differ\)"):
        calibrate([first, ("b.json", other_model)], None, None, WHEN)
    with pytest.raises(BadInputError, match=r"\(mode differ\)"):
        calibrate([first, ("b.json", replace(second, settings=RunSettings(mode="dense")))], None, None, WHEN)
    deep = RunSettings(profile=Profile(rerank_depth=16))
    with pytest.raises(BadInputError, match=r"\(profile differ\)"):
        calibrate([first, ("b.json", replace(second, settings=deep))], None, None, WHEN)
    other_threshold = RunSettings(profile=Profile(min_confidence=0.9))
    both = calibrate([first, ("b.json", replace(second, settings=other_threshold))], None, None, WHEN)
    assert both.questions == 240


def test_runs_with_the_same_questions_are_refused() -> None:
    one = run(simulated())
    with pytest.raises(BadInputError, match=r"a.json and b.json both hold the question 'q0'"):
        calibrate([("a.json", one), ("b.json", one)], None, None, WHEN)


def test_runs_without_signals_or_digests_are_refused() -> None:
    with pytest.raises(BadInputError, match=r"foreign.json holds no signals"):
        calibrate([("foreign.json", run(simulated(), settings=None))], None, None, WHEN)
    with pytest.raises(BadInputError, match=r"run.json holds no signals"):
        fitted([replace(one, signals={}) for one in simulated()])
    nameless = run(simulated(), models=MODELS | {"reranker": {"name": "r"}})
    with pytest.raises(BadInputError, match=r"run.json does not say which reranker it was made with"):
        calibrate([("run.json", nameless)], None, None, WHEN)


@pytest.mark.parametrize(
    ("settings", "roles"),
    [
        (RunSettings(), {"embedder", "reranker"}),
        (RunSettings(rerank=False), {"embedder"}),
        (RunSettings(profile=Profile(rerank=False)), {"embedder"}),
        (RunSettings(rerank=True, profile=Profile(rerank=False)), {"embedder", "reranker"}),
    ],
)
def test_a_calibration_holds_for_the_models_that_were_at_work(settings: RunSettings, roles: set[str]) -> None:
    runs = [("run.json", run(simulated(), settings=settings))]
    assert asking_of(runs).models == {role: MODELS[role]["digest"] for role in roles}
    made = calibrate(runs, None, None, WHEN).profile
    assert made.calibration is not None
    assert made.calibration.models.keys() == roles
    assert made.rerank == ("reranker" in roles), "with this profile the calibration is used"


# --- the profile --------------------------------------------------------------------------------------------------


def test_the_same_runs_give_the_same_profile(tmp_path: Path) -> None:
    first, second = fitted(simulated()), fitted(simulated())
    assert first == second
    write_profile(first.profile, tmp_path / "profile.json")
    assert read_profile(tmp_path / "profile.json") == first.profile


def test_what_the_profile_says_of_its_origin() -> None:
    found = fitted(simulated(), max_risk=0.4)
    calibration = found.profile.calibration
    assert calibration is not None
    assert calibration.name.endswith(" on owls")
    origin = calibration.provenance
    assert origin["sets"][0]["name"] == "owls"
    assert (origin["questions"], origin["right"]) == (120, found.right)
    assert set(origin["candidates"]) == set(found.candidates)
    assert (origin["limit"], origin["seed"]) == ({"of": "risk", "part": 0.4}, 0)
    assert origin["fitted_at"] == WHEN
    assert origin["threshold"]["value"] == found.profile.min_confidence
    assert origin["threshold"]["wrong"] <= 0.4 * origin["threshold"]["answered"]


def test_the_weights_of_the_base_are_kept() -> None:
    base = Profile(dense_weight=0.8, provenance={"tuned": True})
    found = fitted(simulated(), base=base)
    kept = replace(found.profile, calibration=None, min_confidence=base.min_confidence)
    assert kept == base
    assert "other weights" in found.notes[0]
    assert fitted(simulated(), base=DEFAULT_PROFILE).notes == ()
    with pytest.raises(BadInputError, match="the runs were asked with the cross-encoder and the profile is not"):
        fitted(simulated(), base=Profile(rerank=False))


def test_signals_that_some_questions_lack_are_not_used() -> None:
    questions = simulated()
    del questions[7].signals["cosine"]  # type: ignore[attr-defined]
    found = fitted(questions)
    assert not any("cosine" in name for name in found.candidates)
    assert found.notes == ("not used, because not every question has it: cosine",)


def test_a_fit_is_better_than_the_guess_and_near_the_truth() -> None:
    found = fitted(simulated(400, seed=5, bias=-3.0))
    best = found.candidates[found.chosen]
    assert best == min(found.candidates.values(), key=lambda one: one.log_loss)
    assert best.ece < found.uncalibrated.ece / 2
    assert best.log_loss < found.uncalibrated.log_loss
    assert sum(one.n for one in found.reliability_after) == found.questions
    calibration = found.profile.calibration
    assert calibration is not None
    signals = {"logit": 4.0, "cosine": 0.74, "coverage": 0.5}
    assert calibration.form.probability(signals) == pytest.approx(sigmoid(-3.0 + 0.8 * 4.0), abs=0.1)


def test_held_out_questions_are_judged_as_the_service_would_with_the_new_profile() -> None:
    kept_out = [replace(one, id=f"kept {one.id}", held_out=True) for one in simulated(80, seed=9)]
    found = fitted([*simulated(300, seed=8), *kept_out])
    assert found.held_out is not None
    calibration = found.profile.calibration
    assert calibration is not None
    given = np.array([round(calibration.form.probability(one.signals), 4) for one in kept_out])
    right = np.array([one.correct is True for one in kept_out])
    abstained = given < found.profile.min_confidence
    unanswerable = np.array([one.answerable is False for one in kept_out])
    f1 = 2 * (abstained & unanswerable).sum() / (abstained.sum() + unanswerable.sum())
    assert found.held_out.after["abstain_f1"] == pytest.approx(f1)
    assert found.held_out.after["brier"] == pytest.approx(((given - right) ** 2).mean())
    guessed = np.array([one.confidence for one in kept_out], dtype=np.float64)
    assert found.held_out.before["brier"] == pytest.approx(((guessed - right) ** 2).mean())
    assert len(held_out_of([("run", run(kept_out))])) == 80


def test_the_guess_is_the_one_that_services_make() -> None:
    questions = simulated(30)
    learned = examples_of([("run", run(questions))])
    assert [round(value, 4) for value in uncalibrated(learned)] == [one.confidence for one in questions]


# --- thresholds ---------------------------------------------------------------------------------------------------

judged = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=40).map(
    lambda drawn: (np.array([right for _, right in drawn]), np.array([level / 20 for level, _ in drawn]))
)


def outcomes(right: np.ndarray, probability: np.ndarray) -> dict[float, tuple[int, int]]:
    """Answered and wrong by threshold, for every threshold that makes a difference."""
    return {
        float(level): (int((probability >= level).sum()), int((~right & (probability >= level)).sum()))
        for level in np.unique(probability)
    }


@given(judged)
def test_the_counts_are_those_that_the_threshold_gives(drawn: tuple[np.ndarray, np.ndarray]) -> None:
    right, probability = drawn
    assume(right.any() and not right.all())
    found = youden_threshold(right, probability)
    assert found.answered == (probability >= found.value).sum()
    assert found.wrong == (~right & (probability >= found.value)).sum()
    index = (found.answered - found.wrong) / right.sum() - found.wrong / (~right).sum()
    best = max((all_ - bad) / right.sum() - bad / (~right).sum() for all_, bad in outcomes(right, probability).values())
    assert index == pytest.approx(best)


@given(judged, st.floats(0, 1))
def test_the_lowest_threshold_within_the_risk_is_chosen(drawn: tuple[np.ndarray, np.ndarray], risk: float) -> None:
    right, probability = drawn
    possible = outcomes(right, probability)
    allowed = [level for level, (answered, wrong) in possible.items() if wrong / answered <= risk]
    if not allowed:
        with pytest.raises(BadInputError, match=f"no threshold has a risk of {risk:g} or less"):
            threshold_for_risk(right, probability, risk)
        return
    found = threshold_for_risk(right, probability, risk)
    assert found.risk <= risk
    assert (found.answered, found.wrong) == possible[min(allowed)]
    assert found.answered == (probability >= found.value).sum()


def test_a_threshold_lies_half_way_and_answering_all_needs_none() -> None:
    right, probability = np.array([False, True, True]), np.array([0.2, 0.4, 0.9])
    assert youden_threshold(right, probability) == Threshold(0.3, 2, 0, 3)
    assert threshold_for_risk(right, probability, 0.5) == Threshold(0.0, 3, 1, 3)
    close = np.array([0.1234, 0.1235, 0.9])
    assert youden_threshold(right, close) == Threshold(0.1235, 2, 0, 3)


def test_a_risk_that_cannot_be_reached_is_refused_with_the_one_that_can() -> None:
    right, probability = np.array([True, True, False, False]), np.array([0.5, 0.5, 0.5, 0.1])
    with pytest.raises(BadInputError, match=r"lowest that can be reached is 0\.333, with 3 of 4 questions answered"):
        threshold_for_risk(right, probability, 0.1)
    with pytest.raises(BadInputError, match=r"the risk must be from 0 to 1, not 1.5"):
        threshold_for_risk(right, probability, 1.5)


@hypothesis_settings(max_examples=5)
@given(st.integers(0, 100))
def test_more_risk_answers_more(seed: int) -> None:
    questions = simulated(100, seed=seed)
    assume(10 <= sum(one.correct is True for one in questions) <= 90)
    thresholds = [fitted(questions, max_risk=risk).threshold for risk in (0.6, 0.9, 1.0)]
    assert [one.answered for one in thresholds] == sorted(one.answered for one in thresholds)
    assert thresholds[-1] == Threshold(0.0, 100, sum(one.correct is False for one in questions), 100)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=40), st.floats(0, 1))
def test_no_more_than_the_allowed_part_of_right_answers_is_withheld(
    questions: list[tuple[bool, float]], allowed: float
) -> None:
    right, probability = np.array([one for one, _ in questions]), np.array([one for _, one in questions])
    found = threshold_for_withheld(right, probability, allowed)
    answered = probability.round(4) >= found.value
    assert int(answered.sum()) == found.answered
    assert int((right & ~answered).sum()) <= allowed * int(right.sum()) + 1e-9
