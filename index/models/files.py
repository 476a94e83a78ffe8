"""Where the files of a catalogue model are, and whether they are the right ones.

The carrier is found through its metadata and never imported: importing it would run its code.
"""

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from corpus.errors import ModelError
from index.models.catalogue import CatalogueModel, ModelFile


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def installed_version(model: CatalogueModel) -> str | None:
    """The version of the wheel that is installed, or None."""
    try:
        return distribution(model.distribution).version
    except PackageNotFoundError:
        return None


def is_installed(model: CatalogueModel) -> bool:
    """Whether every file is there with the right size; the contents are not read."""
    if installed_version(model) is None:
        return False
    folder = _folder(model)
    return all(_has_size(folder / file.path, file.size) for file in model.files)


def verified_folder(model: CatalogueModel) -> Path:
    """The folder of the model's files, each of them read and compared with its SHA-256.

    Raises:
        ModelError: the model is not installed, or a file is missing or altered.

    """
    if installed_version(model) is None:
        raise ModelError(f"The model {model.name!r} is not installed. Get it with: {install_command(model)}")
    folder = _folder(model)
    verify_files(model, folder)
    return folder


def verify_files(model: CatalogueModel, folder: Path) -> None:
    """Compares the model's files in `folder` with the catalogue; ModelError when one is missing or altered."""
    for file in model.files:
        problem = _problem(folder / file.path, file)
        if problem:
            raise ModelError(
                f"The model {model.name!r} is refused: {folder / file.path} {problem} "
                f"(version {installed_version(model)} of {model.distribution} is installed, "
                f"{model.version} is needed). Get it anew with: {install_command(model)}"
            )


def install_command(model: CatalogueModel) -> str:
    """The command that gets the model."""
    return f"pincite models install {model.name}"


def _folder(model: CatalogueModel) -> Path:
    return Path(str(distribution(model.distribution).locate_file(model.folder)))


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _problem(path: Path, file: ModelFile) -> str | None:
    if not path.is_file():
        return "is missing"
    if not _has_size(path, file.size):
        return f"has {path.stat().st_size} bytes instead of {file.size}"
    digest = sha256_of(path)
    return None if digest == file.sha256 else f"has the SHA-256 {digest} instead of {file.sha256}"
