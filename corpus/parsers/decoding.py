"""Bytes of a text file to characters, without losing any silently."""

import codecs
import re
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from corpus.detection.text_or_binary import unicode_encoding
from corpus.errors import UnreadableError
from corpus.parsers.protocol import ParseLimits
from corpus.text import canonical

# What files hold beyond an encoding that they name, or that their other characters show.
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_jp": "euc_jis_2004",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "tis-620": "cp874",
}
# The standard before what was made of it: the two differ in signs such as dashes, and files name the standard.
_SUBSETS = {"gb18030": "gb2312", "cp932": "shift_jis", "cp874": "tis-620"}
# These fit any bytes, so the superset that browsers take them for comes first.
_ALWAYS_SUPERSET = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254"}
# Python knows these as text encodings, but no file is written in them (and some are slow to decode).
_NEVER_DECLARED = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined"}
# Seven-bit encodings look like ASCII; only their escape sequences show what they are.
_SEVEN_BIT = (
    (re.compile(rb"\x1b\$\)C"), ("iso2022_kr",)),
    (re.compile(rb"\x1b(\$[@B]|\([IJ]|\$\(D)"), ("iso2022_jp_2", "iso2022_jp_ext")),
    (re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}"), ("hz",)),
)
# In otherwise sound text one in so many characters beyond ASCII may be broken; UTF-8 is recognised by as many.
_SOUND_CHARACTERS = 20
_SOUND_PER_BROKEN = 20
_MOST_BROKEN = 100_000
# `<?xml encoding="...">` opens a file; the others stand near its beginning.
_XML_DECLARATION = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)")
_CODING_COMMENT = re.compile(rb"(?:[^\n]*\n)?[ \t]*(?:#|//|/\*|;|%|\.\.)[^\n]*?coding[:=][ \t]*([\w.-]+)")
_CSS_CHARSET = re.compile(rb"@charset \"([\w.:-]+)\"")
_META_CHARSET = re.compile(
    rb"(?:<meta[^>]*?|Content-Type:[^\n]{0,80}?)charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
_HEAD = 4096

_replaced: ContextVar[int] = ContextVar("replaced", default=0)


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The characters of a file; `replaced` of its bytes had no meaning and are U+FFFD in `text`."""

    text: str
    replaced: int = 0

    @property
    def losses(self) -> tuple[str, ...]:
        """What `corpus.types.ParsedDocument.losses` says about it."""
        if not self.replaced:
            return ()
        verb = "fits no encoding and is" if self.replaced == 1 else "fit no encoding and are"
        return (f"{self.replaced:,} byte{'s' * (self.replaced > 1)} {verb} shown as U+FFFD",)


def decode(data: bytes, name: str) -> str:
    """The characters of a text file, as `decoded` finds them."""
    return decoded(data, name).text


def canonical_text(data: bytes, name: str, limits: ParseLimits) -> DecodedText:
    """The canonical text of a file. Raises what `decoded` raises, and TooLargeError for too long a text."""
    found = decoded(data, name)
    limits.check_characters(len(found.text), name)  # before the text is copied
    return DecodedText(canonical(found.text), found.replaced)


def decoded(data: bytes, name: str) -> DecodedText:
    """The characters of a text file; a few bytes broken in an otherwise sound text become U+FFFD and are counted.

    In this order: byte order mark, UTF-8, the encoding that the file itself declares, the likeliest ones.
    Errors: `UnreadableError` when no encoding fits.
    """
    marked = unicode_encoding(data)
    if marked is not None:
        return _decoded_marked(data, name, marked)
    for encoding in (*_seven_bit(data), "utf-8", *_declared(data)):
        text = _try(data, encoding)
        if text is not None:
            return DecodedText(text)
    found = _utf8_in_halves(data) or _mostly_utf8(data) or _likeliest(data)
    if found is None:
        raise UnreadableError(f"the encoding of {name!r} cannot be told; save it as UTF-8")
    return found


def _decoded_marked(data: bytes, name: str, encoding: str) -> DecodedText:
    text = _try(data, encoding)
    found = _replacing(data, encoding) if text is None else DecodedText(text)
    if found is None or found.replaced * _SOUND_PER_BROKEN > len(found.text):
        raise UnreadableError(f"{name!r} looks like {encoding} but many of its bytes do not fit: it is damaged")
    return found


def _seven_bit(data: bytes) -> tuple[str, ...]:
    if not data.isascii() or not (b"\x1b" in data or b"~{" in data):
        return ()
    return next((encodings for pattern, encodings in _SEVEN_BIT if pattern.search(data)), ())


def _declared(data: bytes) -> tuple[str, ...]:
    """The codecs of the encoding that the file names; none for one that is unknown or cannot be true."""
    head = data[:_HEAD]
    declaration = (
        _XML_DECLARATION.match(head)
        or _CODING_COMMENT.match(head)
        or _CSS_CHARSET.match(head)
        or _META_CHARSET.search(head)
    )
    if declaration is None:
        return ()
    found = codecs_named(declaration[1].decode("ascii", "ignore"))
    # A declaration that could be read as ASCII is not in a wide encoding.
    return () if any(codec.startswith(("utf-16", "utf-32")) for codec in found) else found


def codecs_named(label: str) -> tuple[str, ...]:
    """Python's codecs for an encoding that a document names, the likelier first; none for one that no text is in."""
    try:
        codec = codecs.lookup(label.lower().removeprefix("x-")).name
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return ()
    if codec in _NEVER_DECLARED:
        return ()
    codec = _ALWAYS_SUPERSET.get(codec, codec)
    return codec, _SUPERSETS.get(codec, codec)


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):  # LookupError: a codec between bytes and bytes
        return None


def _utf8_in_halves(data: bytes) -> DecodedText | None:
    """UTF-8 in which characters beyond U+FFFF are written as two surrogates (CESU-8, as Java and databases do it)."""
    try:
        text = data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return _replacing(text.encode("utf-16-le", "surrogatepass"), "utf-16-le")


def _mostly_utf8(data: bytes) -> DecodedText | None:
    found = _replacing(data, "utf-8")
    return found if found and _is_sound(found, least=_SOUND_CHARACTERS) else None


def _likeliest(data: bytes) -> DecodedText | None:
    from corpus.parsers.likely_encoding import likely_encodings

    encodings = [codec for encoding in likely_encodings(data) for codec in _with_relatives(encoding)]
    for encoding in encodings:
        text = _try(data, encoding)
        if text is not None:
            return DecodedText(text)
    attempts = (_replacing(data, encoding) for encoding in encodings)
    sound = (found for found in attempts if found and _is_sound(found))
    return min(sound, key=lambda found: found.replaced, default=None)


def _with_relatives(encoding: str) -> Iterator[str]:
    """The encoding, between what it was made from and what was made of it."""
    if encoding in _SUBSETS:
        yield _SUBSETS[encoding]
    yield _ALWAYS_SUPERSET.get(encoding, encoding)
    if encoding in _SUPERSETS:
        yield _SUPERSETS[encoding]


def _replacing(data: bytes, encoding: str) -> DecodedText | None:
    """The text with the broken bytes replaced; None if they are too many."""
    _replaced.set(0)
    try:
        text = data.decode(encoding, errors=_REPLACING)
    except UnicodeDecodeError:
        return None
    return DecodedText(text, _replaced.get())


def _is_sound(found: DecodedText, least: int = 0) -> bool:
    """Whether few enough bytes are broken beside the characters beyond ASCII, of which there are `least` at least."""
    sound = len(found.text) - len(found.text.encode("ascii", errors="ignore")) - found.replaced
    return sound >= max(least, found.replaced * _SOUND_PER_BROKEN)


def _replace(error: UnicodeError) -> tuple[str, int]:
    """As `errors="replace"` does it, but the bytes are counted, and bounded: each costs time."""
    replaced = _replaced.get()
    if not isinstance(error, UnicodeDecodeError) or replaced >= _MOST_BROKEN:
        raise error
    _replaced.set(replaced + error.end - error.start)
    return "\ufffd", error.end


_REPLACING = "corpus.replacing"
codecs.register_error(_REPLACING, _replace)
