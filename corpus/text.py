"""Canonical text: the one form of a document's text that every offset counts in."""

import re

_NEWLINES = re.compile("\r\n?")
# U+0000 and lone surrogates fit neither into databases nor into UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def canonical(text: str) -> str:
    r"""Newlines become `\n`; U+0000 and lone surrogates become U+FFFD; nothing else changes (no normalisation)."""
    return _UNSTORABLE.sub("\ufffd", _NEWLINES.sub("\n", text))
