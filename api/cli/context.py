"""What every command shares: the home and how to open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:  # opening the service imports the engines, which help does not need
    from retrieval.service import Service
    from retrieval.settings import Settings


@dataclass(frozen=True, slots=True)
class Context:
    """The options before the command."""

    home: Path | None

    def settings(self) -> "Settings":
        """Raises BadInputError when a setting is not valid."""
        from retrieval.settings import Settings

        return Settings.load(self.home)

    def settings_of_home(self) -> "Settings":
        """The settings, for what makes no sense in a home that would be made for it: a name may be mistyped.

        Raises BadInputError when there is none, and as `settings` does.
        """
        from corpus.errors import BadInputError

        settings = self.settings()
        home = settings.home.expanduser().absolute()
        if not home.exists() or (home.is_dir() and not any(home.iterdir())):
            raise BadInputError(f"there is no home {str(home)!r}; name the one that is meant with --home")
        return settings

    @contextmanager
    def service(self) -> Iterator["Service"]:
        """The home of the settings, made if need be, open for the length of the block."""
        from retrieval.assemble import open_service

        with open_service(self.settings()) as service:
            yield service


def context_of(context: typer.Context) -> Context:
    """The shared options as the main callback left them."""
    found = context.obj
    if not isinstance(found, Context):
        raise TypeError("the main callback has not run")
    return found
