"""What a PDF says about itself: title, author, dates, language, the labels of its pages."""

import ctypes
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import TYPE_CHECKING

from corpus.language import language_code
from corpus.text import canonical
from corpus.types import MetadataValue

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_KEYS = {"Author": "author", "Subject": "subject", "Keywords": "keywords"}
_DATES = {"CreationDate": "created", "ModDate": "modified"}
# D:20220403193102+02'00', of which everything after the year may be missing.
_DATE = re.compile(
    r"(?:D:)?(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d))?)?)?)?)?\s*"
    r"(?:(Z)(?:00'?00'?)?|([+-])(\d\d)(?:'?(\d\d))?'?)?"
)
_LEAST = (1, 1, 1, 0, 0, 0)
_OF_DAY = 3  # parts of a date without a time


def stored_title(document: "PdfDocument") -> str:
    """The title in the metadata, on one line; "" if there is none or it is damaged."""
    return label(lambda: document.get_metadata_value("Title"))


def properties(document: "PdfDocument") -> dict[str, MetadataValue]:
    """Author, subject, keywords, dates and language; what is missing, empty or damaged is left out."""
    found = {key: label(partial(document.get_metadata_value, name)) for name, key in _KEYS.items()}
    found |= {key: iso_date(label(partial(document.get_metadata_value, name))) for name, key in _DATES.items()}
    found["language"] = language_code(label(partial(_language, document)))
    return {key: value for key, value in sorted(found.items()) if value}


def page_labels(document: "PdfDocument") -> tuple[str, ...]:
    """What the document calls its pages; nothing if that is their numbers. A page without a label has its number."""
    numbers = [str(number) for number in range(1, len(document) + 1)]
    given = (label(partial(document.get_page_label, index)) for index in range(len(document)))
    labels = [own or number for own, number in zip(given, numbers, strict=True)]
    return () if labels == numbers else tuple(labels)


def label(read: Callable[[], str]) -> str:
    """What `read` gives, on one line; "" if it is damaged."""
    from pypdfium2 import PdfiumError

    try:
        return " ".join(canonical(read()).split())
    except (PdfiumError, UnicodeDecodeError):
        return ""


def iso_date(text: str) -> str:
    """A date of a PDF in ISO 8601, as exact as it is given; "" for what is no date."""
    found = _DATE.fullmatch(text)
    if not found:
        return ""
    parts, (utc, sign, hours, minutes) = found.groups()[:6], found.groups()[6:]
    year, month, day, hour, minute, second = (int(part or least) for part, least in zip(parts, _LEAST, strict=True))
    try:
        zone = _zone(sign, hours, minutes) if sign else (UTC if utc else None)
        at = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return ""
    given = len([part for part in parts if part])
    return at.isoformat() if given > _OF_DAY else "-".join(filter(None, parts))


def _zone(sign: str, hours: str, minutes: str | None) -> timezone:
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(offset if sign == "+" else -offset)


def _language(document: "PdfDocument") -> str:
    from pypdfium2 import raw

    length = raw.FPDFCatalog_GetLanguage(document, None, 0)
    buffer = ctypes.create_string_buffer(length)
    raw.FPDFCatalog_GetLanguage(document, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), length)
    return buffer.raw[: max(length - 2, 0)].decode("utf-16-le")
