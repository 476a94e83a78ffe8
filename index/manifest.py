"""A folder of derived files with a manifest: which files, their sizes and SHA-256, and what they were made from.

The manifest is written last and replaces the old one in one step, so a folder is always one whole state. FAISS reads
a damaged file without noticing; the checksums here are what notices. The manifest has one of its own.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.errors import DamagedError
from corpus.files import write_durably

_NAME = "manifest.json"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the folder."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in the folder: `seq` of the store it was made from, its generation, and the files in order."""

    store_id: str
    generation: int
    seq: int
    count: int
    files: Mapping[str, FileEntry]
    format_version: int = FORMAT_VERSION


def entry_of(data: bytes) -> FileEntry:
    """Size and hash of a file's content."""
    return FileEntry(len(data), hashlib.sha256(data).hexdigest())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest in force, then remove files that it does not name."""
    fields = asdict(manifest)
    write_durably(folder / _NAME, json.dumps({**fields, "checksum": _checksum(fields)}, indent=1).encode())
    for path in folder.iterdir():
        if path.name != _NAME and path.name not in manifest.files:
            path.unlink(missing_ok=True)


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest, or None where there is none yet. Raises DamagedError when it cannot be understood."""
    try:
        fields = json.loads((folder / _NAME).read_bytes())
        if fields["format_version"] != FORMAT_VERSION:
            raise DamagedError(f"{folder} has format {fields['format_version']!r}, not {FORMAT_VERSION}")
        if fields.pop("checksum") != _checksum(fields):
            raise DamagedError(f"the manifest of {folder} was changed on the disk")
        fields["files"] = {name: FileEntry(**entry) for name, entry in fields["files"].items()}
        return Manifest(**fields)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(f"the manifest of {folder} cannot be read: {error}") from error


def _checksum(fields: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def read_file(folder: Path, name: str, entry: FileEntry) -> bytes:
    """The content of a file. Raises DamagedError when it is not what the manifest says."""
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise DamagedError(f"{folder / name} cannot be read: {error.strerror}") from error
    if entry_of(data) != entry:
        raise DamagedError(f"{folder / name} was changed on the disk")
    return data
