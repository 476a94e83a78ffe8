"""ZIP archives: their members are documents of their own."""

import zipfile

from corpus.detection.packed import ZIP_ERRORS
from corpus.media_types import ZIP
from corpus.parsers.containers.members import Members, is_clutter
from corpus.parsers.packed import PackedFile, packed_file
from corpus.parsers.protocol import ParseOptions
from corpus.types import ParsedDocument

_ENCRYPTED = 0x1
_NAME_IN_UTF8 = 0x800
_AES = 99
_UNIX = 3
_FILE_KINDS, _REGULAR_FILE = 0o170000, 0o100000


def parse(data: bytes, name: str, options: ParseOptions) -> ParsedDocument:
    """The members in their order, without hidden files; the passwords are tried on encrypted ones.

    Links, members that need another password, and those packed by methods that Python does not have are told as
    losses. Raises UnreadableError for an archive that gives no file at all.
    """
    members = Members(name, options.limits)
    with packed_file(data, name, options.limits) as archive:
        for member in archive.members:
            _take(members, archive, member, options.passwords)
    return members.document(ZIP)


def _take(members: Members, archive: PackedFile, member: zipfile.ZipInfo, passwords: tuple[str, ...]) -> None:
    name = _name(member)
    if is_clutter(name):
        return
    if not _is_regular(member):
        members.leave_out(name, "links and devices are left out")
        return
    try:
        content = archive.read_with(member, passwords)
    except ZIP_ERRORS:
        members.leave_out(name, _reason(member, passwords))
    else:
        members.add(name, content)


def _reason(member: zipfile.ZipInfo, passwords: tuple[str, ...]) -> str:
    if member.compress_type == _AES:
        return "files encrypted with AES are not read, save them without the password"
    if member.flag_bits & _ENCRYPTED:
        given = "no password that was given opens" if passwords else "a password is needed for"
        return f"{given} encrypted files"
    known = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
    return "damaged files" if member.compress_type in known else "files packed by an uncommon method are not read"


def _is_regular(member: zipfile.ZipInfo) -> bool:
    kind = (member.external_attr >> 16) & _FILE_KINDS if member.create_system == _UNIX else 0
    return kind in {0, _REGULAR_FILE}


def _name(member: zipfile.ZipInfo) -> str:
    """The member's name; one that is not marked as UTF-8 was decoded as that of an old PC, but may well be UTF-8."""
    if member.flag_bits & _NAME_IN_UTF8 or member.filename.isascii():
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename
