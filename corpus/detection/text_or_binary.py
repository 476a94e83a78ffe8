"""Whether bytes are text, and in which Unicode encoding, told by byte order marks and the places of NUL bytes."""

import codecs
from collections.abc import Sequence
from typing import Final

# Only NUL, white space and byte order marks: nothing to read in any encoding.
BLANK_BYTES: Final = b"\xef\xbb\xbf\xfe\xff\x00 \t\n\v\f\r"
_SAMPLE = 65_536
# What text may hold below U+0020: tab, line and page ends, backspace (old manual pages), shifts of ISO 2022.
_TEXT_CONTROLS = b"\b\t\n\v\f\r\x0e\x0f\x1b"
_CONTROLS = bytes(set(range(32)) - set(_TEXT_CONTROLS))
# Bytes are hardly ever valid UTF-8 by chance, so odd characters are let through there; elsewhere they tell.
_MOST_CONTROLS_IN_UTF8 = 0.3
_MOST_CONTROLS_ELSEWHERE = 0.01

_BYTE_ORDER_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Which of four bytes are NUL when mostly Latin text stands in a wide encoding without a mark.
_NUL_PATTERNS = (
    ((True, True, True, False), "utf-32-be"),
    ((False, True, True, True), "utf-32-le"),
    ((True, False, True, False), "utf-16-be"),
    ((False, True, False, True), "utf-16-le"),
)


def unicode_encoding(data: bytes) -> str | None:
    """The Unicode encoding that a byte order mark shows, or the places of the NUL bytes (UTF-16, UTF-32)."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    sample = data[: len(data[:_SAMPLE]) // 4 * 4]
    if b"\0" not in sample:
        return None
    shares = [sample[i::4].count(0) / (len(sample) // 4) for i in range(4)]
    return next((encoding for nul, encoding in _NUL_PATTERNS if _fits(shares, nul)), None)


def _fits(shares: Sequence[float], nul_places: Sequence[bool]) -> bool:
    """Whether bytes are mostly NUL just where they should be; characters beyond Latin-1 make exceptions."""
    return all(share > 0.7 if nul else share < 0.05 for share, nul in zip(shares, nul_places, strict=True))


def is_binary(data: bytes) -> bool:
    """Whether the bytes are no text in any encoding."""
    if unicode_encoding(data):
        return False
    sample = data[:_SAMPLE]
    controls = 1 - len(sample.translate(None, _CONTROLS)) / len(sample)
    try:
        # Incremental: a character that is cut at the sample's end is no error.
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return controls > _MOST_CONTROLS_ELSEWHERE or b"\0" in sample
    return controls > _MOST_CONTROLS_IN_UTF8
