"""Files embedded in a PDF."""

import ctypes
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus.errors import TooLargeError
from corpus.parsers.protocol import ParseLimits
from corpus.parsers.unique_names import UniqueNames
from corpus.text import canonical
from corpus.types import Attachment

if TYPE_CHECKING:
    from pypdfium2 import PdfAttachment, PdfDocument

_SEPARATORS = re.compile(r"[/\\]+")


def attachments(document: "PdfDocument", limits: ParseLimits, name: str) -> tuple[list[Attachment], list[str]]:
    """The embedded files, and in words which of them cannot be read. Raises TooLargeError beyond the limits."""
    count = document.count_attachments()
    if count > limits.max_members:
        raise TooLargeError(f"{name!r} has {count:,} attachments; the limit is {limits.max_members:,}. Split it")
    found: list[Attachment] = []
    losses: list[str] = []
    names = UniqueNames()
    unpacked = 0
    for index in range(count):
        label, data = _read(document, index, limits.max_unpacked_bytes - unpacked, name)
        if data is None:
            losses.append(f"the attachment {label!r} cannot be read")
        else:
            found.append(Attachment(names.unique(label), data))
            unpacked += len(data)
    return found, losses


def _read(document: "PdfDocument", index: int, left: int, name: str) -> tuple[str, bytes | None]:
    """Name and content of an attachment; None for one without content."""
    from pypdfium2 import PdfiumError

    label = f"attachment {index + 1}"
    try:
        attachment = document.get_attachment(index)
        label = _file_name(attachment.get_name()) or label
        size = _size(attachment)
        if size > left:
            raise TooLargeError(f"{name!r} has more bytes in its attachments than the limit allows. Split it")
        return label, bytes(attachment.get_data()) if size else None
    except (PdfiumError, UnicodeDecodeError):
        return label, None


def _size(attachment: "PdfAttachment") -> int:
    from pypdfium2 import raw

    size = ctypes.c_ulong()
    raw.FPDFAttachment_GetFile(attachment, None, 0, size)
    return size.value


def _file_name(name: str) -> str:
    """The last part of a path, which names and never leads anywhere."""
    parts: Iterator[str] = (part.strip() for part in reversed(_SEPARATORS.split(canonical(name))))
    return next((part for part in parts if part.strip(".")), "")
