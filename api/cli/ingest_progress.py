"""The progress bar of an ingestion: files, and the passages of the file at work."""

from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli.output import printable

if TYPE_CHECKING:
    from index.results import FileResult
    from index.results import Progress as IngestStep


class IngestProgress:
    """A bar on stderr; silent when `quiet` or when stderr is not a terminal."""

    def __init__(self, files: int, quiet: bool) -> None:
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=console, disable=quiet or not console.is_terminal)
        self._files = self._bar.add_task("files", total=files)
        self._passages = self._bar.add_task("passages", total=None, visible=False)

    def file_done(self, _result: "FileResult") -> None:
        """One more file is committed."""
        self._bar.advance(self._files)

    def next_file(self, step: "IngestStep") -> None:
        """One more file is at work."""
        self._bar.advance(self._files)
        self.passages_done(step)

    def passages_done(self, step: "IngestStep") -> None:
        """Show how far the file at work is."""
        name = printable(step.path.rsplit("/", 1)[-1])
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
