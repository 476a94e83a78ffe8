"""A backup of a home in use: one tar file, made without the write lock, so that nobody waits for it.

The derived indexes are copied first and the store after them, so that it is never older than they are; a home that is
made from it catches up as one does whose last writer was killed. Whatever is copied never changes once it is there:
vector and word files are opened together, and an open file stays readable when it is removed.
"""

import io
import os
import secrets
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

from corpus.database import Database
from corpus.errors import BadInputError, DamagedError
from corpus.files import replacing
from corpus.originals import Originals
from corpus.records import now
from corpus.store_copy import StoreCopy, copy_store
from index.backup_format import MANIFEST, STORE, UPLOADS, BackupManifest, HashedReader, OnBytes, manifest_bytes
from index.jobs import uploads_waiting
from index.manifest import FileEntry, read_manifest
from index.word_files import MANAGED, META, NOTE, files_in_force, is_whole, managed, meta_of

_TRIES = 20


@dataclass(frozen=True, slots=True)
class BackedUp:
    """The backup that was made: the state `seq` of the store, the number of its files, and its size in bytes."""

    path: str
    seq: int
    files: int
    bytes: int


class Backup:
    """Makes backups of one home."""

    def __init__(self, home: Path, database: Database, originals: Originals) -> None:
        self._home = home
        self._database = database
        self._originals = originals

    def write(self, path: Path, on_progress: OnBytes) -> BackedUp:
        """Write a backup to `path`, in place of what may be there, whole or not at all.

        Every document that was acknowledged before the call is in it, and so is every upload that was accepted and
        waits. Raises BadInputError for a place where no file can be or that is inside of the home, DamagedError when
        something that belongs to the home is damaged, OSError.
        """
        path = path.expanduser().absolute()
        if (path.exists() and not path.is_file()) or not path.parent.is_dir():
            raise BadInputError(f"{str(path)!r} cannot be written; name a file in a folder that is there")
        if self._home.resolve() in path.resolve().parents:
            raise BadInputError(f"{str(path)!r} is inside of the home, with which it would be lost; name another place")
        with replacing(path) as stream, _scratch_beside(path) as scratch:
            manifest = self._write(stream, scratch, on_progress)
        return BackedUp(str(path), manifest.seq, len(manifest.members), path.stat().st_size)

    def _write(self, stream: IO[bytes], scratch: Path, on_progress: OnBytes) -> BackupManifest:
        with ExitStack() as stack:
            derived = [*_opened(stack, self._words), *_opened(stack, self._vectors)]
            copied = self._copied(scratch)
            store = _Member(STORE, stack.enter_context((scratch / STORE).open("rb")))
            originals = [self._originals.path(digest) for digest in copied.originals]
            uploads = sorted((scratch / UPLOADS).iterdir())
            total = sum(map(_size, [*derived, store])) + sum(map(self._size_of_original, originals))
            total += sum(path.stat().st_size for path in uploads)
            archive = _Archive(stream, total, on_progress)
            for member in (*derived, store):
                archive.add(member)
            for path in uploads:
                with path.open("rb") as stream:
                    archive.add(_Member(f"{UPLOADS}/{path.name}", stream))
            for path in originals:
                self._add_original(archive, path)
            manifest = BackupManifest(version("pincite"), copied.store_id, copied.seq, now(), dict(archive.members))
            archive.end(manifest)
        return manifest

    def _copied(self, scratch: Path) -> StoreCopy:
        """Copy one state of the store to a folder, and the uploads that wait in it, whose files go when they are done.

        A worker may finish one before it is copied; then a newer state is taken.
        """
        (scratch / UPLOADS).mkdir(parents=True)
        for _ in range(_TRIES):
            with self._database.read() as connection:
                missing = self._copy_uploads(uploads_waiting(connection), scratch / UPLOADS)
                if missing is None:
                    return copy_store(connection, scratch / STORE)
        raise DamagedError(f"the upload {missing} is missing, so that its job will fail; see to that by: pincite serve")

    def _copy_uploads(self, waiting: set[str], folder: Path) -> str | None:
        """Bring a folder to hold these uploads and no others; returns the name of one that is missing, if any."""
        for path in folder.iterdir():
            if path.name not in waiting:
                path.unlink()
        for name in waiting:
            if not (folder / name).exists():
                try:
                    shutil.copyfile(self._home / UPLOADS / name, folder / name)
                except FileNotFoundError:
                    return name
        return None

    def _words(self, stack: ExitStack) -> "_Files | None":
        folder = self._home / "index" / "words"
        if not (folder / META).exists():
            return []
        meta = meta_of(folder)
        paths = list(files_in_force(folder, meta))
        opened = {path.name: stack.enter_context(path.open("rb")) for path in [*paths, folder / NOTE]}
        if meta_of(folder) != meta:
            return _CHANGED
        for path in paths:
            if not is_whole(opened[path.name]):
                raise DamagedError(f"{path} was changed on the disk; it is made anew by: pincite verify --deep")
        written = {META: meta, MANAGED: managed(path.name for path in paths)}
        return [
            *(_Member(f"index/words/{name}", stream) for name, stream in opened.items()),
            *(_Member(f"index/words/{name}", io.BytesIO(data)) for name, data in written.items()),
        ]

    def _vectors(self, stack: ExitStack) -> "_Files | None":
        folder = self._home / "index" / "vectors"
        members: list[_Member] = []
        for part in sorted(path.parent for path in folder.glob(f"*/{MANIFEST}")):
            manifest = read_manifest(part)
            if manifest is None:
                return _CHANGED
            place = part.relative_to(self._home).as_posix()
            members.append(_Member(f"{place}/{MANIFEST}", stack.enter_context((part / MANIFEST).open("rb"))))
            for name, entry in manifest.files.items():
                members.append(_Member(f"{place}/{name}", stack.enter_context((part / name).open("rb")), entry))
            if read_manifest(part) != manifest:
                return _CHANGED
        return members

    def _size_of_original(self, path: Path) -> int:
        try:
            return path.stat().st_size
        except OSError as error:
            raise DamagedError(
                f"the original {path.name} cannot be read: {error.strerror}; if its document was purged this moment, "
                "run the same command again, else remove the document and ingest it again"
            ) from error

    def _add_original(self, archive: "_Archive", path: Path) -> None:
        with path.open("rb") as stream:
            entry = archive.add(_Member(f"originals/{path.name[:2]}/{path.name}", stream))
        if entry.sha256 != path.name:
            raise DamagedError(
                f"the original {path.name} was changed on the disk; remove the document and ingest it again"
            )


@dataclass(frozen=True, slots=True)
class _Member:
    """A file for the backup; `expected` is what it must be, where that is known."""

    name: str
    stream: IO[bytes]
    expected: FileEntry | None = None


_Files = list[_Member]
_CHANGED: Final = None


class _Archive:
    """The tar file that is being written."""

    def __init__(self, stream: IO[bytes], total: int, on_progress: OnBytes) -> None:
        self.members: dict[str, FileEntry] = {}
        self._tar = tarfile.TarFile(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT)
        self._total = total
        self._done = 0
        self._on_progress = on_progress

    def add(self, member: _Member) -> FileEntry:
        """Add a file. Raises DamagedError when it is not what it must be."""
        info = tarfile.TarInfo(member.name)
        info.size, info.mtime, info.mode = _size(member), int(time.time()), 0o600
        reader = HashedReader(member.stream)
        self._tar.addfile(info, reader)
        entry = reader.entry()
        if member.expected not in (None, entry):
            raise DamagedError(f"{member.name} was changed on the disk; it is made anew by: pincite verify --deep")
        self.members[member.name] = entry
        self._done += entry.size
        self._on_progress(self._done, self._total)
        return entry

    def end(self, manifest: BackupManifest) -> None:
        """Add the manifest as the last member."""
        self.add(_Member(MANIFEST, io.BytesIO(manifest_bytes(manifest))))
        self._tar.close()


def _opened(stack: ExitStack, files: Callable[[ExitStack], _Files | None]) -> _Files:
    """Files of one state, opened together; tried again when a writer or a merge replaced some meanwhile."""
    for _ in range(_TRIES):
        with ExitStack() as attempt, suppress(FileNotFoundError):
            found = files(attempt)
            if found is not _CHANGED:
                stack.enter_context(attempt.pop_all())
                return found
    raise DamagedError("a file of an index is missing; it is made anew by: pincite verify --deep")


def _size(member: _Member) -> int:
    size = member.stream.seek(0, os.SEEK_END)
    member.stream.seek(0)
    return size


@contextmanager
def _scratch_beside(path: Path) -> Iterator[Path]:
    """A name for a folder on the same disk, which is removed when the block ends."""
    scratch = path.parent / f".tmp-{secrets.token_hex(8)}.scratch"
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
