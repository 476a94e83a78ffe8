"""Writes our own form: a set is drafted where nobody looks for it, and appears whole or not at all."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import BadInputError
from eval.datasets.types import Form

_UNWRITABLE = re.compile("[\t\r\n\ud800-\udfff]|^$")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import made; `notes` say what it left out."""

    folder: Path
    form: Form
    documents: int
    questions: int
    notes: tuple[str, ...] = ()


@contextmanager
def new_set(folder: Path) -> Iterator[Path]:
    """Give a hidden folder to write a set into; its files move to `folder` when the block ends well.

    Raises BadInputError where `folder` holds anything, or cannot be written.
    """
    try:
        is_new = _make_empty(folder)
        # Inside of it, for moving between file systems would be copying.
        draft = Path(tempfile.mkdtemp(dir=folder, prefix=".importing-"))
        try:
            yield draft
            _publish(draft, folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            if is_new:
                with suppress(OSError):
                    folder.rmdir()
            raise
    except OSError as error:
        raise BadInputError(f"The import into {str(folder)!r} failed: {error}") from error


def write_lines(path: Path, lines: Iterable[Mapping[str, object]]) -> int:
    """Write JSON Lines and count them."""
    count = 0
    with path.open("wb") as file:
        for line in lines:
            # Lone surrogates are the only characters that UTF-8 refuses: they become the escapes of JSON.
            file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
            count += 1
    return count


def write_qrels(path: Path, judgements: Mapping[str, Mapping[str, int]]) -> None:
    """Write the grades in three columns below a header."""
    lines = [
        f"{_checked(question)}\t{_checked(document)}\t{grade}\n"
        for question, grades in judgements.items()
        for document, grade in grades.items()
    ]
    path.write_bytes("".join(["query-id\tcorpus-id\tscore\n", *lines]).encode())


def _make_empty(folder: Path) -> bool:
    """Make the folder unless it is there, and empty; tell whether it is new."""
    if folder.is_dir():
        if any(folder.iterdir()):
            raise BadInputError(f"{str(folder)!r} is not empty: name another folder, or empty it")
        return False
    if folder.exists():
        raise BadInputError(f"{str(folder)!r} is a file: name a folder for the set")
    folder.mkdir(parents=True)
    return True


def _publish(draft: Path, folder: Path) -> None:
    # Without its questions a folder is no set: they come last.
    for child in sorted(draft.iterdir(), key=lambda child: child.name == "queries.jsonl"):
        child.rename(folder / child.name)
    draft.rmdir()


def _checked(name: str) -> str:
    if _UNWRITABLE.search(name):
        raise BadInputError(f"the id {name!r} cannot stand in qrels.tsv: it has a tab or line end, or is no UTF-8")
    return name
