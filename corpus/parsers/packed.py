"""Reading ZIP-packed files without being led astray: sizes are checked before and while anything is unpacked."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from corpus.detection.packed import ZIP_ERRORS, open_zip
from corpus.errors import TooLargeError, UnreadableError
from corpus.parsers.protocol import ParseLimits

# A blank image in a document packs a thousandfold; up to this size it may.
_HARMLESS_BYTES = 20_000_000
_CHUNK = 65_536


class PackedFile:
    """An archive whose members have been counted and whose stated sizes are within the limits.

    The sizes that an archive states are binding: no more than that is read of any member.
    """

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._name = name
        self.members = [member for member in archive.infolist() if not member.filename.endswith("/")]
        self.names = [member.filename for member in self.members]

    def __contains__(self, member: str) -> bool:
        return member in self._archive.NameToInfo

    def read(self, member: str) -> bytes:
        """The bytes of a member. Raises UnreadableError when it is missing, damaged or encrypted."""
        try:
            return unpacked(self._archive, self._archive.getinfo(member))
        except ZIP_ERRORS as error:
            raise UnreadableError(f"{self._name!r} is damaged: its part {member!r} cannot be read ({error})") from error

    def read_with(self, member: zipfile.ZipInfo, passwords: Sequence[str]) -> bytes:
        """The bytes of a member by the first password that fits. Raises one of `ZIP_ERRORS` if none does."""
        if not passwords or not member.flag_bits & 1:
            return unpacked(self._archive, member)
        *others, last = passwords
        for password in others:
            # One wrong password in 256 is only found out by what it unpacks to.
            try:
                return unpacked(self._archive, member, password)
            except (RuntimeError, zipfile.BadZipFile, zlib.error):
                continue
        return unpacked(self._archive, member, last)


def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, password: str | None = None) -> bytes:
    """The bytes of a member, by pieces: read at once, one that states a false size would be unpacked whole first."""
    pieces = []
    with archive.open(member, pwd=None if password is None else password.encode()) as stream:
        while piece := stream.read(_CHUNK):
            pieces.append(piece)
    return b"".join(pieces)


@contextmanager
def packed_file(data: bytes, name: str, limits: ParseLimits) -> Iterator[PackedFile]:
    """Open an archive. Raises UnreadableError for a damaged one, TooLargeError for one beyond the limits."""
    with open_zip(data, name) as archive:
        check_members(archive, name, limits)
        yield PackedFile(archive, name)


def check_members(archive: zipfile.ZipFile, name: str, limits: ParseLimits) -> None:
    """Refuse an archive that holds too much, before anything is unpacked."""
    members = archive.infolist()
    check_count(len(members), name, limits)
    limits.check_unpacked_bytes(sum(member.file_size for member in members), name)
    for member in members:
        check_ratio(member.file_size, member.compress_size, name, limits)


def check_count(members: int, name: str, limits: ParseLimits) -> None:
    """Refuse an archive of too many members."""
    if members > limits.max_members:
        raise TooLargeError(f"{name!r} has {members:,} members; the limit is {limits.max_members:,}. Split it")


def check_ratio(size: int, packed_size: int, name: str, limits: ParseLimits) -> None:
    """Refuse what unpacks to far more than it takes."""
    if size > max(_HARMLESS_BYTES, packed_size * limits.max_ratio):
        raise TooLargeError(
            f"{name!r} is refused: what it holds unpacks to over {limits.max_ratio} times its size, as archives made "
            "to fill a memory do"
        )
