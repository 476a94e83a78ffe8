"""Title and metadata of old Office files, which are small file systems with a stream of properties."""

import codecs
import io
import struct
from datetime import datetime

from corpus.parsers.office.properties import named_properties
from corpus.text import canonical
from corpus.types import MetadataValue

_ERRORS = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, OSError, struct.error)
_UTF8_CODE_PAGE = 65_001


def ole_properties(data: bytes) -> tuple[str, dict[str, MetadataValue]]:
    """Title and metadata as the file states them; none for properties that are damaged, for the text is sound."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            stated = file.get_metadata()
    except _ERRORS:
        return "", {}
    encoding = _encoding(stated.codepage)
    texts = {name: _text(getattr(stated, name), encoding) for name in ("title", "author", "subject", "keywords")}
    title = " ".join(canonical(texts.pop("title")).split())
    dates = {"created": _date(stated.create_time), "modified": _date(stated.last_saved_time)}
    return title, named_properties(texts | dates)


def _encoding(code_page: object) -> str:
    if not isinstance(code_page, int):
        return "cp1252"
    number = code_page % 0x10000  # olefile takes the number for a signed one
    try:
        return codecs.lookup("utf-8" if number == _UTF8_CODE_PAGE else f"cp{number}").name
    except LookupError:
        return "cp1252"


def _text(value: object, encoding: str) -> str:
    if isinstance(value, bytes):
        return value.decode(encoding, "replace").strip("\0")
    return value if isinstance(value, str) else ""


def _date(value: object) -> str:
    """Times in these files are in UTC; years before that of the format stand for none."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) and value.year > 1980 else ""
