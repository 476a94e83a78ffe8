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
    from index.results import FileResult

STDIN = Path("-")


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files and folders (with all below them); - reads stdin.")],
    collection: Annotated[str, typer.Option(help="Collection to put them in.", parser=canonical)] = "default",
    title: Annotated[str | None, typer.Option(help="Title, for a single file.", parser=canonical)] = None,
    metadata: Annotated[list[str] | None, typer.Option(help="key=value; may be repeated.", parser=canonical)] = None,
    password: Annotated[
        list[str] | None, typer.Option(help="Tried on encrypted files; may be repeated. It is not stored.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring documents in: new and changed ones are added, unchanged ones are skipped."""
    from api.cli.ingest_progress import IngestProgress

    given = parse_metadata(metadata) if metadata else None
    sources = list(_sources(paths, title, given, tuple(password or ())))
    with context_of(context).service() as service, IngestProgress(len(sources), quiet=as_json) as progress:

        def report(result: "FileResult") -> None:
            progress.file_done(result)
            if as_json:
                _print_result(result)

        results = service.ingest(sources, collection, report, progress.passages_done)
    _summarise(results)
    if not all(result.is_whole for result in results):
        raise typer.Exit(1)


def _sources(
    paths: Sequence[Path],
    title: str | None,
    metadata: dict[str, str | int | float | bool] | None,
    passwords: tuple[str, ...],
) -> Iterator["Source"]:
    from corpus.errors import BadInputError
    from corpus.sources import Source, file_source, find_files

    files = list(find_files([path for path in paths if path != STDIN]))
    count = len(files) + (STDIN in paths)
    if title is not None and count > 1:
        raise BadInputError(f"--title is for a single file, not for {count}")
    for path in files:
        yield file_source(path, title, metadata, passwords)
    if STDIN in paths:
        data = sys.stdin.buffer.read()
        # Without a title every text is a document of its own, as it is over HTTP.
        name = title or hashlib.sha256(data).hexdigest()
        yield Source(f"stdin:{name}", title or "stdin", data, title, None, metadata, None, passwords)


def _print_result(result: "FileResult") -> None:
    from api.schemas import FileResultOut

    print_json(FileResultOut.model_validate(result))


def _lost(result: "FileResult") -> str:
    pages = [f"{result.pages_failed} of {result.pages_total} pages cannot be read"] if result.pages_failed else []
    return "; ".join((*pages, *result.losses))


def _summarise(results: "Sequence[FileResult]") -> None:
    for result in results:
        if result.status == "failed":
            note(f"failed: {result.path}: {result.reason}")
        elif not result.is_whole:
            note(f"in part: {result.path}: {_lost(result)}")
    counts = {
        status: sum(result.status == status for result in results)
        for status in ("added", "updated", "unchanged", "failed")
    }
    note(", ".join(f"{count} {status}" for status, count in counts.items() if count) or "no files found")
