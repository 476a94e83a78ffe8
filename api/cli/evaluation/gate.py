"""`pincite eval gate`: hold a run against what earlier runs reached."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.output import JsonOption, note, print_json, print_table
from corpus.errors import BadInputError

if TYPE_CHECKING:
    from eval.baseline import Bound
    from eval.gate import GateReport, MetricResult, Outcome

_BOUND_COLUMNS = ("metric", "bound", "noise width", "questions")
# Words that are true of floors and of ceilings.
_CHANGES: dict["Outcome", str] = {"raised": "stricter", "lowered": "laxer"}


def gate(
    run_file: Annotated[Path, typer.Argument(metavar="RUN.json", help="Made by `pincite eval run ... --json`.")],
    baseline_file: Annotated[Path, typer.Option("--baseline", help="What runs must keep.", show_default=False)],
    updating: Annotated[
        bool, typer.Option("--update", help="Make the baseline, or raise its floors to those of the run.")
    ] = False,
    allow_lower: Annotated[
        bool, typer.Option("--allow-lower", help="With --update: lower floors, too, where the run is worse.")
    ] = False,
    metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--metric", metavar="M", help="With --update: take in M (may be repeated) in place of the usual metrics."
        ),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option("--junit", help="Write the outcome to this file, too, as JUnit XML for CI systems.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fail when a run is worse than a baseline.

    Ends with 0 when it holds, and with 1 when a metric fell or the run cannot be held against the baseline.
    """
    if not updating and (allow_lower or metrics):
        raise BadInputError("--allow-lower and --metric change the baseline: give --update, too")
    report = _updated(run_file, baseline_file, metrics, allow_lower) if updating else _checked(run_file, baseline_file)
    if junit is not None:
        _write_junit(report, junit)
    if as_json:
        print_json(_as_json(report))
    else:
        _show(report, updating)
    if not report.passed:
        raise typer.Exit(1)


def _checked(run_file: Path, baseline_file: Path) -> "GateReport":
    from eval.baseline import read_baseline
    from eval.gate import check
    from eval.run_file import read_run

    run, baseline = read_run(run_file), read_baseline(baseline_file)
    if baseline is None:
        raise BadInputError(f"there is no baseline {str(baseline_file)!r}: --update makes it of this run")
    return check(run, baseline)


def _updated(run_file: Path, baseline_file: Path, metrics: list[str] | None, allow_lower: bool) -> "GateReport":
    from eval.baseline import read_baseline, write_baseline
    from eval.gate import update
    from eval.run_file import read_run

    run, before = read_run(run_file), read_baseline(baseline_file)
    after, report = update(run, before, metrics, allow_lower)
    if after != before:
        write_baseline(after, baseline_file)
    return report


# --- JSON and text ---------------------------------------------------------------------------------------------------


def _as_json(report: "GateReport") -> dict[str, object]:
    return {
        "passed": report.passed,
        "fallen": [{**_bound_json(one.bound), "value": one.value} for one in report.with_outcome("fell")],
        "problems": report.problems,
        "raised": [_change_json(one) for one in report.with_outcome("raised")],
        "added": [_bound_json(one.bound) for one in report.with_outcome("added")],
        "lowered": [_change_json(one) for one in report.with_outcome("lowered")],
        "dropped": [one.bound.metric for one in report.with_outcome("dropped")],
        "notes": report.notes,
    }


def _bound_json(bound: "Bound") -> dict[str, object]:
    return {"metric": bound.metric, bound.kind: bound.value, "width": bound.width}


def _change_json(result: "MetricResult") -> dict[str, object]:
    return {**_bound_json(result.bound), "before": result.before.value if result.before else None}


def _show(report: "GateReport", updating: bool) -> None:
    fallen, changed = report.with_outcome("fell"), report.with_outcome("added", "raised", "lowered", "dropped")
    if changed:
        print_table((*_BOUND_COLUMNS, "change"), map(_changed_row, changed), "changes of the baseline")
    if fallen:
        title = "below the baseline, which is kept (--allow-lower lowers it)" if updating else "fallen"
        print_table((*_BOUND_COLUMNS, "value"), map(_fallen_row, fallen), title)
    for line in report.notes:
        note(f"note: {line}")
    for line in report.problems:
        note(f"problem: {line}")
    if not updating:
        note(_verdict(report))
    elif not changed and report.passed:
        note("the baseline has the values of this run already")


def _fallen_row(result: "MetricResult") -> tuple[str, ...]:
    return (*_bound_row(result.bound), _figure(result.value))


def _changed_row(result: "MetricResult") -> tuple[str, ...]:
    before, change = result.before, _CHANGES.get(result.outcome, result.outcome)
    was = f", was {_figure(before.value)}" if before else ""
    over = f" over {before.n} questions" if before and before.n != result.bound.n else ""
    return (*_bound_row(result.bound), f"{change}{was}{over}")


def _bound_row(bound: "Bound") -> tuple[str, ...]:
    return bound.metric, f"{bound.kind} {_figure(bound.value)}", _figure(bound.width), str(bound.n)


def _figure(value: float | None) -> str:
    from eval.report.wording import bound_figure

    return bound_figure(value)


def _verdict(report: "GateReport") -> str:
    if report.passed:
        return f"the gate holds for {report.dataset}: none of {len(report.results)} metrics fell"
    fallen, problems = len(report.with_outcome("fell")), len(report.problems)
    return f"the gate fails for {report.dataset} (fallen metrics: {fallen}, problems: {problems})"


def _write_junit(report: "GateReport", path: Path) -> None:
    from corpus.files import write_output
    from eval.report.gate_junit import gate_xml

    write_output(path, gate_xml(report))
