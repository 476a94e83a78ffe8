"""`pincite eval compare`: runs over the same questions, side by side."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.output import JsonOption, note, print_json, print_table, printable
from corpus.errors import BadInputError

if TYPE_CHECKING:
    from eval.compare import Change, Comparison, Difference

_LEGEND = (
    "difference: with its paired 95 % bootstrap interval; p: randomisation test, after Holm's correction; "
    "+/-/=: questions on which the second system is better, worse, the same"
)


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Two or more run files of `pincite eval run --json`; the first is the baseline."),
    ],
    metric: Annotated[
        list[str] | None, typer.Option(help="A measure to compare by; may be repeated. Default: the primary ones.")
    ] = None,
    changes: Annotated[
        int, typer.Option(min=0, help="Show so many of the questions that changed most, by the first measure.")
    ] = 10,
    as_json: JsonOption = False,
) -> None:
    """Compare systems on the same questions. Differences come with 95 % intervals, and which are significant."""
    from eval.compare import compare as compare_runs
    from eval.run_file import read_run

    names = run_names(runs)
    comparison = compare_runs([(name, read_run(path)) for name, path in zip(names, runs, strict=True)], metric, changes)
    if as_json:
        print_json(asdict(comparison))
    else:
        _show(comparison)


def run_names(paths: Sequence[Path]) -> list[str]:
    """Name run files by their stems, with as many folders before them as it takes to tell them apart."""
    whole = [path.resolve() for path in paths]
    if len(set(whole)) < len(whole):
        raise BadInputError(f"a run cannot be compared with itself: {', '.join(map(str, paths))!r} names one twice")
    most = max(len(path.parts) for path in whole)
    by_length = ([_last_parts(path, count) for path in whole] for count in range(1, most + 1))
    return next((names for names in by_length if len(set(names)) == len(names)), [str(path) for path in whole])


def _last_parts(path: Path, count: int) -> str:
    return Path(*path.with_suffix("").parts[-count:]).as_posix()


def _show(comparison: "Comparison") -> None:
    for system in comparison.systems:
        differences = [one for one in comparison.differences if one.system == system]
        columns = ("metric", comparison.baseline, system, "difference", "p", "+/-/=")
        print_table(columns, map(_row, differences), f"{system} against {comparison.baseline}")
        for one in differences:
            typer.echo(printable(f"{one.metric}: {_sentence(one)}"))
        _show_changes([one for one in comparison.changes if one.system == system])
    for line in (_LEGEND, *comparison.notes):
        note(line)


def _row(one: "Difference") -> tuple[str, ...]:
    return (
        one.metric,
        f"{one.baseline_value:.3f}",
        f"{one.system_value:.3f}",
        f"{one.difference:+.3f}\n{one.ci95[0]:+.3f} to {one.ci95[1]:+.3f}",
        "< 0.001" if one.p_holm < 0.001 else f"{one.p_holm:.3f}",
        f"{one.wins}/{one.losses}/{one.ties}",
    )


def _sentence(one: "Difference") -> str:
    if one.verdict == "unclear":
        return f"the difference is not significant at 5 % ({one.n} questions)."
    return f"{one.system} is significantly {one.verdict} than {one.baseline} at 5 % ({one.n} questions)."


def _show_changes(changes: Sequence["Change"]) -> None:
    if not changes:
        return
    rows = [(one.question, one.text, f"{one.before:.3f}", f"{one.after:.3f}") for one in changes]
    print_table(("question", "text", "before", "after"), rows, f"changed most, by {changes[0].metric}")
