"""`pincite reindex`: vectors anew, with another model or passage size."""

from typing import Annotated

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json


def reindex(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(help="Embedding model; that of the settings if left out.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Split and embed all stored texts anew; the home goes on answering meanwhile and switches at the end."""
    from api.cli.ingest_progress import IngestProgress
    from retrieval.assemble import open_service

    settings = context_of(context).settings()
    if model is not None:
        settings = settings.model_copy(update={"model": model})
    with open_service(settings) as service:
        documents = service.status().documents
        with IngestProgress(documents, quiet=as_json) as progress:
            seq = service.reindex(progress.next_file)
    if as_json:
        print_json({"status": "reindexed", "documents": documents, "model": settings.model, "seq": seq})
    else:
        note(f"reindexed {documents} documents with {settings.model}; set PINCITE_MODEL={settings.model} from now on")
