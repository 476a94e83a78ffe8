"""A folder of derived files with a manifest: which files, their sizes and SHA-256, and what they were made from.

The manifest is written last and replaces the old one in one step, so a folder is always one whole state. FAISS reads
a damaged file without noticing; the checksums here are what notices. The manifest has one of its own.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.checksums import take_checksum, with_checksum
from corpus.errors import DamagedError
from corpus.files import write_durably

MANIFEST = "manifest.json"
FORMAT_VERSION = 2


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the folder."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in the folder: the `count` passages of a store and generation at `seq`, in segments, in files."""

    store_id: str
    generation: int
    seq: int
    count: int
    segments: tuple[str, ...]
    files: Mapping[str, FileEntry]
    format_version: int = FORMAT_VERSION


def entry_of(path: Path) -> FileEntry:
    """Size and hash of a file."""
    with path.open("rb") as stream:
        return FileEntry(os.fstat(stream.fileno()).st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest in force, then remove the files that the one before it named and this one does not."""
    before = _files_of_manifest(folder)
    write_durably(folder / MANIFEST, json.dumps(with_checksum(asdict(manifest)), indent=1).encode())
    for name in before - manifest.files.keys():
        (folder / name).unlink(missing_ok=True)


def remove_strangers(folder: Path) -> None:
    """Remove files that the manifest does not name: leavings of a process that was killed."""
    named = _files_of_manifest(folder)
    for path in folder.iterdir():
        if path.name != MANIFEST and path.name not in named:
            path.unlink(missing_ok=True)


def _files_of_manifest(folder: Path) -> set[str]:
    try:
        manifest = read_manifest(folder)
    except DamagedError:
        return set()
    return set(manifest.files) if manifest is not None else set()


def manifest_stamp(folder: Path) -> tuple[int, int, int] | None:
    """What changes with every new manifest, and costs next to nothing to ask; None where there is no manifest."""
    try:
        found = (folder / MANIFEST).stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest, or None where there is none yet. Raises DamagedError when it cannot be understood."""
    try:
        fields = json.loads((folder / MANIFEST).read_bytes())
        if fields["format_version"] != FORMAT_VERSION:
            raise DamagedError(f"{folder} has format {fields['format_version']!r}, not {FORMAT_VERSION}")
        if not take_checksum(fields):
            raise DamagedError(f"the manifest of {folder} was changed on the disk")
        fields["segments"] = tuple(fields["segments"])
        fields["files"] = {name: FileEntry(**entry) for name, entry in fields["files"].items()}
        return Manifest(**fields)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"the manifest of {folder} cannot be read: {error}") from error


def check_file(folder: Path, name: str, entry: FileEntry, *, hashed: bool) -> None:
    """Raises DamagedError when a file is not what the manifest says: its size, and if `hashed` every byte."""
    path = folder / name
    try:
        same = entry_of(path) == entry if hashed else path.stat().st_size == entry.size
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror}") from error
    if not same:
        raise DamagedError(f"{path} was changed on the disk")
