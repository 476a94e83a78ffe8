"""The progress of an ingestion on a terminal: files, and the passages of the file at work."""

from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.text import Text

from api.cli.output import printable

if TYPE_CHECKING:
    from index.results import FileResult
    from index.results import Progress as IngestStep
    from index.shadow_builder import ReindexProgress


class IngestProgress:
    """Bars on stderr; silent when `quiet` or when stderr is not a terminal.

    `unit` is what the first bar counts; its total is not known before `total` is called.
    """

    def __init__(self, quiet: bool, unit: str = "files", console: Console | None = None) -> None:
        console = console or Console(stderr=True)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            _TimeLeft(),
        )
        self._bar = Progress(*columns, console=console, disable=quiet or not console.is_terminal)
        self._files = self._bar.add_task(unit, total=None)
        self._passages = self._bar.add_task("passages", total=None, visible=False)
        self._has_begun = False

    def total(self, count: int) -> None:
        """There are `count` files."""
        self._bar.reset(self._files, total=count)

    def file_done(self, result: "FileResult") -> None:
        """One more file is done. What is inside of another file, or was removed, is none of those that are counted."""
        if not result.inside and result.status != "removed":
            self._bar.advance(self._files)

    def built(self, step: "ReindexProgress") -> None:
        """So much of the home is built anew. What a run that was broken off had done is there with the first step."""
        if not self._has_begun:
            self._has_begun = True
            self._bar.update(self._files, before=step.documents_done)
            self._bar.update(self._passages, before=step.passages_done, description="passages", visible=True)
        self._bar.update(self._files, completed=step.documents_done, total=step.documents_total)
        self._bar.update(self._passages, completed=step.passages_done)

    def passages_done(self, step: "IngestStep") -> None:
        """Show how far the file at work is."""
        name = printable(step.path.rsplit("/", 1)[-1])
        if step.passages_done == 0:
            self._bar.reset(self._passages)
        self._bar.update(
            self._passages, description=name, completed=step.passages_done, total=step.passages_total, visible=True
        )

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


# Files are committed in groups, so that only the mean over the whole time says something.


class _Rate(ProgressColumn):
    """How many a second: of files in the row of files, of passages in the other."""

    def render(self, task: Task) -> Text:
        done = _done(task)
        return Text(f"{done / task.elapsed:.1f}/s" if done and task.elapsed else "", style="dim")


class _TimeLeft(ProgressColumn):
    """How long the rest takes at the rate so far."""

    def render(self, task: Task) -> Text:
        done = _done(task)
        if not done or not task.elapsed or task.remaining is None:
            return Text("")
        return Text(f"{timedelta(seconds=round(task.remaining * task.elapsed / done))} left")


def _done(task: Task) -> float:
    """What this run has done."""
    return task.completed - float(task.fields.get("before", 0))
