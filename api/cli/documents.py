"""`pincite documents`: list, show, remove, and read documents."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json, print_table
from corpus.text import canonical

app = typer.Typer(help="List, show, read and remove documents.", no_args_is_help=True)

Collection = Annotated[str, typer.Option(help="Collection of the documents.", parser=canonical)]
DocumentId = Annotated[str, typer.Argument(help="Id of the document, as `documents list` shows it.", parser=canonical)]
Version = Annotated[str | None, typer.Option(help="An older version, by its digest.", parser=canonical)]


@app.command("list")
def list_documents(
    context: typer.Context,
    collection: Collection = "default",
    limit: Annotated[int, typer.Option(help="How many to show.")] = 100,
    after: Annotated[str | None, typer.Option(help="Go on behind this id.", parser=canonical)] = None,
    as_json: JsonOption = False,
) -> None:
    """List the documents of a collection."""
    from api.schemas import DocumentOut

    with context_of(context).service() as service:
        page = service.library.documents(collection, limit, after)
    if as_json:
        for version in page.data:
            print_json(DocumentOut.of(version))
    else:
        rows = [(item.document_id, item.title, item.media_type, item.uri) for item in page.data]
        print_table(("id", "title", "type", "source"), rows)
    if page.has_more:
        note(f"there are more: --after {page.data[-1].document_id}")


@app.command()
def duplicates(
    context: typer.Context,
    collection: Collection = "default",
    threshold: Annotated[float, typer.Option(help="From which similarity on, above 0 and up to 1.")] = 0.8,
    as_json: JsonOption = False,
) -> None:
    """List groups of nearly equal documents. The similarity is that to the first of the group."""
    with context_of(context).service() as service:
        groups = service.near_duplicates(collection, threshold)
    if as_json:
        for group in groups:
            print_json({"documents": [asdict(one) for one in group]})
        return
    for group in groups:
        print_table(
            ("id", "title", "similarity", "source"),
            [(one.document_id, one.title, f"{one.similarity:.2f}", one.uri) for one in group],
        )
    note(f"groups of documents that are nearly the same: {len(groups)}")


@app.command()
def show(context: typer.Context, document_id: DocumentId, version: Version = None, as_json: JsonOption = False) -> None:
    """Show what is known of a document."""
    from api.schemas import DocumentOut

    with context_of(context).service() as service:
        found = DocumentOut.of(service.library.document(document_id, version))
    if as_json:
        print_json(found)
    else:
        print_table(("field", "value"), [(name, str(value)) for name, value in found.model_dump().items()])


@app.command()
def text(context: typer.Context, document_id: DocumentId, version: Version = None) -> None:
    """Print the canonical text, in which all offsets count."""
    with context_of(context).service() as service:
        sys.stdout.buffer.write(service.text(document_id, version).encode())


@app.command()
def export(context: typer.Context, document_id: DocumentId, version: Version = None) -> None:
    """Write the original file, as it was ingested, to stdout."""
    with context_of(context).service() as service:
        sys.stdout.buffer.write(service.library.original(document_id, version).data)


@app.command()
def remove(
    context: typer.Context,
    document_ids: Annotated[list[str], typer.Argument(help="Ids of the documents.", parser=canonical)],
    purge: Annotated[
        bool, typer.Option("--purge", help="Leave no trace of them in the home, removed ones too.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove documents, all or none; no answer holds them any more."""
    with context_of(context).service() as service:
        seq = service.purger.purge(document_ids) if purge else service.remover.remove_documents(document_ids)
    status = "purged" if purge else "removed"
    for document_id in document_ids:
        if as_json:
            print_json({"document_id": document_id, "status": status, "seq": seq})
        else:
            note(f"{status} {document_id}")
