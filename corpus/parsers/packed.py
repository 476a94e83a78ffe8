"""Reading ZIP-packed files without being led astray: sizes are checked before and while anything is unpacked."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from corpus.errors import TooLargeError, UnreadableError
from corpus.parsers.protocol import ParseLimits

_MEGABYTE = 1_000_000
# What zipfile raises over damaged archives; RuntimeError also stands for encrypted members.
_ERRORS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, KeyError)


class PackedFile:
    """An archive whose members have been counted and whose stated sizes are within the limits.

    The sizes that an archive states are binding: zipfile reads no more than that of any member.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self.names = [member.filename for member in archive.infolist() if not member.is_dir()]

    def __contains__(self, member: str) -> bool:
        return member in self._archive.NameToInfo

    def read(self, member: str) -> bytes:
        """The bytes of a member. Raises UnreadableError when it is missing, damaged or encrypted."""
        try:
            return self._archive.read(member)
        except _ERRORS as error:
            raise UnreadableError(f"{self._name!r} is damaged: its part {member!r} cannot be read ({error})") from error


@contextmanager
def packed_file(data: bytes, name: str, limits: ParseLimits) -> Iterator[PackedFile]:
    """Open an archive. Raises UnreadableError for a damaged one, TooLargeError for one beyond the limits."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _ERRORS as error:
        raise UnreadableError(f"{name!r} is damaged: it cannot be opened as a packed file ({error})") from error
    with archive:
        check_members(archive, name, limits)
        yield PackedFile(archive, name)


def check_members(archive: zipfile.ZipFile, name: str, limits: ParseLimits) -> None:
    """Refuse an archive that holds too much, before anything is unpacked."""
    members = archive.infolist()
    if len(members) > limits.max_members:
        raise TooLargeError(f"{name!r} has {len(members):,} members; the limit is {limits.max_members:,}. Split it")
    limits.check_unpacked_bytes(sum(member.file_size for member in members), name)
    for member in members:
        if member.file_size > max(_MEGABYTE, member.compress_size * limits.max_ratio):
            raise TooLargeError(
                f"{name!r} is refused: its member {member.filename!r} unpacks to over {limits.max_ratio} times its "
                "size, as archives made to fill a memory do"
            )
