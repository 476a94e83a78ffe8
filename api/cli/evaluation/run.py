"""`pincite eval run`: ask the questions of a set, or score the run of another system."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_table
from retrieval.modes import Mode

if TYPE_CHECKING:
    from eval.records import RunResult


# The names of the parameters that `--run` takes.
_SCORING = frozenset({"foreign", "qrels", "as_json"})

# Where every question of a large set fails, it is most often by the same error.
_ERRORS_SHOWN = 10


def run(
    context: typer.Context,
    dataset: Annotated[
        str | None, typer.Argument(help="Folder of the set, or `sample` for the built-in one.", show_default=False)
    ] = None,
    form: Annotated[
        Literal["beir", "files"] | None, typer.Option(help="How to read a folder that could be either.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Ask only so many questions, a fixed sample of them.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed takes another sample.")] = 0,
    mode: Annotated[Mode, typer.Option(help="Which searches to use.")] = "hybrid",
    rerank: Annotated[bool | None, typer.Option(help="Order the passages with the cross-encoder.")] = None,
    conversation: Annotated[
        bool,
        typer.Option("--conversation/--no-conversation", help="Pass the turns before a question."),
    ] = True,
    profile: Annotated[
        Path | None, typer.Option(help="Tuned weights and confidence, made by `pincite eval tune`.")
    ] = None,
    drafts: Annotated[bool, typer.Option("--drafts", help="Ask the drafts of the set, too.")] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ingest and compute everything anew: for measuring latency.")
    ] = False,
    foreign: Annotated[
        Path | None, typer.Option("--run", help="Score this run in TREC form instead (needs --qrels).")
    ] = None,
    qrels: Annotated[Path | None, typer.Option(help="Judgements in TREC form, for --run.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a set of questions. It is ingested into a scratch home, then asked; the metrics are reported.

    Ends with 1 when a document could not be read or a question failed: what failed is listed.
    """
    if foreign is not None or qrels is not None:
        _check_only_scoring(context)
        result = _score(foreign, qrels)
    elif dataset is None:
        raise typer.BadParameter("name a set (a folder, or `sample`), or give --run and --qrels")
    else:
        from api.cli.evaluation.progress import EvalProgress
        from eval.datasets import load
        from eval.records import RunSettings
        from eval.session import Session
        from retrieval.assemble import profile_of

        settings = context_of(context).settings()
        if profile is not None:
            settings = settings.model_copy(update={"profile": profile})
        chosen = RunSettings(mode, limit, seed, rerank, profile=profile_of(settings), conversation=conversation)
        loaded = load(dataset, form, drafts)
        with EvalProgress(quiet=False) as progress, Session(settings, fresh=fresh) as session:
            result = session.run(loaded, chosen, progress.update)
    if as_json:
        _print_json(result)
    else:
        _show(result)
    _note(result)
    if result.failed_documents or result.counts.get("errors", 0):
        raise typer.Exit(1)


def _check_only_scoring(context: typer.Context) -> None:
    """Refuse what says nothing to a finished run: it would be passed over in silence."""
    defaults = {one.name: one.default for one in context.command.params}
    given = [name for name, value in context.params.items() if value != defaults[name]]
    if "dataset" in given:
        raise typer.BadParameter("--run scores a finished run: name no set beside it")
    unfit = [f"--{name}" for name in given if name not in _SCORING]
    if unfit:
        raise typer.BadParameter(f"--run scores a finished run, {', '.join(unfit)} would change nothing: leave it out")


def _score(foreign: Path | None, qrels: Path | None) -> "RunResult":
    from eval.foreign import score_files

    if foreign is None or qrels is None:
        raise typer.BadParameter("--run and --qrels belong together: give both")
    return score_files(foreign, qrels)


def _print_json(result: "RunResult") -> None:
    from eval.run_file import run_json

    sys.stdout.buffer.write(run_json(result) + b"\n")
    sys.stdout.buffer.flush()


def _show(result: "RunResult") -> None:
    rows = [
        (name, f"{one.value:.3f}", f"{one.ci95[0]:.3f} - {one.ci95[1]:.3f}", str(one.n), str(one.not_applicable))
        for name, one in result.metrics.items()
    ]
    how = f"{result.system}, {result.settings.mode}" if result.settings else result.system
    print_table(("metric", "value", "95 % interval", "questions", "not applicable"), rows, f"{result.dataset} ({how})")


def _note(result: "RunResult") -> None:
    """Say on stderr what to know about the figures, also where they are printed as JSON."""
    note(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in result.counts.items()))
    for failed in result.failed_documents:
        note(f"failed: {failed.path}: {failed.reason}")
    errors = [f"question {one.id}: {one.error}" for one in result.questions if one.error is not None]
    for error in errors[:_ERRORS_SHOWN]:
        note(f"failed: {error}")
    if len(errors) > _ERRORS_SHOWN:
        note(f"failed: {len(errors) - _ERRORS_SHOWN} more questions; --json lists them")
    if result.evidence_report.problems:
        missing = len(result.evidence_report.problems)
        note(f"{missing} pieces of evidence were not found, or found twice; --json lists them")
    warned = [one.warnings[0] for one in result.questions if one.warnings]
    if warned:
        note(f"{len(warned)} questions came back with warnings, the first: {warned[0]}")
    if any(result.cached.get(kind) for kind in ("vectors", "rerank_scores")):
        note("vectors and scores of earlier runs were used: --fresh measures latency")
