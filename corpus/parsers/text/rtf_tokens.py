"""RTF as tokens: groups, control words, and the bytes and characters between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["open", "close", "word", "bytes"]

# A control word with its number and the space that ends it; a byte in hexadecimal; a control symbol; plain bytes.
_TOKEN = re.compile(
    rb"\\(?P<word>[A-Za-z]{1,32})(?P<number>-?[0-9]{1,10})?[ ]?"
    rb"|\\'(?P<hex>[0-9A-Fa-f]{2})|\\(?P<symbol>[^A-Za-z])|(?P<brace>[{}])|(?P<plain>[^\\{}\r\n\0]+)|[\r\n\0]+|\\",
    re.DOTALL,
)
_SYMBOLS = {b"\\": b"\\", b"{": b"{", b"}": b"}"}
# Symbols that are words in short: a new paragraph, and spaces and hyphens of a kind of their own.
_SYMBOL_WORDS = {b"\n": "par", b"\r": "par", b"~": "~", b"_": "_", b"-": "", b"*": "*"}


@dataclass(frozen=True, slots=True)
class Token:
    """`word` and `number` (None where there is none) of a control word; `data` of a piece of text."""

    kind: Kind
    word: str = ""
    number: int | None = None
    data: bytes = b""


_OPEN, _CLOSE = Token("open"), Token("close")


def tokens(data: bytes) -> Iterator[Token]:
    """The tokens of a file, from first to last; the binary data behind `bin` are left out."""
    position = 0
    while match := _TOKEN.match(data, position):
        position = match.end()
        if match["brace"]:
            yield _OPEN if match["brace"] == b"{" else _CLOSE
        elif match["plain"]:
            yield Token("bytes", data=match["plain"])
        elif match["hex"]:
            yield Token("bytes", data=bytes([int(match["hex"], 16)]))
        elif match["word"]:
            token = _word(match)
            position += max(0, token.number or 0) if token.word == "bin" else 0
            yield token
        elif match["symbol"]:
            yield from _symbol(match["symbol"])


def _word(match: re.Match[bytes]) -> Token:
    return Token("word", match["word"].decode("ascii"), int(match["number"]) if match["number"] else None)


def _symbol(symbol: bytes) -> Iterator[Token]:
    if symbol in _SYMBOLS:
        yield Token("bytes", data=_SYMBOLS[symbol])
    elif _SYMBOL_WORDS.get(symbol):
        yield Token("word", _SYMBOL_WORDS[symbol])
