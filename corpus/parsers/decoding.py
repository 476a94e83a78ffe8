"""Bytes of a text file to characters, without losing any silently."""

import codecs
import re

from corpus.detection.text_or_binary import unicode_encoding
from corpus.errors import UnreadableError

# Names on web pages often mean more than they say: files hold characters of these supersets.
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# These fit any bytes, so the superset that browsers take them for comes first.
_ALWAYS_SUPERSET = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254"}
# Python knows these as text encodings, but no file is written in them (and some are slow to decode).
_NEVER_DECLARED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"}
# Seven-bit encodings look like ASCII; only their escape sequences show what they are.
_SEVEN_BIT = (
    (re.compile(rb"\x1b\$\)C"), "iso2022_kr"),
    (re.compile(rb"\x1b(\$[@B]|\(J|\$\(D)"), "iso2022_jp_2"),
)
# From this many sound characters a UTF-8 text is recognised although one in twenty others is broken.
_SOUND_CHARACTERS = 20
_SOUND_PER_BROKEN = 20
# What Western European texts hold beyond ASCII. Read so, other encodings hold more than this, or more often.
_WESTERN = "cp1252"
_WESTERN_CHARACTERS = set("àâäáåãæçéèêëíìîïñóòôöøœúùûüßÿÀÂÄÁÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖØŒÚÙÛÜ«»“”„‘’‚‹›–—…•·€£§©®™°º½¼¿¡\u00a0")
_MOST_WESTERN_CHARACTERS = 0.15
# `<?xml encoding="...">` opens a file; `<meta charset="...">` and its older form stand in the head of a page.
_XML_DECLARATION = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)")
_META_CHARSET = re.compile(rb"<meta[^>]*?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HEAD = 4096


def decode(data: bytes, name: str) -> str:
    """The characters of a text file; bytes broken in an otherwise sound UTF-8 file become U+FFFD.

    In this order: byte order mark, UTF-8, the encoding that the file itself declares, Western, the likeliest one.
    Errors: `UnreadableError` when no encoding fits.
    """
    encoding = unicode_encoding(data)
    if encoding is not None:
        return _decode_marked(data, name, encoding)
    declared = _declared(data)
    for candidate in (_seven_bit(data), "utf-8", declared, _SUPERSETS.get(declared)):
        text = _try(data, candidate)
        if text is not None:
            return text
    return _mostly_utf8(data) or _guess(data, name)


def _decode_marked(data: bytes, name: str, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        text = _mostly_utf8(data) if encoding == "utf-8-sig" else None
        if text is None:
            message = f"{name!r} looks like {encoding} but byte {error.start} does not fit: it is damaged"
            raise UnreadableError(message) from error
        return text.removeprefix("\ufeff")


def _seven_bit(data: bytes) -> str | None:
    if not data.isascii():
        return None
    return next((encoding for pattern, encoding in _SEVEN_BIT if pattern.search(data)), None)


def _declared(data: bytes) -> str:
    """The codec of the encoding that the file names; "" for one that is unknown or cannot be true."""
    declaration = _XML_DECLARATION.match(data) or _META_CHARSET.search(data[:_HEAD])
    if declaration is None:
        return ""
    try:
        codec = codecs.lookup(declaration[1].decode("ascii", "ignore").lower().removeprefix("x-")).name
    except LookupError:
        return ""
    # A declaration that could be read as ASCII is not in a wide encoding.
    if codec in _NEVER_DECLARED or codec.startswith(("utf-16", "utf-32")):
        return ""
    return _ALWAYS_SUPERSET.get(codec, codec)


def _try(data: bytes, encoding: str | None) -> str | None:
    try:
        return data.decode(encoding) if encoding else None
    except (UnicodeDecodeError, LookupError):  # LookupError: a codec between bytes and bytes
        return None


def _mostly_utf8(data: bytes) -> str | None:
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd") - data.count("\ufffd".encode())
    sound = sum(map(len, re.findall("[^\x00-\x7f\ufffd]+", text)))
    return text if sound >= _SOUND_CHARACTERS and sound >= broken * _SOUND_PER_BROKEN else None


def _guess(data: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    western = _try(data, _WESTERN)
    if western is not None and _is_western(western):
        return western
    best = from_bytes(data).best()
    if best is None:
        raise UnreadableError(f"the encoding of {name!r} cannot be told; save it as UTF-8")
    return str(best)


def _is_western(text: str) -> bool:
    """Whether the text is plausible; for texts of less than a page the general detection is right less often."""
    beyond_ascii = re.findall("[^\x00-\x7f]", text)
    return set(beyond_ascii) <= _WESTERN_CHARACTERS and len(beyond_ascii) <= _MOST_WESTERN_CHARACTERS * len(text)
