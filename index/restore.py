"""Making a home from a backup: checked to the last byte in a folder beside it, then renamed, or not made at all."""

import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import BadInputError
from corpus.files import make_folder, sync_folder
from index.backup_format import MANIFEST, BackupManifest, HashedReader, OnBytes, is_member_name, parsed_manifest
from index.manifest import FileEntry

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Restored:
    """The home that was made: the state `seq` of its store, the number of its files, and when it was backed up."""

    home: str
    seq: int
    files: int
    created_at: str


def restore(backup: Path, home: Path, on_progress: OnBytes) -> Restored:
    """Make `home`, which must not be there or be empty, from a backup.

    Raises BadInputError when there is something in `home`, and for a backup that was cut short or changed, is of a
    newer format, or is none, and OSError; then nothing is left behind.
    """
    home = home.expanduser().resolve()
    if home.is_mount():
        raise BadInputError(f"{str(home)!r} is where a disk is mounted, which cannot be replaced; name a folder in it")
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise BadInputError(f"{str(home)!r} is there and not empty; name a home that is not there yet, with --home")
    if not backup.is_file():
        raise BadInputError(f"there is no file {str(backup)!r}")
    try:
        with _beside(home) as folder:
            manifest = _unpack(backup, folder, on_progress)
            _sync(folder)
            folder.replace(home)
            sync_folder(home.parent)
    except tarfile.TarError as error:
        raise BadInputError(f"{str(backup)!r} is no backup, or was cut short or changed: {error}") from error
    return Restored(str(home), manifest.seq, len(manifest.members), manifest.created_at)


@contextmanager
def _beside(home: Path) -> Iterator[Path]:
    """A new folder beside `home`, of which nothing is left when the block fails."""
    missing = [folder for folder in home.parents if not folder.exists()]
    made = home.parent / f".restore-{secrets.token_hex(8)}"
    try:
        make_folder(made)
        yield made
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        for folder in missing:
            with suppress(OSError):  # somebody else uses it now
                folder.rmdir()
        raise


def _unpack(backup: Path, folder: Path, on_progress: OnBytes) -> BackupManifest:
    found: dict[str, FileEntry] = {}
    manifest: BackupManifest | None = None
    total = backup.stat().st_size
    with backup.open("rb") as stream, tarfile.open(fileobj=stream, mode="r:") as tar:
        for member in _members(tar):
            if manifest is not None:
                raise BadInputError("this backup was changed since it was made: something stands behind its end")
            source = HashedReader(tar.extractfile(member))  # type: ignore[arg-type] # a file, so never None
            if member.name == MANIFEST:
                manifest = parsed_manifest(source.read())
            elif member.name in found:
                raise BadInputError(f"this backup was changed since it was made: it holds {member.name!r} twice")
            else:
                found[member.name] = _write(source, member.size, folder / member.name)
            on_progress(stream.tell(), total)
    if manifest is None:
        raise BadInputError("this backup was cut short: it has no list of files at its end")
    _compare(found, manifest)
    return manifest


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """The members, each checked before anything of it is written."""
    for member in tar:
        if not member.isreg() or not (member.name == MANIFEST or is_member_name(member.name)):
            raise BadInputError(f"this is no backup of Pincite, or it was changed: it holds {member.name!r}")
        yield member


def _write(source: HashedReader, size: int, path: Path) -> FileEntry:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        while block := source.read(_BLOCK):
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    entry = source.entry()
    if entry.size != size:
        raise BadInputError(f"this backup was cut short inside of {path.name!r}")
    return entry


def _compare(found: dict[str, FileEntry], manifest: BackupManifest) -> None:
    wrong = [name for name in sorted(found.keys() | manifest.members) if found.get(name) != manifest.members.get(name)]
    if wrong:
        raise BadInputError(f"this backup was changed since it was made: {wrong[0]!r} is not what its list says")


def _sync(folder: Path) -> None:
    """Make the names in the folder and below it durable."""
    for parent, _, _ in os.walk(folder):
        sync_folder(Path(parent))
