"""Names of files inside of a file: each stands for one of them, because it is part of what identifies a document."""

from pathlib import PurePosixPath


class UniqueNames:
    """Gives names that were not given before."""

    def __init__(self) -> None:
        self._given: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """The name itself, or where it was given before, one with a number: "notes (2).txt"."""
        number = self._given[name] = self._given.get(name, 0) + 1
        if number == 1:
            return name
        path = PurePosixPath(name)
        return self.unique(str(path.with_name(f"{path.stem} ({number}){path.suffix}")))
