"""The documents that questions are drafted from: the files of a folder, as the loader of sets names them."""

from dataclasses import dataclass
from pathlib import Path

from corpus.errors import BadInputError, UnreadableError
from corpus.parsers import ParseOptions, parse
from corpus.sources import read_bytes
from corpus.types import ParsedDocument
from eval.datasets.folders import files_by_stem


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document under the id that it has in the set."""

    id: str
    parsed: ParsedDocument


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that gave no text, and why."""

    path: str
    reason: str


def find_documents(folder: Path) -> list[Path]:
    """List the files of a folder and of those below, but for hidden ones, in the order of their names.

    Raises BadInputError where there are none, and for two files with the same stem: in a set it is their id.
    """
    if not folder.is_dir():
        raise BadInputError(f"{str(folder)!r} is no folder: name the folder that holds the documents")
    return list(files_by_stem(folder).values())


def read_document(path: Path, options: ParseOptions) -> ReadDocument | Unreadable:
    """Read one file; its id is its stem."""
    try:
        return ReadDocument(path.stem, parse(read_bytes(path, options.limits.max_bytes), path.name, options))
    except UnreadableError as error:
        return Unreadable(str(path), str(error))
