"""The regression gate: holds a run against a baseline, and makes baselines out of runs.

On one machine the same sources give the same figures bit for bit. Another processor rounds otherwise, which can move
a few questions: a value may fall below its floor by the noise width, one standard error of the run that set the
floor. That alone would let many small losses pass one after the other, so a floor never goes down by itself: every
run is held against the best that was pinned, and lowering it takes an option and is seen in the baseline's diff.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from corpus.errors import BadInputError
from eval.baseline import Baseline, Bound, PinnedSettings
from eval.metrics.names import LOWER_IS_BETTER, METRICS, PRIMARY
from eval.records import RunResult
from eval.statistics.intervals import Estimate

USUAL_METRICS = (*PRIMARY, "aurc")

_MUST_AGREE = ("documents", "questions", "answerable")
_COUNTS = ("documents", "passages", "questions", "answerable")
# A 95 % interval of a normal distribution is as many standard errors wide.
_STANDARD_ERRORS = 2 * 1.96
# Places after the point: of bounds, so that figures equal but for rounding give the same baseline; and of widths.
_PLACES = 6
_WIDTH_PLACES = 4

Outcome = Literal["holds", "fell", "unfit", "not compared", "added", "raised", "lowered", "dropped"]


@dataclass(frozen=True, slots=True)
class MetricResult:
    """What became of a metric.

    `bound` is what the baseline has from now on (what it had, if dropped) and `before` what an update replaced.
    `value` is None where the run has none or was not compared. `problem` says why a metric is unfit: it is missing,
    or computed from fewer questions. "raised" and "lowered" speak of floors; ceilings go the other way.
    """

    outcome: Outcome
    bound: Bound
    value: float | None = None
    before: Bound | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class GateReport:
    """The outcome of a check or an update; `notes` are differences from the baseline that do not fail."""

    dataset: str
    results: tuple[MetricResult, ...]
    set_problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that fails beside metrics that fell."""
        return (*self.set_problems, *(result.problem for result in self.results if result.problem is not None))

    @property
    def passed(self) -> bool:
        """Whether the gate holds, or the update left no bound above the run."""
        return not self.problems and not self.with_outcome("fell")

    def with_outcome(self, *outcomes: Outcome) -> list[MetricResult]:
        """Select metrics by what became of them."""
        return [result for result in self.results if result.outcome in outcomes]


def check(run: RunResult, baseline: Baseline) -> GateReport:
    """Hold a run against a baseline; values are compared only over the same set, asked with the same settings."""
    differences = tuple(
        f"{one}: gate a run of the same set with the same options, or give --update if it was changed on purpose"
        for one in _differences(run, baseline)
    )
    if differences:
        return _not_compared(run, baseline, differences)
    results = tuple(_judged(bound, run.metrics.get(metric)) for metric, bound in baseline.bounds.items())
    return GateReport(
        run.dataset, results, tuple(_run_problems(run, baseline)), tuple(_counted(run, baseline, "passages"))
    )


def update(
    run: RunResult, baseline: Baseline | None, metrics: Sequence[str] | None = None, allow_lower: bool = False
) -> tuple[Baseline, GateReport]:
    """Make the next baseline of a run; `metrics` are to be in it beside those that it has (default: the usual ones).

    Bounds that the run would make laxer stay as they are and fail, unless `allow_lower`. Floors of one set do not fit
    another: where the set or the settings changed, and a bound would have to stay, the whole baseline stays.

    Raises BadInputError for a run with errors, and for metrics that do not apply to it.
    """
    if errors := run.counts.get("errors", 0):
        raise BadInputError(f"the run has {errors} questions with errors, no baseline is made of it: run the set again")
    old = {} if baseline is None else baseline.bounds
    names = _in_order({*old, *_wanted(run, metrics)})
    results = tuple(
        _updated(old[name], run.metrics.get(name), allow_lower) if name in old else _added(name, run.metrics[name])
        for name in names
    )
    differences = [] if baseline is None else list(_differences(run, baseline))
    laxer = [result.bound.metric for result in results if result.outcome in ("fell", "unfit")]
    if baseline is not None and differences and laxer:
        problem = (
            f"{'; '.join(differences)}: nothing was written, because the bounds of {', '.join(laxer)} would be laxer "
            "than before; give --allow-lower to pin the run as it is"
        )
        return baseline, _not_compared(run, baseline, (problem,))
    bounds = {result.bound.metric: result.bound for result in results if result.outcome != "dropped"}
    counted = [] if baseline is None else _counted(run, baseline, *_COUNTS)
    return _pinned(run, bounds), GateReport(run.dataset, results, notes=(*differences, *counted))


def _not_compared(run: RunResult, baseline: Baseline, problems: tuple[str, ...]) -> GateReport:
    results = tuple(MetricResult("not compared", bound) for bound in baseline.bounds.values())
    return GateReport(run.dataset, results, problems)


# --- the set and the settings ----------------------------------------------------------------------------------------


def _differences(run: RunResult, baseline: Baseline) -> Iterator[str]:
    for what, name in (("documents", "corpus_digest"), ("questions or other gold data", "questions_digest")):
        found, pinned = getattr(run, name), getattr(baseline, name)
        if found != pinned:
            yield (
                f"other {what} in {run.dataset!r} than in the baseline of {baseline.dataset!r} "
                f"({name} {_short(found)} instead of {_short(pinned)})"
            )
    found, pinned = _as_dict(_settings(run)), _as_dict(baseline.settings)
    differing = [name for name in {**found, **pinned} if found.get(name) != pinned.get(name)]
    if differing:
        yield "other settings: " + ", ".join(
            f"{name} {_shown(found.get(name))} instead of {_shown(pinned.get(name))}" for name in differing
        )


def _run_problems(run: RunResult, baseline: Baseline) -> Iterator[str]:
    for counted in _counted(run, baseline, *_MUST_AGREE):
        yield f"{counted} in the same set: see the run file (failed_documents), or give --update if that is meant"
    if errors := run.counts.get("errors", 0):
        yield f"{errors} questions failed, the run file has their errors: run the set again when the cause is mended"


def _counted(run: RunResult, baseline: Baseline, *names: str) -> Iterator[str]:
    for name in names:
        found, pinned = run.counts.get(name), baseline.counts.get(name)
        if found != pinned:
            yield f"{_shown(found)} {name} instead of {_shown(pinned)}"


def _pinned(run: RunResult, bounds: dict[str, Bound]) -> Baseline:
    counts = {name: run.counts[name] for name in _COUNTS if name in run.counts}
    return Baseline(run.dataset, run.corpus_digest, run.questions_digest, counts, _settings(run), bounds)


def _settings(run: RunResult) -> PinnedSettings | None:
    one = run.settings
    return (
        None if one is None else PinnedSettings(one.mode, one.rerank, one.limit, one.seed, one.top_k, one.conversation)
    )


def _as_dict(settings: PinnedSettings | None) -> dict[str, object]:
    return {} if settings is None else asdict(settings)


def _short(digest: str) -> str:
    return digest[:12] or "(none)"


def _shown(value: object) -> str:
    return "not set" if value is None else str(value)


# --- metrics ---------------------------------------------------------------------------------------------------------


def _judged(bound: Bound, found: Estimate | None) -> MetricResult:
    problem = _unfit(bound, found)
    if found is None:
        return MetricResult("unfit", bound, problem=problem)
    fallback: Outcome = "holds" if problem is None else "unfit"
    return MetricResult(fallback if bound.holds(found.value) else "fell", bound, found.value, problem=problem)


def _added(metric: str, found: Estimate) -> MetricResult:
    return MetricResult("added", _bound(metric, found), found.value)


def _updated(old: Bound, found: Estimate | None, allow_lower: bool) -> MetricResult:
    if found is None:
        return MetricResult("dropped", old) if allow_lower else MetricResult("unfit", old, problem=_unfit(old, None))
    new, value = _bound(old.metric, found), found.value
    if old.is_better_than(new) or new.n < old.n:
        if allow_lower:
            return MetricResult("lowered", new, value, old)
        outcome: Outcome = "fell" if old.is_better_than(new) else "unfit"
        return MetricResult(outcome, old, value, problem=_unfit(old, found))
    if new.value == old.value:
        return MetricResult("holds", replace(old, n=new.n), value)
    # A wider interval must not let pass what was too low before.
    width = min(new.width, _rounded_down(abs(new.value - old.limit), _WIDTH_PLACES))
    return MetricResult("raised", replace(new, width=width), value, old)


def _unfit(bound: Bound, found: Estimate | None) -> str | None:
    lowering = "or give --update --allow-lower if that is meant"
    if found is None:
        return f"{bound.metric} applies to no question of the run: find out why, {lowering}"
    if found.n < bound.n:
        return f"{bound.metric} was computed from {found.n} questions instead of {bound.n}: find out why, {lowering}"
    return None


def _wanted(run: RunResult, metrics: Sequence[str] | None) -> list[str]:
    # A run that has none of the usual metrics is held to what it has.
    usual = [metric for metric in USUAL_METRICS if metric in run.metrics] or list(run.metrics)
    wanted = usual if metrics is None else list(metrics)
    unknown = [metric for metric in wanted if metric not in run.metrics]
    if unknown or not wanted:
        raise BadInputError(
            f"the run cannot be held to {', '.join(map(repr, unknown)) or 'anything'}: it applies to none of its "
            f"questions (these apply: {', '.join(run.metrics) or 'none'})"
        )
    return wanted


def _in_order(names: set[str]) -> list[str]:
    return [*(name for name in METRICS if name in names), *sorted(names.difference(METRICS))]


def _bound(metric: str, found: Estimate) -> Bound:
    low, high = found.ci95
    width = round((high - low) / _STANDARD_ERRORS, _WIDTH_PLACES)
    # Rounded to the side on which the run itself keeps its bound.
    value = -_rounded_down(-found.value, _PLACES) if metric in LOWER_IS_BETTER else _rounded_down(found.value, _PLACES)
    return Bound(metric, value, width, found.n)


def _rounded_down(value: float, places: int) -> float:
    rounded = round(value, places)
    return rounded if rounded <= value else round(rounded - 10**-places, places)
