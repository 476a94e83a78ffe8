"""Binary files by their first bytes: what Pincite reads, and the names of what it does not."""

from corpus.media_types import IMAGE, RTF, XLS

_READ = (  # they settle what the file is, whatever else is in it
    (b"\x89PNG\r\n\x1a\n", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"II*\0", IMAGE),
    (b"MM\0*", IMAGE),
    (b"{\\rtf", RTF),
)
_READ_IF_BINARY = ((b"GIF8", IMAGE), (b"BM", IMAGE))
_NAMED = (
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "an executable"),
    (b"\xcf\xfa\xed\xfe", "an executable"),
    (b"\xca\xfe\xba\xbe", "an executable"),
    (b"SQLite format 3\0", "an SQLite database"),
)
_NAMED_IF_BINARY = (  # these could begin a text as well, so they only name what is known to be binary
    (b"MZ", "an executable"),
    (b"ID3", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
    (b"PAR1", "a Parquet table"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("EncryptedPackage", "an Office document encrypted with a password; save it without the password"),
    ("WordDocument", "an old Word document (.doc); save it as .docx"),
    ("PowerPoint Document", "an old PowerPoint presentation (.ppt); save it as .pptx"),
    ("__properties_version1.0", "an Outlook message (.msg); save it as .eml"),
)


def media_type_by_signature(data: bytes, *, binary: bool) -> str | None:
    """The media type that the first bytes show, of the kinds that are read; `binary` as `is_binary` says."""
    if data.startswith(_OLE) and _has_stream(data, "Workbook"):
        return XLS
    return _first(data, _READ + (_READ_IF_BINARY if binary else ())) or (IMAGE if _is_webp(data) else None)


def unread_kind(data: bytes, *, binary: bool) -> str | None:
    """What a file seems to be that Pincite does not read, in words; None if the first bytes do not tell."""
    if data.startswith(_OLE):
        return next(
            (kind for stream, kind in _OLE_STREAMS if _has_stream(data, stream)), "an old Microsoft Office file"
        )
    named = _first(data, _NAMED + (_NAMED_IF_BINARY if binary else ()))
    if named or not binary:
        return named
    if data[4:8] == b"ftyp":
        return "a HEIC image or MP4 video"
    if data.startswith(b"RIFF"):
        return "a WAV or AVI file"
    return "a binary file of an unknown kind"


def _has_stream(data: bytes, name: str) -> bool:
    """Old Office files are containers; the names of their streams are in UTF-16."""
    return name.encode("utf-16-le") in data


def _is_webp(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def _first(data: bytes, table: tuple[tuple[bytes, str], ...]) -> str | None:
    return next((kind for signature, kind in table if data.startswith(signature)), None)
