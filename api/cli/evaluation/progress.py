"""The progress of an evaluation: one bar a stage."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, TaskID


class EvalProgress:
    """Bars on stderr; silent when `quiet` or when stderr is not a terminal."""

    def __init__(self, quiet: bool) -> None:
        console = Console(stderr=True)
        self._bars = Progress(console=console, disable=quiet or not console.is_terminal)
        self._stages: dict[str, TaskID] = {}

    def update(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` steps of a stage."""
        if stage not in self._stages:
            self._stages[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._stages[stage], completed=done, total=total)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()
