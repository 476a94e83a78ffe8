"""What kind of file some bytes are: by their content first, by the name only among kinds of plain text."""

import re

from corpus.detection.packed import ZIP_SIGNATURES, zip_media_type
from corpus.detection.signatures import is_tar, media_type_by_signature, named_kind, unknown_kind
from corpus.detection.text_or_binary import BLANK_BYTES, is_binary
from corpus.detection.texts import certain_media_type, text_media_type
from corpus.errors import UnreadableError
from corpus.formats import SUPPORTED
from corpus.media_types import PDF, TAR

__all__ = ["media_type_of"]

_OBJECT = re.compile(rb"(?>\s+|%[^\r\n]*[\r\n])*+\d{1,10} \d{1,5} obj\s*<<")


def media_type_of(data: bytes, name: str) -> str:
    """The media type of a supported file; `UnreadableError` says what any other file seems to be."""
    if not data.strip(BLANK_BYTES):
        raise UnreadableError(f"{name!r} is empty: it holds nothing but white space")
    binary = is_binary(data)
    if data.startswith(ZIP_SIGNATURES):  # archives first: the beginning of a PDF in one is not that of the file
        return zip_media_type(data, name)
    if is_tar(data):
        return TAR
    if _is_pdf(data, name, binary=binary):
        return PDF
    known = media_type_by_signature(data, binary=binary)
    if known is None:
        # Mails may hold files as they are, and pages odd bytes: neither is binary if it begins as what it is.
        _refuse(named_kind(data, binary=binary), name)
        known = certain_media_type(data)
    if known is None and binary:
        _refuse(unknown_kind(data), name)
    return known or text_media_type(data, name)


def _refuse(kind: str | None, name: str) -> None:
    if kind is not None:
        raise UnreadableError(f"{name!r} seems to be {kind}. Pincite reads {SUPPORTED}")


def _is_pdf(data: bytes, name: str, *, binary: bool) -> bool:
    """Readers accept a header anywhere in the first kilobyte; a text that speaks of one is still a text."""
    if data[:1024].lstrip(BLANK_BYTES)[:5] == b"%PDF-":
        return True
    if not (binary or name.lower().endswith(".pdf")):
        return False
    return b"%PDF-" in data[:1024] or _OBJECT.match(data) is not None  # what a lost header leaves
