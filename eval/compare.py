"""Compares runs over the same questions: the first is the baseline, every other is held against it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Literal

import numpy as np

from corpus.errors import BadInputError
from eval.metrics.names import LOWER_IS_BETTER, PRIMARY
from eval.records import QuestionResult, RunResult
from eval.statistics.intervals import Interval, bootstrap_interval, mean_interval
from eval.statistics.significance import exchange_p, holm, mean_p
from eval.summary import TOGETHER, Decisions, decisions_of, metric_names, question_values, taking_part, value_of

NamedRun = tuple[str, RunResult]
Verdict = Literal["better", "worse", "unclear"]

SIGNIFICANT = 0.05
# The same model gives the same score only up to the rounding of its arithmetic.
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure of two systems over the `n` questions that it applies to in both.

    `difference` is system - baseline, `ci95` its paired bootstrap interval, `p` from the randomisation test, `p_holm`
    corrected for all tests of the comparison. `wins` are the questions on which the system is better. For a measure
    of all questions together these count by `question_values`.
    """

    metric: str
    baseline: str
    system: str
    baseline_value: float
    system_value: float
    difference: float
    ci95: Interval
    p: float
    p_holm: float
    wins: int
    losses: int
    ties: int
    n: int

    @property
    def verdict(self) -> Verdict:
        """Say whether the system is better or worse, at the level of 5 % after correction."""
        if self.p_holm >= SIGNIFICANT:
            return "unclear"
        return "better" if (self.difference > 0) != (self.metric in LOWER_IS_BETTER) else "worse"


@dataclass(frozen=True, slots=True)
class Change:
    """A question on which a system differs from the baseline; `before` and `after` as in `question_values`."""

    question: str
    text: str
    metric: str
    system: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the measures and of single questions; `notes` say what to know when reading it."""

    baseline: str
    systems: tuple[str, ...]
    differences: tuple[Difference, ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pair:
    """The same questions, in the same order, as two systems answered them."""

    before: list[QuestionResult]
    after: list[QuestionResult]

    def for_metric(self, metric: str) -> "_Pair":
        """Keep the questions that the measure applies to in both."""
        both = _ids(taking_part(metric, self.before)) & _ids(taking_part(metric, self.after))
        return _Pair(_only(self.before, both), _only(self.after, both))


def compare(runs: Sequence[NamedRun], metrics: Sequence[str] | None = None, changes: int = 10) -> Comparison:
    """Compare runs with unique names; without `metrics` by the primary ones that apply.

    `changes` is how many of the questions that changed most, by the first measure, are named for every system. Raises
    BadInputError for runs of other questions or documents, and for measures that do not apply.
    """
    if len(runs) < 2:
        raise BadInputError(f"a comparison needs two or more runs, not {len(runs)}")
    (baseline, first), *others = runs
    for other in others:
        _check_same_set(runs[0], other)
    pairs = {name: _pair(first, run) for name, run in others}
    chosen = _chosen_metrics(list(pairs.values()), metrics)
    found = [_difference(metric, baseline, name, pair) for name, pair in pairs.items() for metric in chosen]
    corrected = holm([one.p for one in found])
    return Comparison(
        baseline=baseline,
        systems=tuple(pairs),
        differences=tuple(replace(one, p_holm=p) for one, p in zip(found, corrected, strict=True)),
        changes=tuple(chain.from_iterable(_changes(chosen[0], name, pairs[name], changes) for name in pairs)),
        # What is said of the baseline is said once.
        notes=tuple(dict.fromkeys(note for other in others for note in _notes(runs[0], other, pairs[other[0]]))),
    )


def _check_same_set(baseline: NamedRun, other: NamedRun) -> None:
    (first_name, first), (name, run) = baseline, other
    differing = [
        what
        for what, one, two in (
            ("documents", first.corpus_digest, run.corpus_digest),
            ("questions or their gold data", first.questions_digest, run.questions_digest),
        )
        if one != two
    ]
    if differing:
        raise BadInputError(
            f"{first_name!r} (set {first.dataset!r}) and {name!r} (set {run.dataset!r}) cannot be compared, their "
            f"{' and their '.join(differing)} differ: run both systems on the same version of the set"
        )
    if not _ids(first.questions) & _ids(run.questions):
        raise BadInputError(
            f"{first_name!r} and {name!r} have no question in common: run both with the same --limit and --seed"
        )


def _pair(first: RunResult, run: RunResult) -> _Pair:
    after = {question.id: question for question in run.questions}
    before = [question for question in first.questions if question.id in after]
    return _Pair(before, [after[question.id] for question in before])


def _chosen_metrics(pairs: Sequence[_Pair], wanted: Sequence[str] | None) -> list[str]:
    applying = [metric for metric in metric_names(pairs[0].before) if all(_applies(metric, pair) for pair in pairs)]
    # A set that lends itself to none of the primary measures is compared by what there is.
    usual = [metric for metric in PRIMARY if metric in applying] or applying
    chosen = usual if wanted is None else list(dict.fromkeys(wanted))
    unfit = [metric for metric in chosen if metric not in applying]
    if unfit or not chosen:
        raise BadInputError(
            f"the runs cannot be compared by {', '.join(map(repr, unfit)) or 'any measure'}: it applies to no question "
            f"that they have in common (these apply: {', '.join(applying) or 'none'})"
        )
    return chosen


def _applies(metric: str, pair: _Pair) -> bool:
    both = pair.for_metric(metric)
    return None not in (value_of(metric, both.before), value_of(metric, both.after))


def _difference(metric: str, baseline: str, system: str, pair: _Pair) -> Difference:
    both = pair.for_metric(metric)
    before, after, interval, p = _test_together(metric, both) if metric in TOGETHER else _test_means(metric, both)
    gains = question_values(metric, both.after) - question_values(metric, both.before)
    wins, losses = int((gains > _SAME).sum()), int((gains < -_SAME).sum())
    return Difference(
        metric=metric,
        baseline=baseline,
        system=system,
        baseline_value=before,
        system_value=after,
        difference=after - before,
        ci95=interval,
        p=p,
        p_holm=p,
        wins=wins,
        losses=losses,
        ties=len(gains) - wins - losses,
        n=len(gains),
    )


def _test_means(metric: str, pair: _Pair) -> tuple[float, float, Interval, float]:
    before, after = question_values(metric, pair.before), question_values(metric, pair.after)
    return float(before.mean()), float(after.mean()), mean_interval(after - before), mean_p(after - before)


def _test_together(metric: str, pair: _Pair) -> tuple[float, float, Interval, float]:
    n = len(pair.before)
    statistic = partial(TOGETHER[metric], _both(pair))
    rows = np.arange(n)
    interval = bootstrap_interval(lambda rows: statistic(rows + n) - statistic(rows), n)
    return float(statistic(rows)), float(statistic(rows + n)), interval, exchange_p(statistic, n)


def _both(pair: _Pair) -> Decisions:
    """Put the decisions of the system below those of the baseline.

    Confidences become ranks within their system (Venkatraman & Begg 1996): the measures that order by them stay what
    they are, and questions can be exchanged between systems whose confidences have different scales.
    """
    from scipy.stats import rankdata

    before, after = decisions_of(pair.before), decisions_of(pair.after)
    return Decisions(
        answerable=np.concatenate([before.answerable, after.answerable]),
        abstained=np.concatenate([before.abstained, after.abstained]),
        right=np.concatenate([before.right, after.right]),
        confidence=np.concatenate([rankdata(before.confidence), rankdata(after.confidence)]),
        probability=np.concatenate([before.probability, after.probability]),
    )


def _changes(metric: str, system: str, pair: _Pair, count: int) -> list[Change]:
    both = pair.for_metric(metric)
    before, after = question_values(metric, both.before), question_values(metric, both.after)
    most = np.argsort(-np.abs(after - before), kind="stable")[:count]
    return [
        Change(both.before[row].id, both.before[row].text, metric, system, float(before[row]), float(after[row]))
        for row in most
        if abs(after[row] - before[row]) > _SAME
    ]


def _notes(baseline: NamedRun, other: NamedRun, pair: _Pair) -> Iterator[str]:
    (first_name, first), (name, run), common = baseline, other, len(pair.before)
    asked = (len(first.questions), len(run.questions))
    if asked != (common, common):
        yield f"{first_name} was asked {asked[0]} questions and {name} {asked[1]}: compared by the {common} of both"
    for system, questions in ((first_name, pair.before), (name, pair.after)):
        failed = sum(question.error is not None for question in questions)
        if failed:
            yield f"{failed} of the {common} questions failed in {system} and count as wrong"


def _ids(questions: Sequence[QuestionResult]) -> set[str]:
    return {question.id for question in questions}


def _only(questions: Sequence[QuestionResult], ids: set[str]) -> list[QuestionResult]:
    return [question for question in questions if question.id in ids]
