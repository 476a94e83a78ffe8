"""Binary files by their first bytes: what Pincite reads, and the names of what it does not."""

import re

from corpus.media_types import ENCRYPTED_OFFICE, IMAGE, RTF, XLS

_READ = (  # they settle what the file is, whatever else is in it
    (b"\x89PNG\r\n\x1a\n", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"II*\0", IMAGE),
    (b"MM\0*", IMAGE),
    (b"{\\rtf", RTF),
)
_READ_IF_BINARY = ((b"GIF8", IMAGE), (b"BM", IMAGE))
_NAMED = (
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; pack it as ZIP"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive; pack it as ZIP"),
    (b"\x04\x22\x4d\x18", "an LZ4 archive; pack it as ZIP"),
    (b"Rar!\x1a\x07", "a RAR archive; pack it as ZIP"),
    (b"MSCF\0\0\0\0", "a Windows cabinet archive; pack it as ZIP"),
    (b"\x1f\x9d", "an old Unix archive (.Z); pack it as .gz"),
    (b"!<arch>\n", "a library or Debian package"),
    (b"\xed\xab\xee\xdb", "an RPM package"),
    (b"\x7fELF", "an executable"),
    (b"\xcf\xfa\xed\xfe", "an executable"),
    (b"\xca\xfe\xba\xbe", "an executable"),
    (b"\0asm", "a WebAssembly program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"bplist00", "a binary property list"),
    (b"!BDN", "an Outlook data file (.pst); export its mails as .eml or .mbox"),
    (b"ITSF\x03\0\0\0", "a compiled help file (.chm); export it as HTML"),
    (b"AT&TFORM", "a DjVu document; save it as PDF"),
    (b"%!PS", "a PostScript file; save it as PDF"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file; save it as PDF"),
    (b"\xffWPC", "a WordPerfect document; save it as .docx"),
    (b"8BPS\0", "a Photoshop image; save it as PNG"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (b"-----BEGIN PGP MESSAGE-----", "a message encrypted with PGP; decrypt it first"),
)
_NAMED_IF_BINARY = (  # these could begin a text as well, so they only name what is known to be binary
    (b"MZ", "an executable"),
    (b"ID3", "an MP3 recording"),
    (b"\xff\xfb", "an MP3 recording"),
    (b"OggS", "an Ogg recording"),
    (b"fLaC", "a FLAC recording"),
    (b"FLV", "a Flash video"),
    (b"PAR1", "a Parquet table; save it as CSV"),
    (b"ORC", "an ORC table; save it as CSV"),
    (b"Obj\x01", "an Avro file; save it as JSON lines"),
    (b"AC10", "an AutoCAD drawing; save it as PDF"),
    (b"OTTO", "a font"),
    (b"wOF", "a font"),
    (b"\0\x01\0\0", "a font"),
)
# The brand of an ISO media file stands behind "ftyp".
_ISO_MEDIA = (
    ((b"heic", b"heix", b"heim", b"hevc", b"mif1", b"msf1"), "a HEIC image; save it as JPEG or PNG"),
    ((b"avif", b"avis"), "an AVIF image; save it as JPEG or PNG"),
    ((b"M4A ", b"M4B "), "an MPEG-4 recording"),
)
_RIFF = {b"WAVE": "a WAV recording", b"AVI ": "an AVI video"}
# Object identifiers 1.2.840.113549.1.7.*: how DER-encoded PKCS #7 begins.
_PKCS7 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17\x72\x45\x38\x50\x90)")
_TAR_BLOCK = 512
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    ("WordDocument", "an old Word document (.doc); save it as .docx"),
    ("PowerPoint Document", "an old PowerPoint presentation (.ppt); save it as .pptx"),
    ("__properties_version1.0", "an Outlook message (.msg); save it as .eml"),
)


def media_type_by_signature(data: bytes, *, binary: bool) -> str | None:
    """The media type that the first bytes show, of the kinds that are read; `binary` as `is_binary` says."""
    if data.startswith(_OLE) and _has_stream(data, "EncryptedPackage"):
        return ENCRYPTED_OFFICE
    if data.startswith(_OLE) and _has_stream(data, "Workbook"):
        return XLS
    return _first(data, _READ + (_READ_IF_BINARY if binary else ())) or (IMAGE if _is_webp(data) else None)


def is_tar(data: bytes) -> bool:
    """Whether the bytes are a TAR archive, or packed by gzip, xz or bzip2, which is read as one of a single file."""
    if data.startswith((b"\x1f\x8b\x08", b"\xfd7zXZ\0")) or _BZIP2.match(data):
        return True
    return is_tar_header(data[:_TAR_BLOCK])


def is_tar_header(block: bytes) -> bool:
    """Whether the first 512 bytes are a TAR header, told by the checksum in it."""
    stated = block[148:156].strip(b" \0")
    if len(block) < _TAR_BLOCK or not block[0] or not stated.isdigit():
        return False
    # The checksum is written in octal digits, and made with spaces in their place.
    return stated.translate(None, b"89") == stated and int(stated, 8) == sum(block) - sum(block[148:156]) + 8 * 32


def named_kind(data: bytes, *, binary: bool) -> str | None:
    """What a file seems to be that Pincite does not read, in words; None if the first bytes do not tell."""
    if data.startswith(_OLE):
        return next(
            (kind for stream, kind in _OLE_STREAMS if _has_stream(data, stream)), "an old Microsoft Office file"
        )
    return _first(data, _NAMED + (_NAMED_IF_BINARY if binary else ()))


def unknown_kind(data: bytes) -> str:
    """What a binary file seems to be whose first bytes do not tell."""
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return next((kind for brands, kind in _ISO_MEDIA if brand in brands), "an MPEG-4 or QuickTime video")
    if data.startswith(b"RIFF") and data[8:12] in _RIFF:
        return _RIFF[data[8:12]]
    if data[60:68] == b"BOOKMOBI":
        return "a Kindle book; convert it to EPUB"
    if data[32_769:32_774] == b"CD001":
        return "the image of a CD; pack its files as ZIP"
    if data[:1] == b"0" and _PKCS7 in data[:64]:
        return "a signed or encrypted file (PKCS #7)"
    return "a binary file of an unknown kind"


def _has_stream(data: bytes, name: str) -> bool:
    """Old Office files are containers; the names of their streams are in UTF-16."""
    return name.encode("utf-16-le") in data


def _is_webp(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def _first(data: bytes, table: tuple[tuple[bytes, str], ...]) -> str | None:
    return next((kind for signature, kind in table if data.startswith(signature)), None)
