"""The progress of `pincite verify` on a terminal: the check at work, and how much it has looked at."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from corpus.checks import OnStep


@contextmanager
def verify_progress(quiet: bool) -> Iterator[OnStep]:
    """A line on stderr; silent when `quiet` or when stderr is not a terminal."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TextColumn("{task.completed:.0f}"))
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda name, checked: bar.update(task, description=name, completed=checked)
