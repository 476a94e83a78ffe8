"""Title and metadata of old Office files, which are small file systems with a stream of properties ([MS-OLEPS])."""

import codecs
import io
import struct
from datetime import UTC, datetime, timedelta

from corpus.parsers.office.properties import named_properties
from corpus.text import canonical
from corpus.types import MetadataValue

# What libraries raise over such files when they make no sense.
OLE_ERRORS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, OSError, struct.error)
_STREAM = "\x05SummaryInformation"
_KEYS = {2: "title", 3: "subject", 4: "author", 5: "keywords", 12: "created", 13: "modified"}
_CODE_PAGE = 1
_NARROW, _WIDE, _TIME = 30, 31, 64
_UTF8, _UTF16 = 65_001, 1200
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_FIRST_YEAR = 1980  # times before stand for none


def ole_properties(data: bytes) -> tuple[str, dict[str, MetadataValue]]:
    """Title and metadata as the file states them; none for properties that are damaged, for the text is sound."""
    import olefile

    try:
        # The library's own reader of properties goes round for minutes in damaged ones.
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            values = _values(file.openstream(_STREAM).read())
    except OLE_ERRORS:
        return "", {}
    title = " ".join(canonical(values.pop("title", "")).split())
    return title, named_properties(values)


def _values(stream: bytes) -> dict[str, str]:
    """The properties that are kept, by metadata key."""
    (start,) = struct.unpack_from("<I", stream, 44)
    _, count = struct.unpack_from("<II", stream, start)
    pairs = struct.iter_unpack("<II", stream[start + 8 : start + 8 + 8 * min(count, 100)])
    places = {number: start + offset for number, offset in pairs}
    encoding = _encoding(stream, places.get(_CODE_PAGE))
    return {key: _value(stream, places[number], encoding) for number, key in _KEYS.items() if number in places}


def _value(stream: bytes, place: int, encoding: str) -> str:
    kind, length = struct.unpack_from("<II", stream, place)
    if kind == _TIME:
        return _time(*struct.unpack_from("<Q", stream, place + 4))
    if kind not in {_NARROW, _WIDE}:
        return ""
    size, encoding = (2 * length, "utf-16-le") if kind == _WIDE else (length, encoding)
    return stream[place + 8 : place + 8 + size].decode(encoding, "replace").partition("\0")[0]


def _time(ticks: int) -> str:
    """A number of tenths of a microsecond in UTC; "" for none."""
    time = _EPOCH + timedelta(microseconds=ticks // 10)
    return f"{time:%Y-%m-%dT%H:%M:%SZ}" if time.year > _FIRST_YEAR else ""


def _encoding(stream: bytes, place: int | None) -> str:
    number = struct.unpack_from("<H", stream, place + 4)[0] if place is not None else 1252
    names = {_UTF8: "utf-8", _UTF16: "utf-16-le"}
    try:
        return codecs.lookup(names.get(number, f"cp{number}")).name
    except LookupError:
        return "cp1252"
