"""Headers of mails as people read them, whatever is wrong with them."""

import binascii
import email.utils
import re
from email.message import Message
from itertools import groupby

from corpus.errors import UnreadableError
from corpus.parsers.decoding import codecs_named, decode
from corpus.text import canonical

_FOLD = re.compile(r"[\r\n]+[ \t]*")
# An encoded word (RFC 2047); the white space between two of them does not count.
_ENCODED = re.compile(r"=\?([^?\s*]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")

# Mail programs declare these without looking; browsers and mail programs take both for Windows' Western encoding.
_UTF_7 = "utf-7"  # made for mails, and used nowhere else
_OFTEN_WRONG = {"us-ascii", "ascii", "iso-8859-1", "latin1", "latin-1"}


def header(message: "Message[str, str]", name: str) -> str:
    """The decoded value of a header on one line; values of several headers of that name are joined; "" for none."""
    values = [value for key, value in message.raw_items() if key.lower() == name]
    return ", ".join(filter(None, (decoded(str(value)) for value in values)))


def decoded(value: str) -> str:
    """A header value with its encoded words (RFC 2047) and any bytes beyond ASCII decoded, on one line."""
    text = _FOLD.sub(" ", _eight_bit(value))
    pieces: list[str] = []
    words: list[tuple[str, bytes]] = []
    end = 0
    for match in _ENCODED.finditer(text):
        between = text[end : match.start()]
        if between.strip() or not words:
            pieces += [*_joined(words), between]
            words = []
        words.append((match[1].lower(), _word_bytes(match[2], match[3])))
        end = match.end()
    return " ".join(canonical("".join([*pieces, *_joined(words), text[end:]])).split())


def iso_date(value: str) -> str:
    """A mail's date as ISO 8601; "" for one that makes no sense."""
    try:
        return email.utils.parsedate_to_datetime(value).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def decode_text(data: bytes, charset: str | None, name: str) -> str:
    """The characters of a part by the charset that it declares, or by what the bytes look like if that is wrong.

    Raises UnreadableError when no encoding fits.
    """
    if charset in _OFTEN_WRONG:
        candidates: tuple[str, ...] = ("utf-8", "cp1252")
    else:
        candidates = (_UTF_7,) if charset == _UTF_7 else codecs_named(charset or "")
    for candidate in candidates:
        try:
            return data.decode(candidate)
        except (UnicodeError, LookupError):  # LookupError: a codec between bytes and bytes
            continue
    return decode(data, name)


def _eight_bit(value: str) -> str:
    """A header that holds bytes beyond ASCII, which were kept as lone surrogates when the message was read."""
    if value.isascii():
        return value
    try:
        return decode_text(value.encode("utf-8", "surrogateescape"), "us-ascii", "a header")
    except (UnicodeError, UnreadableError):
        return value


def _joined(words: list[tuple[str, bytes]]) -> list[str]:
    """The characters of neighbouring words; those of one charset are joined first, for they may cut a character."""
    runs = [(charset, b"".join(data for _, data in run)) for charset, run in groupby(words, key=lambda word: word[0])]
    return [_characters(data, charset) for charset, data in runs if data]


def _characters(data: bytes, charset: str) -> str:
    try:
        return decode_text(data, charset, "a header")
    except UnreadableError:
        return data.decode("utf-8", "replace")


def _word_bytes(encoding: str, content: str) -> bytes:
    data = content.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4)) or data
    except binascii.Error:
        return data
