"""`pincite eval`: run evaluation sets against a scratch home."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json, print_table
from retrieval.types import Mode

if TYPE_CHECKING:
    from eval.results import RunResult
    from retrieval.settings import Settings

app = typer.Typer(help="Measure retrieval on sets of questions with known answers.", no_args_is_help=True)


@app.callback()
def evaluate() -> None:
    """Measure retrieval on sets of questions with known answers."""


@app.command()
def run(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(help="Folder of the set, or `sample` for the built-in one.")],
    form: Annotated[
        Literal["beir", "files"] | None, typer.Option(help="How to read a folder that could be either.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Ask only so many questions, a fixed sample of them.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed takes another sample.")] = 0,
    mode: Annotated[Mode, typer.Option(help="Which searches to use.")] = "hybrid",
    rerank: Annotated[bool | None, typer.Option(help="Order the passages with the cross-encoder.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Ingest a set into a scratch home, ask its questions, and report the metrics."""
    from api.cli.eval_progress import EvalProgress
    from eval.datasets import load
    from eval.runner import RunSettings
    from eval.runner import run as run_set
    from retrieval.assemble import open_service

    settings = context_of(context).settings()
    chosen = RunSettings(
        mode=mode,
        limit=limit,
        seed=seed,
        rerank=rerank,
        index_digest=_index_digest(settings),
    )
    loaded = load(dataset, form)
    with EvalProgress(quiet=as_json) as progress:
        result = run_set(
            loaded,
            lambda home: open_service(settings.model_copy(update={"home": home})),
            settings.cache / "eval",
            chosen,
            progress.update,
        )
    if as_json:
        print_json(result.as_dict())
    else:
        _show(result)


def _index_digest(settings: "Settings") -> str:
    """What, beside the documents, a scratch home depends on."""
    import hashlib

    from corpus.parsers import PARSER_VERSION

    parts = (settings.model, str(settings.passage_tokens), PARSER_VERSION)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _show(result: "RunResult") -> None:
    rows = [
        (name, f"{estimate.value:.3f}", f"{estimate.low:.3f} - {estimate.high:.3f}", str(estimate.n))
        for name, estimate in result.metrics.items()
    ]
    settings = result.settings
    print_table(("metric", "value", "95 % interval", "questions"), rows, f"{result.dataset} ({settings.mode})")
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in result.counts.items())
    note(counts)
    for failed in result.failed_documents:
        note(f"failed: {failed.path}: {failed.reason}")
    report = result.evidence_report
    if report.problems:
        note(f"{len(report.problems)} pieces of evidence were not found, or found twice; --json lists them")
