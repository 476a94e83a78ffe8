"""What the commands that read files tell: a row for each as JSON or a bar meanwhile, and a summary at the end."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import typer

from api.cli.languages import uncovered_languages
from api.cli.output import note, print_json

if TYPE_CHECKING:
    from api.cli.ingest_progress import IngestProgress
    from index.results import FileResult, Reports
    from retrieval.service import Service

_STATUSES = ("added", "updated", "renamed", "unchanged", "removed", "failed")

Failures = frozenset[tuple[str, str | None]]
"""Paths of files that failed, and why."""


class FileReport:
    """Collects the results of one run and prints them.

    Where `told` is given, the run is one of many over the same files: only what is new is printed, neither unchanged
    files nor failures that were told before.
    """

    def __init__(self, as_json: bool, told: Failures | None = None) -> None:
        self.as_json = as_json
        self._told = told
        self.total: int | None = None
        self.results: list[FileResult] = []

    def add(self, result: "FileResult") -> None:
        """Print the row of a file, if rows are wanted."""
        from api.schemas import FileResultOut

        self.results.append(result)
        if self.as_json and self._is_news(result):
            print_json(FileResultOut.model_validate(result))

    def reports(self, progress: "IngestProgress") -> "Reports":
        """For a service that tells both this report and a bar."""
        from index.results import Reports

        def total(count: int) -> None:
            self.total = count
            progress.total(count)

        def result(one: "FileResult") -> None:
            self.add(one)
            progress.file_done(one)

        return Reports(total, result, progress.passages_done)

    def summarise(self, service: "Service") -> bool:
        """Lines for people: what failed, was read in part, renamed or is nearly the same as another, and counts.

        Returns whether there was something to tell.
        """
        news = [result for result in self.results if self._is_news(result)]
        for result in news:
            for line in _lines(result, service):
                note(line)
        if not news and self._told is not None:
            return False
        note(self.counts())
        status = service.status() if any(result.status in ("added", "updated") for result in news) else None
        if status is not None and status.uncovered_languages:
            note(uncovered_languages(status))
        return True

    def counts(self) -> str:
        """How many files became what."""
        counts: Counter[str] = Counter(result.status for result in self.results)
        return ", ".join(f"{counts[status]} {status}" for status in _STATUSES if counts[status]) or "no files found"

    @property
    def failures(self) -> Failures:
        """The files that failed."""
        return frozenset((result.path, result.reason) for result in self.results if result.status == "failed")

    def end(self) -> None:
        """Leave with exit code 1 if anything is not in the home as a whole."""
        if not all(result.is_whole for result in self.results):
            raise typer.Exit(1)

    def _is_news(self, result: "FileResult") -> bool:
        if self._told is None:
            return True
        return result.status != "unchanged" and (result.path, result.reason) not in self._told

    def stopped(self) -> str:
        """How far it had come, for a run that was interrupted."""
        if self.total is None:
            return "stopped before anything was read; run the same command again"
        ready = sum(result.status not in ("failed", "removed") and not result.inside for result in self.results)
        return f"stopped: {ready} of {self.total} files are in; run the same command again to go on"


@contextmanager
def interruptible(stopped: Callable[[], str], exit_code: int = 128 + signal.SIGINT) -> Iterator[None]:
    """Ctrl-C ends the block and the command with one line, which `stopped` gives, and with the exit code."""
    interrupts: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        interrupts.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except BaseException:
        # An interrupted library may raise something else in its place.
        if not interrupts:
            raise
        before = signal.SIG_IGN  # leaving takes a moment
        signal.signal(signal.SIGINT, before)
        note(stopped())
        raise typer.Exit(exit_code) from None
    finally:
        signal.signal(signal.SIGINT, before)


def _lines(result: "FileResult", service: "Service") -> Iterator[str]:
    if result.status == "failed":
        yield f"failed: {result.path}: {result.reason}"
    elif not result.is_whole:
        yield f"in part: {result.path}: {_lost(result)}"
    if result.status == "renamed":
        yield f"renamed: {result.path}: {result.reason}"
    if result.near_duplicates:
        first, *others = result.near_duplicates
        more = f" and {len(others)} more" if others else ""
        yield f"copy: {result.path} is nearly the same as {first}{_title(first, service)}{more}"


def _title(document_id: str, service: "Service") -> str:
    from corpus.errors import NotFoundError

    try:
        return f" {service.library.document(document_id).title!r}"
    except NotFoundError:
        return ""  # another process removed it meanwhile


def _lost(result: "FileResult") -> str:
    pages = [f"{result.pages_failed} of {result.pages_total} pages cannot be read"] if result.pages_failed else []
    return "; ".join((*pages, *result.losses))
