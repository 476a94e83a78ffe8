"""`pincite sync`: a collection is made equal to a folder, once or whenever the folder changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.context import context_of
from api.cli.file_report import Failures, FileReport, interruptible
from api.cli.output import JsonOption, note, print_table
from corpus.text import canonical

if TYPE_CHECKING:
    from index.sync_plan import SyncOrder
    from retrieval.service import Service

# Milliseconds: how long it must be quiet, how long changes are gathered at most, how often a retry is thought of.
_QUIET, _GATHERED, _TICK = 200, 2_000, 1_000


def sync(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The folder; what is below it counts, hidden files do not.")],
    collection: Annotated[str, typer.Option(help="Collection to make equal to it.", parser=canonical)] = "default",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and follow every change until Ctrl-C.")] = False,
    password: Annotated[
        list[str] | None, typer.Option(help="Tried on encrypted files; may be repeated. It is not stored.")
    ] = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Let a folder without files remove all its documents.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a collection equal to a folder. Documents whose file is gone are removed, renamed ones stay the same."""
    from corpus.errors import BadInputError
    from corpus.priority import step_back
    from index.sync_plan import SyncOrder

    step_back()
    if dry_run and watch:
        raise BadInputError("--dry-run and --watch exclude each other")
    order = SyncOrder(folder, collection, tuple(password or ()), allow_empty)
    if watch:
        _watch(context, order, as_json)
        return
    report = FileReport(as_json)
    with interruptible(report.stopped), context_of(context).service() as service:
        if dry_run:
            _preview(service, order, report, as_json)
            return
        _sync(service, order, report)
    report.end()


def _sync(service: "Service", order: "SyncOrder", report: FileReport) -> None:
    from api.cli.ingest_progress import IngestProgress

    with IngestProgress(quiet=report.as_json) as progress:
        elsewhere = service.sync(order, report.reports(progress))
    if report.summarise(service):
        _tell_of(elsewhere)


def _preview(service: "Service", order: "SyncOrder", report: FileReport, as_json: bool) -> None:
    results, elsewhere = service.syncer.preview(order)
    for result in results:
        report.add(result)
    if not as_json:
        rows = [(one.path, one.status, one.reason or "") for one in report.results if one.status != "unchanged"]
        print_table(("path", "would be", ""), rows)
    note(f"would be: {report.counts()}")
    _tell_of(elsewhere)


def _tell_of(elsewhere: int) -> None:
    if elsewhere:
        note(f"{elsewhere} documents of the collection are from elsewhere and left alone")


def _watch(context: typer.Context, order: "SyncOrder", as_json: bool) -> None:
    with interruptible(lambda: "stopped watching", exit_code=0), context_of(context).service() as service:
        _follow(service, order, as_json)


def _follow(service: "Service", order: "SyncOrder", as_json: bool) -> None:
    told: Failures | None = None
    is_due = True
    for has_changed in _changes(order.folder):
        if not (has_changed or is_due):
            continue
        report = FileReport(as_json, told)
        if not _is_done(service, order, report, is_first=told is None):
            is_due = True
            continue
        # What failed just now may be a file that is still being written: it is tried once more.
        is_due = not report.failures <= (told or frozenset())
        told = report.failures


def _is_done(service: "Service", order: "SyncOrder", report: FileReport, is_first: bool) -> bool:
    from corpus.errors import BadInputError, LockedError

    try:
        _sync(service, order, report)
    except LockedError as error:
        note(f"waiting: {error}")
        return False
    except BadInputError as error:
        if is_first:
            raise
        note(f"left as it was: {error}")
    return True


def _changes(folder: Path) -> Iterator[bool]:
    """Whether something changed in the folder: when it has become quiet again, and else every second."""
    from watchfiles import Change, watch

    from corpus.errors import BadInputError

    root = folder.resolve()
    if not root.is_dir():
        raise BadInputError(f"{str(folder)!r} is no folder to watch")
    note(f"watching {root}; Ctrl-C ends it")

    def is_seen(_change: object, path: str) -> bool:
        return not any(part.startswith(".") for part in Path(path).relative_to(root).parts)

    has_returned = False
    while True:
        is_lost, watched = False, _inode(root)
        # Watching begins before the first synchronisation: nothing is missed in between.
        for changes in watch(
            root, watch_filter=is_seen, debounce=_GATHERED, step=_QUIET, rust_timeout=_TICK, yield_on_timeout=True
        ):
            now = _inode(root)
            is_lost = is_lost or now != watched or (Change.deleted, str(root)) in changes
            if is_lost and now is not None:
                break  # another folder of this name, which nobody watches yet
            yield bool(changes) or has_returned
            has_returned = False
        has_returned = True


def _inode(folder: Path) -> int | None:
    try:
        return folder.stat().st_ino
    except OSError:
        return None
