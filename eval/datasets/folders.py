"""Where the parts of an evaluation set lie: built-in sets, the two forms, and `set.json`."""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.errors import BadInputError
from eval.datasets.types import Form

BUILT_IN = ("sample",)


class _PackagedFolder(BaseModel):
    model_config = ConfigDict(frozen=True)

    # A data file must not be able to import anything else.
    package: Literal["corpus", "eval"]
    path: str


class _SetDescription(BaseModel):
    """`set.json`: `documents` is a path relative to it, or a folder of one of our packages."""

    model_config = ConfigDict(frozen=True)

    documents: str | _PackagedFolder | None = None


def set_folder(name_or_folder: str | Path) -> Path:
    """Find the folder of a set; a built-in name wins over a folder of that name (which `./name` reaches)."""
    if str(name_or_folder) in BUILT_IN and isinstance(name_or_folder, str):
        return Path(str(resources.files("eval"))) / "sets" / name_or_folder
    folder = Path(name_or_folder)
    if not folder.is_dir():
        known = ", ".join(BUILT_IN)
        raise BadInputError(f"{str(folder)!r} is no folder and no built-in evaluation set ({known})")
    return folder


def form_of(folder: Path) -> Form:
    """Tell the form: BEIR where there is a `corpus.jsonl`, files where there is a folder of documents."""
    if (folder / "corpus.jsonl").is_file():
        return "beir"
    if any((folder / name).exists() for name in ("set.json", "documents", "pdfs")):
        return "files"
    raise BadInputError(
        f"{str(folder)!r} is no evaluation set: it needs corpus.jsonl (BEIR form), or documents/, pdfs/ or"
        " set.json (files form), beside queries.jsonl"
    )


def documents_folder(folder: Path) -> Path:
    """Find the folder that holds the files of a set."""
    named = _named_folder(folder)
    candidates = [named] if named else [folder / "documents", folder / "pdfs"]
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    names = " or ".join(repr(str(candidate)) for candidate in candidates)
    raise BadInputError(f"The evaluation set has no folder of documents: expected {names}")


def files_by_stem(folder: Path) -> dict[str, Path]:
    """Find the files of a folder and of those below, but for hidden ones: their stems are their ids in a set.

    Raises BadInputError where there are none, and for two files with the same stem.
    """
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    found = with_ids(path for path in files if not _is_hidden(path.relative_to(folder)))
    if not found:
        raise BadInputError(f"{str(folder)!r} has no files to ask about: put the documents there")
    return found


def with_ids(files: Iterable[Path]) -> dict[str, Path]:
    """Give files their ids in a set, which are their stems. Raises BadInputError for two with the same stem."""
    found: dict[str, Path] = {}
    for path in files:
        if path.stem in found:
            other = str(found[path.stem])
            raise BadInputError(f"{str(path)!r} and {other!r} share the id {path.stem!r} in a set: rename one of them")
        found[path.stem] = path
    return found


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _named_folder(folder: Path) -> Path | None:
    path = folder / "set.json"
    if not path.is_file():
        return None
    try:
        documents = _SetDescription.model_validate_json(path.read_bytes()).documents
    except ValidationError as error:
        raise BadInputError(f"{path}: {error.errors()[0]['msg']}; see `set.json` in the documentation") from error
    if isinstance(documents, _PackagedFolder):
        return Path(str(resources.files(documents.package))) / documents.path
    return folder / documents if documents else None
