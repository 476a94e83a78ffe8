"""Whether the statistics of evaluation keep their promises: simulations with a known truth, as Markdown tables.

Usage: .venv/bin/python benchmarks/statistics_check.py. A 95 % interval should hold the truth in 95 % of the trials;
a comparison of two equally good systems at 5 % should find a difference in 5 %.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from eval.compare import compare
from eval.evidence import EvidenceReport
from eval.records import QuestionResult, RunResult
from eval.statistics.intervals import Interval, mean_interval, wilson_interval
from eval.summary import estimate_of, value_of

Values = npt.NDArray[np.float64]

SIZES = (300, 60)
MEANS = (0.3, 0.5, 0.7, 0.9)
TRIALS = 2000
# Measures of all questions together, and comparisons, take longer.
TOGETHER_TRIALS = 250
ALARM_TRIALS = 1000
ALARM_QUESTIONS = 100
RANKS = np.array([0.1, 0.2, 0.25, 0.33, 0.5])
TOGETHER = ("abstain_f1", "answerability_auroc", "aurc", "ece", "coverage_at_risk_05")


def coins(generator: np.random.Generator, n: int, mean: float) -> Values:
    """Scores of 0 or 1."""
    return (generator.random(n) < mean).astype(np.float64)


def reciprocal_ranks(generator: np.random.Generator, n: int, mean: float) -> Values:
    """Scores like 1 / rank."""
    weight = min(0.3, 1 - mean)
    return _mixed(generator, mean, weight, float(RANKS.mean()), generator.choice(RANKS, n))


def overlaps(generator: np.random.Generator, n: int, mean: float) -> Values:
    """Scores like F1: often 0, often 1, else between."""
    weight = min(0.5, 1 - mean)
    return _mixed(generator, mean, weight, 0.5, generator.beta(2, 2, n))


def _mixed(generator: np.random.Generator, mean: float, weight: float, centre: float, between: Values) -> Values:
    """Take 0 or 1 instead of `between` so often that the mean is exact; `weight` is the part of `between`."""
    ones = mean - weight * centre
    draw = generator.random(len(between))
    return np.where(draw < ones, 1.0, np.where(draw < ones + weight, between, 0.0))


def _wilson(scores: Values) -> Interval:
    return wilson_interval(int(scores.sum()), len(scores))


KINDS: Mapping[str, tuple[Callable[[np.random.Generator, int, float], Values], Callable[[Values], Interval]]] = {
    "0 or 1 (Wilson)": (coins, _wilson),
    "1 / rank (bootstrap)": (reciprocal_ranks, mean_interval),
    "like F1 (bootstrap)": (overlaps, mean_interval),
}


def held(kind: str, n: int, mean: float) -> float:
    """The part of the trials in which the interval holds the true mean."""
    draw, interval = KINDS[kind]
    generator = np.random.default_rng(1)
    intervals = (interval(draw(generator, n, mean)) for _ in range(TRIALS))
    return sum(low <= mean <= high for low, high in intervals) / TRIALS


def questions(generator: np.random.Generator, n: int) -> list[QuestionResult]:
    """Labelled questions with confidences that know something, but are too sure; 3 of 5 have an answer."""
    answerable = generator.random(n) < 0.6
    evidence = generator.normal(np.where(answerable, 2.0, -2.0), 2.0)
    right = answerable & (generator.random(n) < 1 / (1 + np.exp(-1.5 - evidence)))
    confidence = 1 / (1 + np.exp(-evidence))
    rows = zip(answerable, right, confidence, strict=True)
    return [_question(row, {}, *decision) for row, decision in enumerate(rows)]


def _question(
    row: int, metrics: Mapping[str, float], answerable: bool, right: bool, confidence: float
) -> QuestionResult:
    confidence = float(confidence)
    return QuestionResult(
        str(row), "", bool(answerable), metrics, bool(right), confidence, abstained=confidence < 0.5, ms=1.0
    )


def held_together(n: int) -> Iterator[tuple[str, float, float]]:
    """For every measure of all questions together the truth and the part of the trials that hold it."""
    population = questions(np.random.default_rng(2), 100_000)
    generator = np.random.default_rng(3)
    trials = [questions(generator, n) for _ in range(TOGETHER_TRIALS)]
    for metric in TOGETHER:
        truth = value_of(metric, population) or 0.0
        intervals = [found.ci95 for trial in trials if (found := estimate_of(metric, trial))]
        yield metric, truth, sum(low <= truth <= high for low, high in intervals) / len(intervals)


def equal_systems(generator: np.random.Generator, n: int) -> tuple[RunResult, RunResult]:
    """Two systems that find different things and are equally good; the second's confidences have another scale."""
    answerable = generator.random(n) < 0.6
    difficulty = generator.random(n)
    one, other = (_run(_answers(generator, answerable, difficulty, power)) for power in (1.0, 3.0))
    return one, other


def _answers(
    generator: np.random.Generator, answerable: npt.NDArray[np.bool_], difficulty: Values, power: float
) -> list[QuestionResult]:
    n = len(difficulty)
    found = generator.random(n) > difficulty
    scores = np.where(found, generator.choice([*RANKS, 1.0, 1.0, 1.0], n), 0.0)
    evidence = generator.normal(np.where(answerable, 1.0 - difficulty, -1.0 + difficulty), 1.0)
    confidence = (1 / (1 + np.exp(-evidence))) ** power
    rows = zip(scores, answerable, answerable & found, confidence, strict=True)
    return [_question(row, {"span_mrr@10": float(score)}, *rest) for row, (score, *rest) in enumerate(rows)]


def _run(results: list[QuestionResult]) -> RunResult:
    return RunResult(
        dataset="simulated",
        system="simulated",
        form="beir",
        corpus_digest="",
        questions_digest="",
        settings=None,
        models={},
        versions={},
        counts={},
        metrics={},
        timings={},
        cached={},
        questions=tuple(results),
        evidence_report=EvidenceReport({}, ()),
    )


def false_alarms(metric: str, trials: int) -> float:
    """The part of the trials in which equally good systems are told apart."""
    generator = np.random.default_rng(4)
    pairs = (equal_systems(generator, ALARM_QUESTIONS) for _ in range(trials))
    compared = (compare([("a", one), ("b", other)], [metric], 0).differences[0] for one, other in pairs)
    return sum(one.verdict != "unclear" for one in compared) / trials


def main() -> None:
    """Print the tables."""
    print(f"Means: 95 % intervals that hold the true mean, of {TRIALS:,} trials\n")
    _print_row("questions", "scores", *(f"mean {mean}" for mean in MEANS))
    _print_row(*["---"] * (2 + len(MEANS)))
    for n in SIZES:
        for kind in KINDS:
            _print_row(str(n), kind, *map(_percent, map(partial(held, kind, n), MEANS)))
    print(f"\nMeasures of all questions together, of {TOGETHER_TRIALS:,} trials\n")
    _print_row("questions", "measure", "truth", "holds it")
    _print_row(*["---"] * 4)
    for n in SIZES:
        for metric, truth, share in held_together(n):
            _print_row(str(n), metric, f"{truth:.3f}", _percent(share))
    print(f"\nFalse alarms of `compare` at 5 %, two equally good systems, {ALARM_QUESTIONS} questions\n")
    _print_row("measure", "trials", "false alarms")
    _print_row(*["---"] * 3)
    for metric, trials in (("span_mrr@10", ALARM_TRIALS), ("answerability_auroc", TOGETHER_TRIALS)):
        _print_row(metric, f"{trials:,}", _percent(false_alarms(metric, trials)))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _print_row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
