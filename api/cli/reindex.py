"""`pincite reindex`: originals read again, or vectors anew with another model or passage size."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.context import context_of
from api.cli.file_report import FileReport, interruptible
from api.cli.output import JsonOption, note, print_json

if TYPE_CHECKING:
    from retrieval.settings import Settings


def reindex(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(help="Embedding model; that of the settings if left out.")] = None,
    reparse: Annotated[
        bool, typer.Option("--reparse", help="Read the originals again that older parsers read; with --model before.")
    ] = False,
    password: Annotated[
        list[str] | None, typer.Option(help="Tried on encrypted files; may be repeated. It is not stored.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Split and embed all stored texts anew. The home goes on answering meanwhile and switches at the end."""
    settings = context_of(context).settings()
    report = FileReport(as_json)
    if reparse:
        _reparse(settings, tuple(password or ()), report)
    if model is not None or not reparse:
        _reindex(settings if model is None else settings.model_copy(update={"model": model}), as_json)
    report.end()


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


def _reindex(settings: "Settings", as_json: bool) -> None:
    from api.cli.ingest_progress import IngestProgress
    from retrieval.assemble import open_service

    with interruptible(_stopped), open_service(settings) as service:
        documents = service.status().documents
        with IngestProgress(quiet=as_json, unit="documents") as progress:
            progress.total(documents)
            seq = service.reindex(progress.next_file)
    if as_json:
        print_json({"status": "reindexed", "documents": documents, "model": settings.model, "seq": seq})
    else:
        note(f"reindexed {documents} documents with {settings.model}; set PINCITE_MODEL={settings.model} from now on")


def _stopped() -> str:
    return "stopped: the home is as it was; run the same command again to begin anew"
