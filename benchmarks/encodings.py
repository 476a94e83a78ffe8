"""How often the text of a file in a legacy encoding is right: Pincite beside detection libraries, in one run.

Usage: encodings.py --data DIR. DIR has an `inventory.jsonl` of rows with "file", "encoding" (the true one) and perhaps
"utf8_pair", the same text in UTF-8. Libraries that are not installed are left out (charset-normalizer, chardet,
faust-cchardet, bytesense, chardetng-py).

A text is right if it equals the one that the true encoding gives, newlines aside. "harmless" counts texts that differ
from it in nothing but signs to which standards and makers of systems gave different code points (see `_HARMLESS`).
The time is that of detection and decoding, a file, after a first file that loads everything.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from corpus.errors import PinciteError
from corpus.parsers.decoding import decode
from corpus.text import canonical

_PYTHON_NAMES = {"maccyrillic": "mac_cyrillic", "macroman": "mac_roman"}
# The same sign under two code points: JIS and GB standards beside what Windows made of them.
_HARMLESS = str.maketrans("〜‖−¢£¬—・¥‾", "～∥－￠￡￢―·\\~")
Reader = Callable[[bytes], str]


def main(data: Path) -> None:
    """Print a row for each detector."""
    rows = [json.loads(line) for line in (data / "inventory.jsonl").read_text("utf-8").splitlines()]
    files = [(row, (data / row["file"]).read_bytes()) for row in rows if row.get("encoding")]
    gold = [_gold(row, content, data) for row, content in files]
    print(f"{len(files)} files, {sum('utf8_pair' in row for row, _ in files)} of them with a twin in UTF-8\n")
    print("| detector | right | share | harmless | twins right | ms a file |\n|---|---|---|---|---|---|")
    for name, read in _readers().items():
        _text(read, files[0][1])
        begun = time.perf_counter()
        texts = [_text(read, content) for _, content in files]
        taken = (time.perf_counter() - begun) / len(files) * 1000
        pairs = list(zip(texts, gold, strict=True))
        right = sum(text == true for text, true in pairs)
        harmless = sum(text != true and _alike(text, true) for text, true in pairs)
        twins = sum("utf8_pair" in row and text == true for (row, _), (text, true) in zip(files, pairs, strict=True))
        print(f"| {name} | {right} | {right / len(files):.3f} | {harmless} | {twins} | {taken:.1f} |")


def _gold(row: dict[str, str], content: bytes, data: Path) -> str:
    if "utf8_pair" in row:
        return _plain((data / row["utf8_pair"]).read_text("utf-8"))
    encoding = row["encoding"].lower()
    return _plain(content.decode(_PYTHON_NAMES.get(encoding, encoding), errors="replace"))


def _text(read: Reader, content: bytes) -> str | None:
    """The text; None where none is given."""
    try:
        return _plain(read(content))
    except (PinciteError, UnicodeDecodeError, LookupError, ValueError):
        return None


def _plain(text: str) -> str:
    return canonical(text).removeprefix("\ufeff")


def _alike(text: str | None, true: str) -> bool:
    return text is not None and text.translate(_HARMLESS) == true.translate(_HARMLESS)


def _readers() -> dict[str, Reader]:
    readers: dict[str, Reader] = {"Pincite": lambda content: decode(content, "a file")}
    for name, make in {
        "chardet": _chardet,
        "bytesense": _bytesense,
        "charset-normalizer": _charset_normalizer,
        "faust-cchardet": _cchardet,
        "chardetng": _chardetng,
    }.items():
        try:
            readers[name] = _by_encoding(make())
        except ImportError:
            print(f"{name} is not installed", file=sys.stderr)
    return readers


def _by_encoding(detect: Callable[[bytes], str | None]) -> Reader:
    def read(content: bytes) -> str:
        encoding = detect(content)
        if encoding is None:
            raise ValueError("no encoding")
        return content.decode(encoding)

    return read


def _chardet() -> Callable[[bytes], str | None]:
    import chardet

    return lambda content: chardet.detect(content)["encoding"]


def _bytesense() -> Callable[[bytes], str | None]:
    import bytesense

    return lambda content: bytesense.from_bytes(content).encoding


def _charset_normalizer() -> Callable[[bytes], str | None]:
    import charset_normalizer

    def detect(content: bytes) -> str | None:
        best = charset_normalizer.from_bytes(content).best()
        return best.encoding if best else None

    return detect


def _cchardet() -> Callable[[bytes], str | None]:
    import cchardet

    return lambda content: cchardet.detect(content)["encoding"]


def _chardetng() -> Callable[[bytes], str | None]:
    import chardetng_py

    return chardetng_py.detect


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    main(parser.parse_args().data)
