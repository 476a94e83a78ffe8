"""Writing files so that a crash leaves the old one or the new one, never half of one."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from corpus.errors import BadInputError


def write_durably(path: Path, data: bytes) -> None:
    """Write `data` to `path` by way of a temporary file beside it; it is on the disk when this returns."""
    make_folder(path.parent)
    with replacing(path) as stream:
        stream.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file beside `path`, which takes its place when the block ends, and is on the disk then."""
    # Not `tempfile`: its files can be read by their owner only, and reports are made for others.
    temporary = path.parent / f".tmp-{secrets.token_hex(8)}"
    try:
        with temporary.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_output(path: Path, data: bytes) -> None:
    """Write a file that somebody named, whole or not at all. Raises BadInputError where that is not possible."""
    try:
        write_durably(path, data)
    except OSError as error:
        raise BadInputError(f"{str(path)!r} cannot be written: {error.strerror}") from error


def make_folder(folder: Path) -> None:
    """Make the folder and those above it; without this a file could be on the disk and its folder not."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable, as renaming alone does not."""
    sync_file(folder)


def sync_file(path: Path) -> None:
    """Make what was written to a file durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
