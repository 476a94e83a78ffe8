"""What kind of file some bytes are: by their content first, by the name only among kinds of plain text."""

import codecs
import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from corpus.errors import UnreadableError

TEXT: Final = "text/plain"
MARKDOWN: Final = "text/markdown"
HTML: Final = "text/html"
PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

SUPPORTED: Final = "plain text, Markdown, HTML, PDF and Word (.docx)"

_BY_SUFFIX = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".mdown": MARKDOWN,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
}
# Only NUL, white space and byte order marks: nothing to read in any encoding.
_BLANK_BYTES = b"\xef\xbb\xbf\xfe\xff\x00 \t\n\v\f\r"
_SAMPLE = 65_536
# What text may hold below U+0020: tab, line and page ends, backspace (old manual pages), shifts of ISO 2022.
_TEXT_CONTROLS = b"\b\t\n\v\f\r\x0e\x0f\x1b"
_CONTROLS = bytes(set(range(32)) - set(_TEXT_CONTROLS))
# Bytes are hardly ever valid UTF-8 by chance, so odd characters are let through there; elsewhere they tell.
_MOST_CONTROLS_IN_UTF8 = 0.3
_MOST_CONTROLS_ELSEWHERE = 0.01

_BYTE_ORDER_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Which of four bytes are NUL when mostly Latin text stands in a wide encoding without a mark.
_NUL_PATTERNS = (
    ((True, True, True, False), "utf-32-be"),
    ((False, True, True, True), "utf-32-le"),
    ((True, False, True, False), "utf-16-be"),
    ((False, True, False, True), "utf-16-le"),
)

_SIGNATURES = (  # they settle what the file is, whatever else is in it
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "an executable"),
    (b"\xcf\xfa\xed\xfe", "an executable"),
    (b"\xca\xfe\xba\xbe", "an executable"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
)
_BINARY_SIGNATURES = (  # these could begin a text as well, so they only name what is known to be binary
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"RIFF", "a WebP, WAV or AVI file"),
    (b"BZh", "a bzip2 archive"),
    (b"MZ", "an executable"),
    (b"ID3", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
    (b"PAR1", "a Parquet table"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("EncryptedPackage", "an Office document encrypted with a password; save it without the password"),
    ("WordDocument", "an old Word document (.doc); save it as .docx"),
    ("Workbook", "an old Excel workbook (.xls)"),
    ("PowerPoint Document", "an old PowerPoint presentation (.ppt)"),
    ("__properties_version1.0", "an Outlook message (.msg)"),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ZIP_MEMBERS = (
    ("xl/", "an Excel workbook"),
    ("ppt/", "a PowerPoint presentation"),
    ("META-INF/container.xml", "an EPUB book"),
    ("META-INF/MANIFEST.MF", "a Java archive"),
    ("content.xml", "an OpenDocument file"),
)


def media_type_of(data: bytes, name: str) -> str:
    """The media type of a supported file; `UnreadableError` says what any other file seems to be."""
    if not data.strip(_BLANK_BYTES):
        raise UnreadableError(f"{name!r} is empty: it holds nothing but white space")
    if _is_pdf(data, name):
        return PDF
    if data.startswith(_ZIP):
        return _zip_media_type(data, name)
    if data.startswith(_OLE):
        raise _unsupported(name, _ole_kind(data))
    binary = _is_binary(data)
    for signature, kind in _SIGNATURES + (_BINARY_SIGNATURES if binary else ()):
        if data.startswith(signature):
            raise _unsupported(name, kind)
    if binary:
        raise _unsupported(name, _other_binary_kind(data))
    return HTML if _is_html(data) else _BY_SUFFIX.get(PurePath(name).suffix.lower(), TEXT)


def unicode_encoding(data: bytes) -> str | None:
    """The Unicode encoding that a byte order mark shows, or the places of the NUL bytes (UTF-16, UTF-32)."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[: len(data[:_SAMPLE]) // 4 * 4]
    if b"\0" not in sample:
        return None
    shares = [sample[i::4].count(0) / (len(sample) // 4) for i in range(4)]
    return next((encoding for nul, encoding in _NUL_PATTERNS if _fits(shares, nul)), None)


def _fits(shares: Sequence[float], nul_places: Sequence[bool]) -> bool:
    """Whether bytes are mostly NUL just where they should be; characters beyond Latin-1 make exceptions."""
    return all(share > 0.7 if nul else share < 0.05 for share, nul in zip(shares, nul_places, strict=True))


def _is_pdf(data: bytes, name: str) -> bool:
    """Readers accept a header anywhere in the first kilobyte; a text that speaks of one is still a text."""
    if data.lstrip(_BLANK_BYTES)[:5] == b"%PDF-":
        return True
    return b"%PDF-" in data[:1024] and (_is_binary(data) or name.lower().endswith(".pdf"))


def _is_binary(data: bytes) -> bool:
    if unicode_encoding(data):
        return False
    sample = data[:_SAMPLE]
    controls = 1 - len(sample.translate(None, _CONTROLS)) / len(sample)
    try:
        # Incremental: a character that is cut at the sample's end is no error.
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return controls > _MOST_CONTROLS_ELSEWHERE or b"\0" in sample
    return controls > _MOST_CONTROLS_IN_UTF8


def _is_html(data: bytes) -> bool:
    """Whether the file begins as an HTML page does; dropping NUL bytes makes this work for UTF-16 too."""
    head = data[:4096].replace(b"\0", b"").lstrip(_BLANK_BYTES).lower()
    if head.startswith((b"<?xml", b"<!--")):
        return b"<html" in head
    return head.startswith((b"<!doctype html", b"<html"))


def _zip_media_type(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise UnreadableError(f"{name!r} is a damaged ZIP or Word file: {error}") from error
    if "[Content_Types].xml" in members and any(member.startswith("word/") for member in members):
        return DOCX
    for prefix, kind in _ZIP_MEMBERS:
        if any(member.startswith(prefix) for member in members):
            raise _unsupported(name, kind)
    raise _unsupported(name, "a ZIP archive; unpack it first")


def _ole_kind(data: bytes) -> str:
    """Old Office files are containers; the names of their streams, in UTF-16, tell which."""
    for stream, kind in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return kind
    return "an old Microsoft Office file"


def _other_binary_kind(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return "a HEIC image or MP4 video"
    if data[257:262] == b"ustar":
        return "a tar archive; unpack it first"
    return "a binary file of an unknown kind"


def _unsupported(name: str, kind: str) -> UnreadableError:
    return UnreadableError(f"{name!r} seems to be {kind}. Pincite reads {SUPPORTED}")
