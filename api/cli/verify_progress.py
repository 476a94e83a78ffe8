"""The progress of `pincite verify` on a terminal: the check at work, and how much it has looked at."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn


class VerifyProgress:
    """A line on stderr; silent when `quiet` or when stderr is not a terminal."""

    def __init__(self, quiet: bool) -> None:
        console = Console(stderr=True)
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TextColumn("{task.completed:.0f}"))
        self._bar = Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True)
        self._task = self._bar.add_task("", total=None)

    def step(self, name: str, checked: int) -> None:
        """The check `name` has looked at so much."""
        self._bar.update(self._task, description=name, completed=checked)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
