"""Tuning against made-up services, of which it is known what suits them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import BadInputError, PinciteError
from eval.datasets.types import Dataset, Question
from eval.records import RunResult, RunSettings
from eval.scratch_home import OnProgress
from eval.tuning.choices import Choice, default_choice, grid, search
from eval.tuning.folds import folds_of, parted
from eval.tuning.gain import gain
from eval.tuning.tuner import Tuning, TuningPlan, tune
from retrieval.profile import DEFAULT_PROFILE, Profile, read_profile, write_profile
from tests.eval.runs import question, realistic_run

START = default_choice(200)
GRID = grid((120, 200, 300))
BASE = realistic_run(4)
Score = Callable[[Profile, str], dict[str, float]]


def dataset(name: str = "owls", questions: int = 40, held_out: int = 0) -> Dataset:
    asked = tuple(
        Question(f"{name}{number}", "Who?", (), True, (), {}, held_out=number >= questions)
        for number in range(questions + held_out)
    )
    return Dataset(name, "beir", (), asked, f"corpus of {name}", f"questions of {name}")


@dataclass
class Service:
    """Scores every question by the profile, and keeps a list of what was asked."""

    score: Score
    errors: frozenset[str] = frozenset()
    asked: list[tuple[Profile, frozenset[str]]] = field(default_factory=list)

    def __call__(self, dataset: Dataset, settings: RunSettings, on_progress: OnProgress) -> RunResult:
        self.asked.append((settings.profile, frozenset(one.id for one in dataset.questions)))
        results = [
            question(
                id=one.id,
                metrics=self.score(settings.profile, one.id),
                error="OSError: no" if one.id in self.errors else None,
            )
            for one in dataset.questions
        ]
        on_progress("ask", len(results), len(results))
        return replace(BASE, dataset=dataset.name, questions=tuple(results))

    def times_asked(self, id_: str) -> int:
        return sum(id_ in ids for _, ids in self.asked)


def noise(*parts: object) -> float:
    """From -1 to 1, the same for the same parts."""
    return Random(repr(parts)).uniform(-1, 1)


def peak(profile: Profile, id_: str) -> dict[str, float]:
    """Best with three values that are not the default's; questions differ, and that little."""
    wrong = abs(profile.dense_weight - 0.8) + abs(profile.rerank_weight - 0.3)
    wrong += abs((profile.passage_tokens or 0) - 300) / 300
    return {"span_mrr@10": 1 - 0.3 * wrong + 0.02 * noise(id_)}


def luck(profile: Profile, id_: str) -> dict[str, float]:
    """Every profile is as good as the others, with luck on single questions."""
    values = (profile.dense_weight, profile.rerank_weight, profile.rerank_depth, profile.passage_tokens)
    drawn = noise("a", *values, id_)
    return {"span_mrr@10": 0.5 + 0.5 * drawn}


def flat(_profile: Profile, _id: str) -> dict[str, float]:
    return {"span_mrr@10": 0.5}


def tuned(service: Service, *sets: Dataset, **options: object) -> Tuning:
    plan = replace(TuningPlan(GRID, 200), **options)  # type: ignore[arg-type]
    return tune(service, sets or [dataset()], plan, lambda *_: None, lambda *_: None)


# --- searching ----------------------------------------------------------------------------------------------------


def test_the_search_goes_along_one_coordinate_after_the_other_and_back() -> None:
    def score(choice: Choice) -> float:
        # The best weight is that of the depth: the second pass has to find it.
        return choice.rerank_depth / 100 - 0.1 * (choice.dense_weight - choice.rerank_depth / 16) ** 2

    assert search(score, START, GRID) == replace(START, dense_weight=1.0, rerank_depth=16)


@given(st.integers())
def test_the_search_never_ends_below_its_start_and_tries_little(seed: int) -> None:
    tried: Counter[Choice] = Counter()

    def score(choice: Choice) -> float:
        tried[choice] += 1
        return noise(seed, choice)

    best = search(score, START, GRID)
    assert score(best) == max(map(score, list(tried)))
    assert len(tried) <= 1 + 2 * sum(len(values) for values in GRID.values())


def test_of_equal_choices_the_default_is_kept() -> None:
    assert search(lambda choice: 0.5, START, GRID) == START


def test_without_the_cross_encoder_its_weight_is_not_tried() -> None:
    tried: list[Choice] = []

    def score(choice: Choice) -> float:
        tried.append(choice)
        return -choice.rerank_depth

    assert search(score, START, GRID) == replace(START, rerank_depth=0)
    assert {choice.rerank_weight for choice in tried} == {START.rerank_weight}


def test_the_default_choice_is_the_default_profile() -> None:
    assert START.profile() == replace(DEFAULT_PROFILE, passage_tokens=200)
    off = replace(START, rerank_depth=0).profile()
    assert (off.rerank, off.rerank_depth) == (False, DEFAULT_PROFILE.rerank_depth)


def test_lengths_of_passages_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadInputError, match="passage_tokens of a profile must be from 16 to 8192, not 8"):
        grid((200, 8))


# --- folds --------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(5, 40), min_size=1, max_size=4), st.integers(2, 5))
def test_folds_have_equal_shares_of_every_set(sizes: list[int], folds: int) -> None:
    keys = [(number, f"q{id_}") for number, size in enumerate(sizes) for id_ in range(size)]
    found = folds_of(keys, folds)
    assert folds_of(keys[::-1], folds) == found
    for number, size in enumerate(sizes):
        shares = Counter(found[key] for key in keys if key[0] == number)
        assert max(shares.values()) - min(shares.values(), default=0) <= 1
        assert sum(shares.values()) == size
    assert max(Counter(found.values()).values()) - min(Counter(found.values()).values()) <= 1


def test_folds_follow_the_ids_and_not_their_order() -> None:
    found = folds_of([(0, f"q{id_}") for id_ in range(20)], 2)
    assert [found[0, f"q{id_}"] for id_ in range(20)] != [id_ % 2 for id_ in range(20)]


@pytest.mark.parametrize("folds", [1, 4, 100])
def test_folds_that_cannot_be_are_refused(folds: int) -> None:
    with pytest.raises(BadInputError, match=f"3 questions can be parted into 2 to 3 folds, not into {folds}"):
        folds_of([(0, "a"), (0, "b"), (0, "c")], folds)


def test_a_limit_holds_for_either_part() -> None:
    parts = parted(dataset(questions=30, held_out=20), 10)
    assert parts.held_out is not None
    assert (len(parts.tuning.questions), len(parts.held_out.questions)) == (10, 10)
    assert not any(one.held_out for one in parts.tuning.questions)
    assert all(one.held_out for one in parts.held_out.questions)
    with pytest.raises(BadInputError, match="all questions of 'owls' are held out"):
        parted(dataset(questions=0, held_out=3), None)


# --- gains --------------------------------------------------------------------------------------------------------


def test_a_gain_on_known_values() -> None:
    before = {(0, str(number)): 0.25 for number in range(12)}
    after = {key: 0.25 if key[1] in "01" else 0.75 for key in before}
    found = gain(before, after)
    assert (found.default, found.tuned) == pytest.approx((0.25, 2 / 12 * 0.25 + 10 / 12 * 0.75))
    assert (found.wins, found.losses, found.n) == (10, 0, 12)
    assert found.p == pytest.approx(2 / 2**10)
    assert found.is_significant
    assert found.ci95[0] > 0
    assert found.in_words().endswith("10 questions better and 0 worse of 12): significant")
    assert not gain(after, before).is_significant, "a significant loss is no gain"
    assert gain(before, before).p == 1


# --- tuning -------------------------------------------------------------------------------------------------------


def test_what_suits_is_found_and_written(tmp_path: Path) -> None:
    found = tuned(Service(peak))
    assert found.best == replace(START, dense_weight=0.8, rerank_weight=0.3, passage_tokens=300)
    assert set(found.fold_choices) == {found.best}
    assert found.gain.is_significant
    profile = found.profile()
    assert (profile.dense_weight, profile.rerank_weight, profile.passage_tokens) == (0.8, 0.3, 300)
    assert profile.provenance["tuned"] is True
    assert profile.provenance["cross_validated"]["tuned"] == pytest.approx(found.gain.tuned)
    write_profile(profile, tmp_path / "profile.json")
    again = read_profile(tmp_path / "profile.json")
    assert again.dense_weight == 0.8
    assert again.provenance["sets"][0]["corpus_digest"] == "corpus of owls"
    notes = list(found.notes(profile))
    assert "span_hit@3000c is fair between lengths" in notes[0]
    assert "passages of 300 tokens need another index" in notes[1]


def test_luck_is_not_taken_for_a_gain() -> None:
    found = [tuned(Service(luck), dataset(name)) for name in ("owls", "cats", "bats", "rats", "ants", "bees")]
    by_luck = [dict(one.tried)[one.best] - one.gain.default for one in found]
    assert min(by_luck) > 0, "on the questions that it was chosen by, it looks better"
    assert sum(one.gain.difference for one in found) < sum(by_luck) / 4
    assert not any(one.gain.is_significant for one in found)


def test_what_may_be_luck_is_not_written_unless_it_is_to_be() -> None:
    found = tuned(Service(luck))
    assert found.best != START
    profile = found.profile()
    assert profile == replace(DEFAULT_PROFILE, provenance=profile.provenance)
    assert profile.provenance["tuned"] is False
    assert "the profile keeps the defaults" in list(found.notes(profile))[1]
    kept = found.profile(keep_insignificant=True)
    assert (kept.dense_weight, kept.passage_tokens) == (found.best.dense_weight, found.best.passage_tokens)


def test_the_value_is_that_of_each_fold_with_what_was_chosen_without_it() -> None:
    found = tuned(Service(luck), folds=4)
    fold_of = folds_of([(0, one.id) for one in dataset().questions], 4)
    values = [luck(found.fold_choices[fold].profile(), id_)["span_mrr@10"] for (_, id_), fold in fold_of.items()]
    assert found.gain.tuned == pytest.approx(sum(values) / len(values))
    for fold, choice in enumerate(found.fold_choices):
        rest = [id_ for (_, id_), one in fold_of.items() if one != fold]

        def score(choice: Choice, rest: list[str] = rest) -> float:
            return sum(luck(choice.profile(), id_)["span_mrr@10"] for id_ in rest) / len(rest)

        assert choice == search(score, START, GRID)


def test_held_out_questions_are_asked_when_all_is_chosen() -> None:
    service = Service(peak)
    found = tuned(service, dataset(held_out=10))
    kept_out = frozenset(f"owls{number}" for number in range(40, 50))
    assert [ids for _, ids in service.asked[-2:]] == [kept_out, kept_out]
    assert [profile for profile, _ in service.asked[-2:]] == [START.profile(), found.best.profile()]
    assert not any(ids & kept_out for _, ids in service.asked[:-2])
    assert found.held_out is not None
    assert found.held_out.n == 10
    assert found.held_out.is_significant
    assert found.profile().provenance["held_out"]["tuned"] == found.held_out.tuned
    assert tuned(Service(peak)).held_out is None


def test_each_choice_is_asked_once_and_the_best_comes_first() -> None:
    service = Service(luck)
    found = tuned(service)
    profiles = [(repr(profile), ids) for profile, ids in service.asked]
    assert len(profiles) == len(set(profiles)) == len(found.tried)
    means = [mean for _, mean in found.tried]
    assert means == sorted(means, reverse=True)


def test_nothing_better_keeps_the_defaults() -> None:
    service = Service(flat)
    found = tuned(service, dataset(held_out=5))
    assert found.best == START
    assert (found.gain.difference, found.gain.p) == (0, 1)
    assert found.profile().provenance["tuned"] is False
    assert service.times_asked("owls44") == 1


def test_what_is_tried_is_told() -> None:
    told: list[tuple[Choice, float | None]] = []
    tune(Service(peak), [dataset()], TuningPlan(GRID, 200), lambda *_: None, lambda *step: told.append(step))
    assert told[0] == (START, None)
    assert [choice for choice, _ in told[::2]] == [choice for choice, _ in told[1::2]]
    assert all(value is None for _, value in told[::2])
    assert all(value is not None for _, value in told[1::2])


def test_questions_of_several_sets_are_taken_together() -> None:
    found = tuned(Service(peak), dataset("owls", 30), dataset("cats", 20))
    assert found.questions == 50
    assert [(one["name"], one["questions"]) for one in found.sets] == [("owls", 30), ("cats", 20)]
    assert found.gain.default == pytest.approx(sum(one["questions"] * one["default"] for one in found.sets) / 50)
    with pytest.raises(BadInputError, match="'owls' and 'copy' are the same set: name it once"):
        tuned(Service(peak), dataset("owls"), replace(dataset("owls"), name="copy"))


# --- metrics ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (("span_mrr@10", "page_hit@5", "ndcg@10"), "span_mrr@10"),
        (("page_hit@5", "ndcg@10"), "page_hit@5"),
        (("ndcg@10", "map"), "ndcg@10"),
    ],
)
def test_the_most_exact_metric_that_applies_is_taken(there: tuple[str, ...], expected: str) -> None:
    assert tuned(Service(lambda *_: dict.fromkeys(there, 0.5))).metric == expected


def test_a_metric_has_to_apply_to_every_set() -> None:
    def score(_profile: Profile, id_: str) -> dict[str, float]:
        return {"ndcg@10": 0.5} | ({"span_mrr@10": 0.5} if id_.startswith("owls") else {})

    assert tuned(Service(score), dataset("owls"), dataset("cats")).metric == "ndcg@10"
    with pytest.raises(BadInputError, match="'span_mrr@10' apply to no question of 'cats'; there are: ndcg@10"):
        tuned(Service(score), dataset("owls"), dataset("cats"), metric="span_mrr@10")


def test_metrics_of_all_questions_together_are_refused() -> None:
    with pytest.raises(BadInputError, match="'ece' has no value for a single question"):
        tuned(Service(peak), metric="ece")


def test_questions_that_say_nothing_of_the_metric_or_fail_are_asked_once() -> None:
    def score(_profile: Profile, id_: str) -> dict[str, float]:
        return {"span_mrr@10": 0.5} if id_ != "owls3" else {"ndcg@10": 1.0}

    service = Service(score, errors=frozenset({"owls5"}))
    assert tuned(service).questions == 38
    assert service.times_asked("owls3") == service.times_asked("owls5") == 1
    assert service.times_asked("owls4") > 10


def test_when_every_question_fails_the_reason_is_told() -> None:
    service = Service(peak, errors=frozenset(f"owls{number}" for number in range(40)))
    with pytest.raises(PinciteError, match="every question of 'owls' failed, the first with: OSError: no"):
        tuned(service)
