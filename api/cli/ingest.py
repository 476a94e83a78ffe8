"""`pincite ingest`: files and folders into the home."""

import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json
from api.cli.values import parse_metadata
from corpus.text import canonical

if TYPE_CHECKING:
    from corpus.sources import Source
    from index.ingest import FileResult

STDIN = Path("-")


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files and folders (with all below them); - reads stdin.")],
    collection: Annotated[str, typer.Option(help="Collection to put them in.", parser=canonical)] = "default",
    title: Annotated[str | None, typer.Option(help="Title, for a single file.", parser=canonical)] = None,
    metadata: Annotated[list[str] | None, typer.Option(help="key=value; may be repeated.", parser=canonical)] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring documents in: new and changed ones are added, unchanged ones are skipped."""
    from api.cli.ingest_progress import IngestProgress

    sources = list(_sources(paths, title, parse_metadata(metadata or [])))
    with context_of(context).service() as service, IngestProgress(len(sources), quiet=as_json) as progress:

        def report(result: "FileResult") -> None:
            progress.file_done(result)
            if as_json:
                _print_result(result)

        results = service.ingest(sources, collection, report, progress.passages_done)
    _summarise(results)
    if any(result.status == "failed" for result in results):
        raise typer.Exit(1)


def _sources(
    paths: Sequence[Path], title: str | None, metadata: dict[str, str | int | float | bool]
) -> Iterator["Source"]:
    from corpus.errors import BadInputError
    from corpus.sources import Source, file_source, find_files

    files = list(find_files([path for path in paths if path != STDIN]))
    count = len(files) + (STDIN in paths)
    if title is not None and count > 1:
        raise BadInputError(f"--title is for a single file, not for {count}")
    for path in files:
        yield file_source(path, title, metadata)
    if STDIN in paths:
        data = sys.stdin.buffer.read()
        # Without a title every text is a document of its own, as it is over HTTP.
        name = title or hashlib.sha256(data).hexdigest()
        yield Source(f"stdin:{name}", title or "stdin", data, title, None, metadata)


def _print_result(result: "FileResult") -> None:
    from api.schemas import FileResultOut

    print_json(FileResultOut.model_validate(result))


def _summarise(results: "Sequence[FileResult]") -> None:
    for result in results:
        if result.status == "failed":
            note(f"failed: {result.path}: {result.reason}")
    counts = {
        status: sum(result.status == status for result in results)
        for status in ("added", "updated", "unchanged", "failed")
    }
    note(", ".join(f"{count} {status}" for status, count in counts.items() if count) or "no files found")
