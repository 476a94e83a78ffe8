"""`pincite ingest`: files and folders into the home."""

import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.context import context_of
from api.cli.file_report import FileReport, interruptible
from api.cli.output import JsonOption
from api.cli.values import parse_metadata
from corpus.text import canonical

if TYPE_CHECKING:
    from corpus.sources import Source

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
    """Bring documents in. New and changed ones are added, unchanged ones are skipped."""
    from api.cli.ingest_progress import IngestProgress
    from corpus.priority import step_back

    step_back()
    given = parse_metadata(metadata) if metadata else None
    report = FileReport(as_json)
    with interruptible(report.stopped):
        sources = list(_sources(paths, title, given, tuple(password or ())))
        with context_of(context).service() as service:
            with IngestProgress(quiet=as_json) as progress:
                reports = report.reports(progress)
                reports.on_total(len(sources))
                service.ingest(sources, collection, reports.on_result, reports.on_progress)
            report.summarise(service)
    report.end()


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
