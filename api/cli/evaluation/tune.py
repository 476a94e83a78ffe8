"""`pincite eval tune`: find the weights and depths that suit a set."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json, print_table

if TYPE_CHECKING:
    from eval.datasets.types import Dataset
    from eval.tuning.choices import Choice
    from eval.tuning.tuner import Tuning, TuningPlan
    from retrieval.profile import Profile
    from retrieval.settings import Settings

_SHOWN = 20  # of the settings that were tried


def tune(
    context: typer.Context,
    datasets: Annotated[
        list[str], typer.Argument(help="Folders of sets, or `sample` for the built-in one.", show_default=False)
    ],
    out: Annotated[Path, typer.Option(help="Profile to write.", show_default=False)],
    metric: Annotated[
        str | None,
        typer.Option(help="What to make as high as can be.", show_default="span_mrr@10, page_hit@5 or ndcg@10"),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Use only so many questions of each set.", show_default="all")
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Parts of the questions for cross-validation.")] = 5,
    form: Annotated[
        Literal["beir", "files"] | None, typer.Option(help="How to read a folder that could be either.")
    ] = None,
    passage_tokens: Annotated[
        str, typer.Option(help="Lengths of passages to try, in model tokens; the sets are ingested once for each.")
    ] = "120,200,300",
    keep_insignificant: Annotated[
        bool, typer.Option("--keep-insignificant", help="Write what was found even where the gain may be chance.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Find the best weights and depths. They are tried on sets of questions, and the best written as a profile.

    The gain is cross-validated. Without a significant one the profile keeps the defaults. Questions that are held out
    are not asked until all is chosen.
    """
    from eval.datasets import load
    from eval.tuning.choices import grid
    from eval.tuning.tuner import TuningPlan
    from index.recipe import DEFAULT_PASSAGE_TOKENS
    from retrieval.profile import write_profile

    settings = context_of(context).settings()
    default_tokens = settings.passage_tokens or DEFAULT_PASSAGE_TOKENS
    plan = TuningPlan(grid(_lengths(passage_tokens)), default_tokens, metric, limit, folds)
    tuning = _tuned(settings, [load(dataset, form) for dataset in datasets], plan, quiet=as_json)
    profile = tuning.profile(keep_insignificant=keep_insignificant)
    write_profile(profile, out)
    if as_json:
        _print_json(tuning, profile, out)
    else:
        _show(tuning, profile, out)


def _lengths(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no list of numbers such as 120,200,300") from error


def _tuned(settings: "Settings", sets: "list[Dataset]", plan: "TuningPlan", quiet: bool) -> "Tuning":
    from api.cli.evaluation.progress import EvalProgress
    from eval.session import Session
    from eval.tuning.tuner import tune

    with EvalProgress(quiet) as progress, Session(settings) as session:
        return tune(session.run, sets, plan, progress.update, _note_trial)


def _note_trial(choice: "Choice", value: float | None) -> None:
    note(f"trying {choice.in_words()}" if value is None else f"  {value:.4f}")


def _print_json(tuning: "Tuning", profile: "Profile", out: Path) -> None:
    from pydantic import TypeAdapter

    from eval.tuning.tuner import Tuning
    from retrieval.profile import Profile

    found = TypeAdapter(Tuning).dump_python(tuning, mode="json")
    written = TypeAdapter(Profile).dump_python(profile, mode="json")
    words = {"significant": tuning.gain.is_significant, "notes": list(tuning.notes(profile))}
    print_json({"out": str(out), **words, "profile": written, **found})


def _show(tuning: "Tuning", profile: "Profile", out: Path) -> None:
    from dataclasses import astuple

    columns = ("dense weight", "candidates", "rerank depth", "rerank weight", "tokens", tuning.metric)
    best = tuning.tried[:_SHOWN]
    rows = [(*(f"{value:g}" for value in astuple(choice)), f"{mean:.4f}") for choice, mean in best]
    print_table(columns, rows, f"The best {len(best)} of {len(tuning.tried)} settings, {tuning.questions} questions")
    note(f"the search with all questions led to: {tuning.best.in_words()}")
    note(f"{tuning.metric}, cross-validated: {tuning.gain.in_words()}")
    if tuning.held_out is not None:
        note(f"{tuning.metric}, held-out questions: {tuning.held_out.in_words()}")
    for line in (*tuning.notes(profile), f"written: {out}"):
        note(line)
