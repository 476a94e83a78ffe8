"""What is to be ingested: files found on disk, uploads and texts."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from corpus.errors import BadInputError, TooLargeError, UnreadableError
from corpus.text import canonical
from corpus.types import Metadata

# Files beside a document that say its title and metadata; see `corpus.sidecars`.
SIDECAR_SUFFIXES: Final = (".meta.json", ".meta.yaml", ".meta.yml")

_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class Source:
    """Something to ingest.

    `uri` identifies it in its collection ("file:///...", "upload:...", "text:..."); `name` is a file name or a
    label. `content` is a file to be read, the bytes of one, or plain text that is already decoded.

    `title` and `metadata` None say nothing: what was given for the document before stays; an empty one says that
    there is none. `passwords` are tried on encrypted files. `moved_from` is the source that the document
    `document_id` has so far.
    """

    uri: str
    name: str
    content: Path | bytes | str
    title: str | None = None
    external_id: str | None = None
    metadata: Metadata | None = None
    document_id: str | None = None
    passwords: tuple[str, ...] = ()
    moved_from: str | None = None


def file_source(
    path: Path, title: str | None = None, metadata: Metadata | None = None, passwords: tuple[str, ...] = ()
) -> Source:
    """The source for a file; its identity is its absolute path without symbolic folders, its external id the stem."""
    file = path.parent.resolve() / path.name
    return Source(
        uri=file.as_uri(),
        name=canonical(path.name),  # a name may hold bytes that are no text
        content=file,
        title=title,
        external_id=canonical(path.stem),
        metadata=metadata,
        passwords=passwords,
    )


def find_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Files as given, folders recursively in the order of their names; nothing twice.

    In folders hidden files and folders are skipped, and so are symbolic links: what they lead to inside the folder
    is found anyway, and outside of it they are not followed. A link that is itself given stands for its target.
    A subfolder that may not be listed is yielded itself, so that reading it reports it. Sidecars of files in folders
    are no files of their own, nor are those given together with their file, as a shell does for "reports/*".
    Errors: `BadInputError`, before anything is yielded, for a path that does not exist or cannot be reached.
    """
    for path in paths:
        try:
            path.stat()
        except OSError as error:
            raise BadInputError(f"{str(path)!r} is no file or folder to read: {error.strerror}") from error
    given = set(paths)
    documents = [path for path in paths if _document_beside(path) not in given]
    return _unique(file for path in documents for file in _files_below(path.resolve() if path.is_symlink() else path))


def is_sidecar(path: Path) -> bool:
    """Whether a file is the sidecar of another that is there: it is then no document itself."""
    document = _document_beside(path)
    return document is not None and document.is_file()


def _document_beside(path: Path) -> Path | None:
    """The file that `path`, by its name, is the sidecar of."""
    for suffix in SIDECAR_SUFFIXES:
        if path.name.endswith(suffix) and path.name != suffix:
            return path.with_name(path.name.removesuffix(suffix))
    return None


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """The content of a regular file, whole and unchanged while it was read.

    Errors: `TooLargeError` before reading; `UnreadableError` for anything but a regular file (a link, folder,
    pipe, device), with the system's reason when it may not be read, and when it changed meanwhile.
    """
    try:
        _require_file(path, path.lstat())
        # Should the file be replaced just now: a link is not followed, and a pipe does not block.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            before = os.fstat(descriptor)
            _require_file(path, before)
            if before.st_size > max_bytes:
                raise TooLargeError(f"{str(path)!r} has {before.st_size:,} bytes; the limit is {max_bytes:,}")
            data = file.read(before.st_size + 1)
            after = os.fstat(descriptor)
    except OSError as error:
        raise UnreadableError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    if (before.st_size, before.st_mtime_ns) != (len(data), after.st_mtime_ns):
        raise UnreadableError(f"{str(path)!r} changed while it was read; run again")
    return data


def _require_file(path: Path, status: os.stat_result) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    if stat.S_ISDIR(status.st_mode) and not os.access(path, os.R_OK | os.X_OK):
        raise UnreadableError(f"{str(path)!r} is a folder that may not be listed; give yourself the permission")
    kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
    raise UnreadableError(f"{str(path)!r} is {kind}, not a regular file")


def _files_below(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    try:
        children = sorted(child for child in path.iterdir() if _is_wanted(child))
    except OSError:
        yield path
        return
    for child in children:
        yield from _files_below(child)


def _is_wanted(path: Path) -> bool:
    """Raises OSError in a folder whose names may be read and nothing else."""
    return not path.name.startswith(".") and not path.is_symlink() and not is_sidecar(path)


def _unique(files: Iterator[Path]) -> Iterator[Path]:
    seen = set()
    for file in files:
        real = file.resolve()
        if real not in seen:
            seen.add(real)
            yield file
