"""ZIP archives by their members: documents that come packed, and archives of files."""

import io
import zipfile

from corpus.errors import UnreadableError
from corpus.media_types import DOCX, EPUB, ODP, ODS, ODT, PPTX, XLSX, ZIP

ZIP_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")

_OFFICE_FOLDERS = (("word/", DOCX), ("xl/", XLSX), ("ppt/", PPTX))
# What the member `mimetype` says, which OpenDocument and EPUB files begin with; templates are read like documents.
_STATED = ((ODT, ODT), (ODS, ODS), (ODP, ODP), (EPUB, EPUB))


def zip_media_type(data: bytes, name: str) -> str:
    """The media type of a ZIP file. Raises UnreadableError for one that is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.namelist()
            stated = _mimetype(archive) if "mimetype" in members else ""
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise UnreadableError(f"{name!r} is a damaged ZIP or Office file: {error}") from error
    if "[Content_Types].xml" in members:
        for folder, media_type in _OFFICE_FOLDERS:
            if any(member.startswith(folder) for member in members):
                return media_type
    for beginning, media_type in _STATED:
        if stated.startswith(beginning):
            return media_type
    return EPUB if "META-INF/container.xml" in members else ZIP


def _mimetype(archive: zipfile.ZipFile) -> str:
    with archive.open("mimetype") as member:
        return member.read(200).decode("ascii", "replace").strip()
