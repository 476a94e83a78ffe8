"""`pincite reindex`: originals read again, or vectors anew with another model or passage size."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.context import context_of
from api.cli.file_report import FileReport, interruptible
from api.cli.output import JsonOption, note, print_json

if TYPE_CHECKING:
    from index.reindex import Reindexed
    from retrieval.settings import Settings


def reindex(
    context: typer.Context,
    model: Annotated[
        str | None, typer.Option(help="Embedding model; if left out that of the settings, else the home's own.")
    ] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the model and passage size of before.")
    ] = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="Drop what a run that was broken off has done so far.")
    ] = False,
    reparse: Annotated[
        bool, typer.Option("--reparse", help="Read the originals again that older parsers read; with --model before.")
    ] = False,
    password: Annotated[
        list[str] | None, typer.Option(help="Tried on encrypted files; may be repeated. It is not stored.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Split and embed all stored texts anew.

    The home goes on answering and taking documents in meanwhile, and switches at the end, when all was checked. A run
    that was broken off changes nothing, and goes on with the next one.
    """
    from corpus.priority import step_back

    _check(model, rollback, discard, reparse)
    step_back()
    settings = context_of(context).settings()
    if discard:
        _discard(settings, as_json)
        return
    report = FileReport(as_json)
    if reparse:
        _reparse(settings, tuple(password or ()), report)
    if rollback:
        _build(settings, None, as_json, rollback=True)
    elif model is not None or not reparse:
        _build(settings, model, as_json)
    report.end()


def _check(model: str | None, rollback: bool, discard: bool, reparse: bool) -> None:
    from corpus.errors import BadInputError

    alone = {"--rollback": rollback, "--discard": discard}
    others = {**alone, "--model": model is not None, "--reparse": reparse}
    if any(alone.values()) and sum(others.values()) > 1:
        given = [name for name, is_given in others.items() if is_given]
        raise BadInputError(f"{' and '.join(given)} cannot be given together; give one of them")


def _reparse(settings: "Settings", passwords: tuple[str, ...], report: FileReport) -> None:
    from api.cli.ingest_progress import IngestProgress
    from retrieval.assemble import open_service

    with interruptible(report.stopped), open_service(settings) as service:
        with IngestProgress(quiet=report.as_json, unit="documents") as progress:
            service.reparse(passwords, report.reports(progress))
        if report.results:
            report.summarise(service)
        else:
            note("all documents were read by the parsers of today")


def _build(settings: "Settings", model: str | None, as_json: bool, rollback: bool = False) -> None:
    from api.cli.ingest_progress import IngestProgress
    from retrieval.assemble import open_service

    chosen = settings if model is None else settings.model_copy(update={"model": model})
    bars = IngestProgress(quiet=as_json, unit="documents")
    with interruptible(_stopped), open_service(chosen) as service, bars:
        done = service.rollback(bars.built) if rollback else service.reindex(bars.built)
    if as_json:
        print_json({"status": "reindexed", **asdict(done)})
        return
    sources = {"embedded": done.embedded, "taken over": done.reused, "made before": done.resumed}
    counts = ", ".join(f"{count} {name}" for name, count in sources.items() if count)
    note(
        f"reindexed {done.documents} documents with {done.model}, {done.passages} passages of up to about "
        f"{done.passage_tokens} tokens" + (f" (vectors: {counts})" if counts else "")
    )
    for line in _settings_that_do_not_fit(settings, done):
        note(line)


def _discard(settings: "Settings", as_json: bool) -> None:
    from retrieval.assemble import open_service

    with open_service(settings) as service:
        found = service.discard_reindexing()
    if as_json:
        print_json({"status": "discarded" if found else "nothing to discard"})
    else:
        note("discarded what was built anew; questions never saw it" if found else "there is nothing to discard")


def _settings_that_do_not_fit(settings: "Settings", done: "Reindexed") -> list[str]:
    """What is set for other commands, too, and would have them refuse the home."""
    from index.open_embedder import lasting_name

    lines = []
    if settings.model is not None and lasting_name(settings.model) != done.model:
        lines.append(f"PINCITE_MODEL={settings.model} does not fit any more: leave it out, or set {done.model}")
    if settings.passage_tokens not in (None, done.passage_tokens):
        lines.append(f"PINCITE_PASSAGE_TOKENS={settings.passage_tokens} does not fit any more: leave it out")
    return lines


def _stopped() -> str:
    return "stopped: the home is as it was; run the same command again to go on"
