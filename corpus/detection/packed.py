"""ZIP archives by their members: documents that come packed, and archives of files."""

import io
import zipfile
import zlib

from corpus.errors import TooLargeError, UnreadableError
from corpus.media_types import DOCX, EPUB, ODP, ODS, ODT, PPTX, XLSX, ZIP

ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
# What zipfile raises over damaged archives; RuntimeError also stands for encrypted members, OverflowError and
# MemoryError for sizes that cannot be.
ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, KeyError),
    *(OverflowError, MemoryError),
)

_OFFICE_FOLDERS = (("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX))
# What the member `mimetype` says, which OpenDocument and EPUB files begin with; templates are read like documents.
_STATED = ((ODT, ODT), (ODS, ODS), (ODP, ODP), (EPUB, EPUB))
# The list of members is read before any of them is counted; this much holds some hundred thousand.
_LARGEST_DIRECTORY = 16_000_000
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"


def zip_media_type(data: bytes, name: str) -> str:
    """The media type of a ZIP file. Raises UnreadableError for one that is damaged."""
    with open_zip(data, name) as archive:
        members = archive.NameToInfo
        if "[Content_Types].xml" in members:
            for folder, media_type in _OFFICE_FOLDERS:
                if any(member.startswith(folder) for member in members):
                    return media_type
        stated = _mimetype(archive)
    for beginning, media_type in _STATED:
        if stated.startswith(beginning):
            return media_type
    return EPUB if "META-INF/container.xml" in members else ZIP


def open_zip(data: bytes, name: str) -> zipfile.ZipFile:
    """The archive. Raises UnreadableError for one that is damaged, TooLargeError for one with far too many members."""
    if _directory_size(data) > _LARGEST_DIRECTORY:
        raise TooLargeError(f"{name!r} has too many members: their list alone is too large. Split it")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except ZIP_ERRORS as error:
        raise UnreadableError(f"{name!r} is a damaged ZIP or Office file: {error}") from error


def _directory_size(data: bytes) -> int:
    """Bytes that the list of members takes by what the end of the archive states."""
    at = data.rfind(_END)
    size = int.from_bytes(data[at + 12 : at + 16], "little") if at >= 0 else 0
    at = data.rfind(_END_64) if size == 0xFFFFFFFF else -1
    return int.from_bytes(data[at + 40 : at + 48], "little") if at >= 0 else size


def _mimetype(archive: zipfile.ZipFile) -> str:
    """What the member `mimetype` says; it is to be stored as it is, so that nothing has to be unpacked."""
    member = archive.NameToInfo.get("mimetype")
    if member is None or member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return ""
    try:
        with archive.open(member) as stream:
            return stream.read(200).decode("ascii", "replace").strip()
    except ZIP_ERRORS:
        return ""
