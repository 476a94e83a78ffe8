"""Primary measures by groups of questions: where a system is good, and where it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.compare import NamedRun
from eval.metrics.names import LOWER_IS_BETTER, OF_QUESTIONS_TOGETHER, PRIMARY
from eval.records import QuestionResult, RunResult
from eval.statistics.intervals import Estimate
from eval.summary import estimate_of

# A property of more values than these is an id or a number rather than a group.
MOST_VALUES = 12
# Fewer questions say too little about a group to call it the worst.
_FEWEST_QUESTIONS = 5

Standing = Literal["above", "below", ""]


@dataclass(frozen=True, slots=True)
class Cell:
    """A measure of a group; `standing` tells on which side of the whole set it stands with its whole interval."""

    estimate: Estimate
    standing: Standing


@dataclass(frozen=True, slots=True)
class SliceRow:
    """The measures of one system on the questions of which the property has this value."""

    value: str
    system: str
    n: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class SliceTable:
    """A property of the questions and the measures of its groups, the largest group first."""

    field: str
    metrics: tuple[str, ...]
    rows: tuple[SliceRow, ...]


def slice_fields(questions: Sequence[QuestionResult]) -> dict[str, list[str]]:
    """List the properties that make groups, with their values, the most frequent first."""
    values: dict[str, dict[str, int]] = {}
    for question in questions:
        for field, value in question.slices.items():
            counts = values.setdefault(field, {})
            counts[value] = counts.get(value, 0) + 1
    return {
        field: sorted(counts, key=lambda value: (-counts[value], value))
        for field, counts in values.items()
        if 1 < len(counts) <= MOST_VALUES
    }


def slice_tables(runs: Sequence[NamedRun]) -> list[SliceTable]:
    """Compute the primary measures by every property, the runs beside each other."""
    fields = slice_fields([question for _, run in runs for question in run.questions])
    tables = []
    for field, values in fields.items():
        rows = [
            _row(name, run, value, [one for one in run.questions if one.slices.get(field) == value])
            for value in values
            for name, run in runs
        ]
        metrics = tuple(metric for metric in PRIMARY if any(metric in row.cells for row in rows))
        tables.append(SliceTable(field, metrics, tuple(rows)))
    return tables


def worst_slices(tables: Sequence[SliceTable], most: int = 5) -> list[tuple[SliceTable, SliceRow, str]]:
    """Choose the groups whose main measure is lowest, of those that stand below the whole set."""
    below = [
        (table, row, metric)
        for table in tables
        for row in table.rows
        for metric in _leading(row)
        if row.cells[metric].standing == "below" and row.n >= _FEWEST_QUESTIONS
    ]
    return sorted(below, key=lambda found: found[1].cells[found[2]].estimate.value)[:most]


def _leading(row: SliceRow) -> list[str]:
    """Name the first measure of a row that single questions have."""
    return [metric for metric in PRIMARY if metric in row.cells and metric not in OF_QUESTIONS_TOGETHER][:1]


def _row(system: str, run: RunResult, value: str, questions: Sequence[QuestionResult]) -> SliceRow:
    estimates = {metric: estimate_of(metric, questions) for metric in PRIMARY}
    cells = {
        metric: Cell(estimate, _standing(metric, estimate, run.metrics.get(metric)))
        for metric, estimate in estimates.items()
        if estimate is not None
    }
    return SliceRow(value, system, len(questions), cells)


def _standing(metric: str, part: Estimate, whole: Estimate | None) -> Standing:
    """Compare a group's interval with the value of the whole set."""
    if whole is None or part.ci95[0] <= whole.value <= part.ci95[1]:
        return ""
    is_higher = part.ci95[0] > whole.value
    return "above" if is_higher != (metric in LOWER_IS_BETTER) else "below"
