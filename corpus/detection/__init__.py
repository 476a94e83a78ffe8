"""What kind of file some bytes are: by their content first, by the name only among kinds of plain text."""

from corpus.detection.packed import ZIP_SIGNATURES, zip_media_type
from corpus.detection.signatures import media_type_by_signature, unread_kind
from corpus.detection.text_or_binary import BLANK_BYTES, is_binary
from corpus.detection.texts import text_media_type
from corpus.errors import UnreadableError
from corpus.formats import SUPPORTED
from corpus.media_types import PDF, TAR

__all__ = ["media_type_of"]

# gzip, xz and bzip2: what they hold is read as a TAR archive, or as the one file that it is.
_COMPRESSED = (b"\x1f\x8b", b"\xfd7zXZ\0", b"BZh")


def media_type_of(data: bytes, name: str) -> str:
    """The media type of a supported file; `UnreadableError` says what any other file seems to be."""
    if not data.strip(BLANK_BYTES):
        raise UnreadableError(f"{name!r} is empty: it holds nothing but white space")
    binary = is_binary(data)
    if _is_pdf(data, name, binary=binary):
        return PDF
    if data.startswith(ZIP_SIGNATURES):
        return zip_media_type(data, name)
    if data[257:262] == b"ustar" or (binary and data.startswith(_COMPRESSED)):
        return TAR
    known = media_type_by_signature(data, binary=binary)
    if known:
        return known
    unread = unread_kind(data, binary=binary)
    if unread:
        raise UnreadableError(f"{name!r} seems to be {unread}. Pincite reads {SUPPORTED}")
    return text_media_type(data, name)


def _is_pdf(data: bytes, name: str, *, binary: bool) -> bool:
    """Readers accept a header anywhere in the first kilobyte; a text that speaks of one is still a text."""
    if data.lstrip(BLANK_BYTES)[:5] == b"%PDF-":
        return True
    return b"%PDF-" in data[:1024] and (binary or name.lower().endswith(".pdf"))
