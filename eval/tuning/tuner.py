"""Tunes the weights and depths of retrieval to sets of questions.

The search goes along one coordinate after the other, twice: a full grid of the values in `choices.grid` would take
1,575 trials, and one takes seconds even when no vector and no score has to be computed anew. What it finds is a little
lucky on the questions that it was found with. So what is reported is cross-validated: for each fold of the questions
the same search is made with the others alone, and what that chooses is asked for the fold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from corpus.errors import BadInputError
from eval.datasets.types import Dataset
from eval.scratch_home import OnProgress
from eval.tuning.choices import Choice, Grid, default_choice, search
from eval.tuning.folds import Key, folds_of, parted
from eval.tuning.gain import Gain, gain
from eval.tuning.trials import Ask, OnTrial, Trials, Values, ask_all, mean, metric_for, usable_part, values_of
from eval.versions import versions
from retrieval.profile import DEFAULT_PROFILE, Profile

# Counts characters rather than passages.
_FAIR_TO_LENGTHS = "span_hit@3000c"


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning found.

    The search with all `questions` led to `best`; its `gain` over the `default` is cross-validated over `folds`;
    `fold_choices` are what was found without each of them. `held_out` compares `best` with the default on questions
    that were kept out of it all, None where there are none. `tried` are mean values over all questions, best first.
    """

    metric: str
    sets: tuple[Mapping[str, Any], ...]
    questions: int
    folds: int
    default: Choice
    best: Choice
    gain: Gain
    held_out: Gain | None
    fold_choices: tuple[Choice, ...]
    tried: tuple[tuple[Choice, float], ...]
    grid: Grid
    models: Mapping[str, Any]

    def profile(self, *, keep_insignificant: bool = False) -> Profile:
        """The profile to write: without a significant gain the defaults, unless it is to be kept."""
        kept = self.gain.is_significant or keep_insignificant
        base = self.best.profile() if kept else DEFAULT_PROFILE
        return replace(base, provenance=self._provenance(kept))

    def notes(self, written: Profile) -> Iterator[str]:
        """Say what to know when using the profile that was written."""
        lengths = self.grid["passage_tokens"]
        if len(lengths) > 1 and self.metric.startswith("span_") and self.metric != _FAIR_TO_LENGTHS:
            yield f"longer passages hold a span more easily: --metric {_FAIR_TO_LENGTHS} is fair between lengths"
        if not written.provenance["tuned"]:
            yield "the profile keeps the defaults; --keep-insignificant writes what was found"
        elif written.passage_tokens != self.default.passage_tokens:
            yield (
                f"passages of {written.passage_tokens} tokens need another index: with PINCITE_PROFILE naming the "
                "profile, pincite reindex makes that of a home anew"
            )
        if written.rerank and written.rerank_depth > self.default.rerank_depth > 0:
            times = written.rerank_depth / self.default.rerank_depth
            yield f"{written.rerank_depth} passages are read for a question: reranking takes {times:.1f} times as long"

    def _provenance(self, kept: bool) -> dict[str, Any]:
        return {
            "tuned": kept,
            "metric": self.metric,
            "sets": [dict(one) for one in self.sets],
            "questions": self.questions,
            "folds": self.folds,
            "cross_validated": asdict(self.gain),
            "held_out": None if self.held_out is None else asdict(self.held_out),
            "default": asdict(self.default),
            "best": asdict(self.best),
            "grid": {name: list(values) for name, values in self.grid.items()},
            "trials": len(self.tried),
            "models": dict(self.models),
            "pincite": versions()["pincite"],
        }


@dataclass(frozen=True, slots=True)
class TuningPlan:
    """How to tune: by which metric (None takes the most exact that applies), with how many questions of each set.

    `passage_tokens` is the length of passages that the default profile is tried with.
    """

    grid: Grid
    passage_tokens: int
    metric: str | None = None
    limit: int | None = None
    folds: int = 5


def tune(ask: Ask, sets: Sequence[Dataset], plan: TuningPlan, on_progress: OnProgress, on_trial: OnTrial) -> Tuning:
    """Search for the best choice; questions that are held out are asked when it is found.

    Raises BadInputError when a set is there twice, the metric does not apply, or there are too few questions.
    """
    _check_different(sets)
    parts = [parted(dataset, plan.limit) for dataset in sets]
    start = default_choice(plan.passage_tokens)
    on_trial(start, None)
    runs = ask_all(ask, [part.tuning for part in parts], start, on_progress)
    metric = metric_for(runs, plan.metric)
    usable = [usable_part(part.tuning, run, metric) for part, run in zip(parts, runs, strict=True)]
    trials = Trials(ask, usable, metric, on_progress, on_trial)
    trials.note(start, _only(values_of(runs, metric), usable))
    fold_of = folds_of(list(trials.values(start)), plan.folds)
    best = _chosen_without(None, fold_of, trials, start, plan.grid)
    fold_choices = [_chosen_without(fold, fold_of, trials, start, plan.grid) for fold in range(plan.folds)]
    tuned = {key: trials.values(fold_choices[fold])[key] for key, fold in fold_of.items()}
    kept_out = [part.held_out for part in parts if part.held_out is not None]

    def held_out_values(choice: Choice) -> Values:
        return values_of(ask_all(ask, kept_out, choice, on_progress), metric)

    return Tuning(
        metric=metric,
        sets=tuple(_described(number, one, trials.values(start), tuned) for number, one in enumerate(usable)),
        questions=len(fold_of),
        folds=plan.folds,
        default=start,
        best=best,
        gain=gain(trials.values(start), tuned),
        held_out=_held_out_gain(held_out_values, start, best),
        fold_choices=tuple(fold_choices),
        tried=_best_first(trials),
        grid=plan.grid,
        models=runs[0].models,
    )


def _check_different(sets: Sequence[Dataset]) -> None:
    """A question that stands in two folds would be tested on itself."""
    seen: dict[tuple[str, str], str] = {}
    for dataset in sets:
        key = (dataset.corpus_digest, dataset.questions_digest)
        if key in seen:
            raise BadInputError(f"{seen[key]!r} and {dataset.name!r} are the same set: name it once")
        seen[key] = dataset.name


def _chosen_without(
    left_out: int | None, fold_of: Mapping[Key, int], trials: Trials, start: Choice, values: Grid
) -> Choice:
    """Search with the questions of the other folds; None leaves out no fold."""
    keys = [key for key, fold in fold_of.items() if fold != left_out]
    return search(lambda choice: mean(trials.values(choice), keys), start, values)


def _held_out_gain(values: Callable[[Choice], Values], start: Choice, best: Choice) -> Gain | None:
    """None where no question is held out that the metric applies to."""
    before = values(start)
    if not before:
        return None
    return gain(before, before if best == start else values(best))


def _best_first(trials: Trials) -> tuple[tuple[Choice, float], ...]:
    found = [(choice, mean(values, values)) for choice, values in trials.tried.items()]
    return tuple(sorted(found, key=lambda one: -one[1]))


def _only(values: Values, sets: Sequence[Dataset]) -> Values:
    keys = {(number, question.id) for number, dataset in enumerate(sets) for question in dataset.questions}
    return {key: value for key, value in values.items() if key in keys}


def _described(number: int, dataset: Dataset, before: Values, after: Values) -> dict[str, Any]:
    keys = [key for key in before if key[0] == number]
    return {
        "name": dataset.name,
        "corpus_digest": dataset.corpus_digest,
        "questions_digest": dataset.questions_digest,
        "questions": len(keys),
        "default": mean(before, keys),
        "tuned": mean(after, keys),
    }
