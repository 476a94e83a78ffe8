"""`pincite eval calibrate`: fit the confidence on finished runs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.output import JsonOption, note, print_json, print_table

if TYPE_CHECKING:
    from eval.calibrating.candidates import Figures
    from eval.calibrating.fit import Calibrated
    from eval.calibrating.held_out import HeldOut
    from eval.metrics.abstention import ReliabilityBin

_SHOWN = 10  # of the forms that were tried


def calibrate(
    runs: Annotated[
        list[Path], typer.Argument(help="Run files, made by `pincite eval run ... --json > FILE`.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Profile to write.", show_default=False)],
    profile: Annotated[
        Path | None, typer.Option(help="Profile whose weights are kept.", show_default="that of the runs")
    ] = None,
    max_risk: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Answer as long as no more than this part of the answers is wrong.", show_default=False
        ),
    ] = None,
    max_withheld: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Decline as long as no more than this part of the right answers is.", show_default=False
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fit the confidence on finished runs. Also chosen is from which confidence on to answer.

    Without --max-risk and --max-withheld the threshold is the one that tells right from wrong answers best.
    """
    from corpus.errors import BadInputError
    from eval.calibrating.fit import Limit
    from eval.calibrating.fit import calibrate as fit_confidence
    from eval.run_file import read_run
    from retrieval.profile import read_profile, write_profile

    if max_risk is not None and max_withheld is not None:
        raise BadInputError("--max-risk and --max-withheld both choose the threshold: give one of them")
    limit = None if max_risk is None else Limit("risk", max_risk)
    limit = limit if max_withheld is None else Limit("withheld", max_withheld)
    base = None if profile is None else read_profile(profile)
    named = [(str(path), read_run(path)) for path in runs]
    fitted = fit_confidence(named, base, limit, datetime.now(UTC).isoformat(timespec="seconds"))
    write_profile(fitted.profile, out)
    if as_json:
        _print_json(fitted, out)
    else:
        _show(fitted, out)


def _print_json(fitted: "Calibrated", out: Path) -> None:
    from pydantic import TypeAdapter

    from eval.calibrating.fit import Calibrated

    print_json({"out": str(out), **TypeAdapter(Calibrated).dump_python(fitted, mode="json")})


def _show(fitted: "Calibrated", out: Path) -> None:
    best = list(fitted.candidates.items())[:_SHOWN]
    rows = [_figures_row(name, figures) for name, figures in [*best, ("uncalibrated", fitted.uncalibrated)]]
    columns = ("form", "log loss", "Brier", "AUROC", "ECE")
    print_table(columns, rows, f"Confidence on {fitted.questions} questions, {fitted.right} right (cross-validated)")
    print_table(("confidence", "questions", "mean", "right"), _bins(fitted.reliability_before), "Before: uncalibrated")
    print_table(
        ("confidence", "questions", "mean", "right"), _bins(fitted.reliability_after), f"After: {fitted.chosen}"
    )
    if fitted.held_out is not None:
        _show_held_out(fitted.held_out)
    for line in (*fitted.notes, _threshold_in_words(fitted), f"written: {out}"):
        note(line)


def _figures_row(name: str, figures: "Figures") -> tuple[str, ...]:
    values = (figures.log_loss, figures.brier, figures.auroc, figures.ece)
    return (name, *(f"{value:.3f}" for value in values))


def _bins(bins: "tuple[ReliabilityBin, ...]") -> list[tuple[str, ...]]:
    return [
        (f"{one.low:.1f} - {one.high:.1f}", str(one.n), f"{one.confidence:.3f}", f"{one.right:.3f}") for one in bins
    ]


def _show_held_out(held_out: "HeldOut") -> None:
    rows = [(name, _shown(held_out.before.get(name)), _shown(held_out.after.get(name))) for name in held_out.before]
    print_table(("metric", "before", "after"), rows, f"{held_out.n} held-out questions")


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _threshold_in_words(fitted: "Calibrated") -> str:
    threshold = fitted.threshold
    return (
        f"answers from a confidence of {threshold.value:.4f} on: {threshold.answered} of {threshold.n} questions, "
        f"{threshold.wrong} of them wrongly (cross-validated)"
    )
