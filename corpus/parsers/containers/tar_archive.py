"""TAR archives, also packed by gzip, bzip2 or xz, and single files packed so: members are documents of their own."""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from pathlib import PurePath
from typing import IO, cast

from corpus.detection.signatures import is_tar_header
from corpus.errors import TooLargeError, UnreadableError
from corpus.media_types import TAR
from corpus.parsers.containers.members import Members, is_clutter
from corpus.parsers.packed import check_count, check_ratio
from corpus.parsers.protocol import ParseLimits, ParseOptions
from corpus.types import ParsedDocument

_BLOCK = 512
_CHUNK = 65_536
_ERRORS = (
    *(tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, OverflowError, IndexError, KeyError),
)


class BoundedStream(io.RawIOBase):
    """What a packed stream unpacks to, until it is more than is allowed: then TooLargeError."""

    def __init__(self, stream: IO[bytes], packed_size: int, name: str, limits: ParseLimits) -> None:
        self._stream = stream
        self._packed_size = packed_size
        self._name = name
        self._limits = limits
        self._begun = b""
        self._unpacked = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def peek(self, size: int) -> bytes:
        """The first bytes, which stay to be read."""
        self._begun = self.read(size) or b""
        return self._begun

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; fewer at the end only."""
        pieces = [self._begun[:size] if size >= 0 else self._begun]
        self._begun = self._begun[len(pieces[0]) :]
        wanted = size - len(pieces[0])
        while size < 0 or wanted > 0:
            piece = self._stream.read(min(_CHUNK, wanted) if size >= 0 else _CHUNK)
            if not piece:
                break
            self._count(len(piece))
            wanted -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def _count(self, size: int) -> None:
        self._unpacked += size
        self._limits.check_unpacked_bytes(self._unpacked, self._name)
        check_ratio(self._unpacked, self._packed_size, self._name, self._limits)


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The members in their order, without hidden files; a single packed file is the one member of its archive.

    Links, devices and what comes after a damaged place are told as losses. Raises UnreadableError for an archive that
    gives no file at all, TooLargeError beyond the limits.
    """
    members = Members(name, options.limits)
    stream = BoundedStream(_unpacking(data), len(data), name, options.limits)
    try:
        if is_tar_header(stream.peek(_BLOCK)):
            _read_tar(stream, members, name, options.limits)
        else:
            members.add(_single_name(name), _read_single(stream, members))
    except TooLargeError:
        raise
    except _ERRORS as error:
        if not members.attachments:
            raise UnreadableError(f"{name!r} is a damaged archive: {error}") from error
        _lose_rest(members, error)
    return members.document(TAR)


def _unpacking(data: bytes) -> IO[bytes]:
    raw = io.BytesIO(data)
    if data.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=raw))
    if data.startswith(b"BZh"):
        return cast(IO[bytes], bz2.BZ2File(raw))
    return cast(IO[bytes], lzma.LZMAFile(raw)) if data.startswith(b"\xfd7zXZ") else raw


def _read_tar(stream: BoundedStream, members: Members, name: str, limits: ParseLimits) -> None:
    # As a stream: it is unpacked once, and positions that lead backwards are refused.
    with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|", errors="surrogateescape") as archive:
        for number, member in enumerate(archive, start=1):
            check_count(number, name, limits)
            _take(archive, member, members, name, limits)


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, members: Members, name: str, limits: ParseLimits) -> None:
    if member.isdir() or is_clutter(member.name):
        return
    if not member.isreg():
        members.leave_out(member.name, "links and devices are left out")
        return
    # A sparse file states any size at all, and takes no room.
    limits.check_unpacked_bytes(member.size, name)
    content = archive.extractfile(member)
    if content is not None:
        members.add(member.name, _read(content, member.size))


def _read(content: IO[bytes], size: int) -> bytes:
    """A member by pieces: its stated size may be no more than a claim."""
    pieces = []
    while size > 0 and (piece := content.read(min(size, _CHUNK))):
        pieces.append(piece)
        size -= len(piece)
    if size:
        raise EOFError("it is cut off")
    return b"".join(pieces)


def _read_single(stream: BoundedStream, members: Members) -> bytes:
    """All of the stream, or what comes before a damaged place."""
    pieces: list[bytes] = []
    try:
        while piece := stream.read(_CHUNK):
            pieces.append(piece)
    except _ERRORS as error:
        if not pieces:
            raise
        _lose_rest(members, error)
    return b"".join(pieces)


def _lose_rest(members: Members, error: Exception) -> None:
    members.leave_out("what comes after", f"the archive is damaged ({error})")


def _single_name(name: str) -> str:
    """The name without ".gz" and the like; "archive.tgz" that holds no archive keeps its own."""
    path = PurePath(name)
    return path.stem if path.suffix.lower() in {".gz", ".bz2", ".xz"} and path.stem else path.name
