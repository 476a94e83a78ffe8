"""Trying choices: the questions of all sets are asked once with each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from corpus.errors import BadInputError, PinciteError
from eval.datasets.types import Dataset
from eval.metrics.names import OF_QUESTIONS_TOGETHER
from eval.records import RunResult, RunSettings
from eval.scratch_home import OnProgress
from eval.tuning.choices import Choice
from eval.tuning.folds import Key

# Runs a set with the profile of the settings: `eval.session.Session.run`.
Ask = Callable[[Dataset, RunSettings, OnProgress], RunResult]
Values = Mapping[Key, float]
# Is told of a choice before its questions are asked, with None, and of its mean value after that.
OnTrial = Callable[[Choice, float | None], None]

# By what to tune, the most exact first.
_PREFERRED = ("span_mrr@10", "page_hit@5", "ndcg@10")


class Trials:
    """The values of the choices that were tried, by question; each is tried once."""

    def __init__(
        self, ask: Ask, sets: Sequence[Dataset], metric: str, on_progress: OnProgress, on_trial: OnTrial
    ) -> None:
        self._ask = ask
        self._sets = sets
        self._metric = metric
        self._on_progress = on_progress
        self._on_trial = on_trial
        self.tried: dict[Choice, Values] = {}

    def values(self, choice: Choice) -> Values:
        """The value of every question with a choice."""
        if choice not in self.tried:
            self._on_trial(choice, None)
            runs = ask_all(self._ask, self._sets, choice, self._on_progress)
            self.note(choice, values_of(runs, self._metric))
        return self.tried[choice]

    def note(self, choice: Choice, values: Values) -> None:
        """Take down what a choice came to."""
        self.tried[choice] = values
        self._on_trial(choice, mean(values, values))


def ask_all(ask: Ask, sets: Sequence[Dataset], choice: Choice, on_progress: OnProgress) -> list[RunResult]:
    """Run all sets with a choice."""
    settings = RunSettings(profile=choice.profile())
    return [ask(dataset, settings, on_progress) for dataset in sets]


def values_of(runs: Sequence[RunResult], metric: str) -> Values:
    """Collect the values of the questions that a metric applies to."""
    return {
        (number, question.id): question.metrics[metric]
        for number, run in enumerate(runs)
        for question in run.questions
        if metric in question.metrics
    }


def mean(values: Values, keys: Iterable[Key]) -> float:
    """The mean of the values of these questions."""
    return float(np.mean([values[key] for key in keys]))


def metric_for(runs: Sequence[RunResult], wanted: str | None) -> str:
    """Choose the metric to tune by: the one wanted, else the first that applies to questions of every set.

    Raises BadInputError when it does not apply to questions of every set, or has no value for a single question.
    """
    if wanted in OF_QUESTIONS_TOGETHER:
        raise BadInputError(f"{wanted!r} has no value for a single question: tune by another, for instance ndcg@10")
    names = _PREFERRED if wanted is None else (wanted,)
    usable = [name for name in names if all(_known(run, name) for run in runs)]
    if usable:
        return usable[0]
    without = next(run for run in runs if not _known(run, names[-1]))
    there = sorted({name for question in without.questions if question.error is None for name in question.metrics})
    if not there:
        raise PinciteError(
            f"every question of {without.dataset!r} failed, the first with: {without.questions[0].error}"
        )
    raise BadInputError(
        f"{' and '.join(map(repr, names))} apply to no question of {without.dataset!r}; there are: {', '.join(there)}"
    )


def usable_part(dataset: Dataset, run: RunResult, metric: str) -> Dataset:
    """Leave out the questions that say nothing of the metric, or failed: they need not be asked again."""
    usable = _known(run, metric)
    return replace(dataset, questions=tuple(question for question in dataset.questions if question.id in usable))


def _known(run: RunResult, metric: str) -> set[str]:
    return {question.id for question in run.questions if question.error is None and metric in question.metrics}
