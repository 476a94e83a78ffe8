"""Small old Excel and RTF files for tests, made on the spot, and Office files with a password."""

import io
import random
import struct
from collections.abc import Mapping, Sequence

from tests.corpus.files import with_member
from tests.corpus.office_files import Cell


def ole_file(streams: Mapping[str, bytes]) -> bytes:
    """A compound file of streams, padded to 4096 bytes at least: shorter ones are stored in another way."""
    padded = {name: data.ljust(4096, b"\0") + bytes(-len(data.ljust(4096)) % 512) for name, data in streams.items()}
    entries = [_ole_entry("Root Entry", 5, child=1, start=0xFFFFFFFE, size=0)]
    fat = [0xFFFFFFFD, 0xFFFFFFFE]  # the table itself, then one sector for the directory
    for number, (name, data) in enumerate(padded.items(), start=1):
        following = number + 1 if number < len(padded) else 0xFFFFFFFF
        entries.append(_ole_entry(name, 2, start=len(fat), size=len(data), right=following))
        sectors = len(data) // 512
        fat += [*range(len(fat) + 1, len(fat) + sectors), 0xFFFFFFFE]
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        1,
        1,
        0,
        4096,
        0xFFFFFFFE,
        0,
        0xFFFFFFFE,
        0,
    )
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", *fat, *[0xFFFFFFFF] * (128 - len(fat)))
    return header + table + b"".join(entries).ljust(512, b"\0") + b"".join(padded.values())


def _ole_entry(
    name: str, kind: int, *, start: int, size: int, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF
) -> bytes:
    text = name.encode("utf-16-le").ljust(64, b"\0")
    return struct.pack(
        "<64sHBBIII16xI8x8xIII", text, 2 * len(name) + 2, kind, 1, 0xFFFFFFFF, right, child, 0, start, size, 0
    )


def xls(
    sheets: Mapping[str, Sequence[Sequence[Cell]]], formats: Sequence[str] = (), streams: Mapping[str, bytes] = {}
) -> bytes:
    """An old Excel workbook (BIFF8); number cells have the first of `formats`, if there is one."""
    styles = [_record(0x31, struct.pack("<HHHHHBBBx", 200, 0, 0x7FFF, 400, 0, 0, 0, 0) + b"\x01\0A")] * 5
    styles += [_record(0x41E, struct.pack("<H", 164 + n) + _wide(code)) for n, code in enumerate(formats)]
    for number in (0, *(164 + n for n in range(len(formats)))):
        styles.append(_record(0xE0, struct.pack("<HHH14x", 0, number, 0xFFF5 if number == 0 else 0)))
    bodies = [_xls_sheet(rows, int(bool(formats))) for rows in sheets.values()]
    begin, end = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 6)), _record(0x0A, b"")
    head = begin + _record(0x42, struct.pack("<H", 1200)) + b"".join(styles)
    position = len(head) + len(end) + sum(len(_bound(name, 0)) for name in sheets)
    bounds = b""
    for name, body in zip(sheets, bodies, strict=True):
        bounds += _bound(name, position)
        position += len(body)
    return ole_file({"Workbook": head + bounds + end + b"".join(bodies), **streams})


def _bound(name: str, position: int) -> bytes:
    text = name.encode("utf-16-le")
    return _record(0x85, struct.pack("<IBBBB", position, 0, 0, len(text) // 2, 1) + text)


def _xls_sheet(rows: Sequence[Sequence[Cell]], style: int) -> bytes:
    out = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 1997, 0, 6))
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if isinstance(value, bool):
                out += _record(0x205, struct.pack("<HHHBB", row, column, 0, value, 0))
            elif isinstance(value, str):
                out += _record(0x204, struct.pack("<HHH", row, column, 0) + _wide(value))
            elif value is not None:
                out += _record(0x203, struct.pack("<HHHd", row, column, style, value))
    return out + _record(0x0A, b"")


def _wide(text: str) -> bytes:
    data = text.encode("utf-16-le", "surrogatepass")
    return struct.pack("<HB", len(data) // 2, 1) + data


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def rtf(body: str, head: str = "") -> bytes:
    """An RTF file of raw RTF."""
    return (r"{\rtf1\ansi\ansicpg1252\deff0" + head + body + "}").encode("ascii")


def rtf_text(text: str) -> str:
    """Characters as RTF escapes; line breaks and tabs are words."""
    words = {"\n": "\\line ", "\t": "\\tab ", "\\": "\\\\", "{": "\\{", "}": "\\}"}
    return "".join(words.get(character) or _rtf_character(character) for character in text)


def _rtf_character(character: str) -> str:
    if " " <= character <= "~":
        return character
    units = character.encode("utf-16-le", "surrogatepass")
    return "".join(f"\\u{unit}?" for (unit,) in struct.iter_unpack("<h", units))


def encrypted(data: bytes, password: str) -> bytes:
    """A Word, PowerPoint or Excel file of today under a password."""
    from msoffcrypto.format.ooxml import OOXMLFile

    # The library writes packages of less than 4096 bytes in a way that it cannot read.
    data = with_member(data, "docProps/padding.bin", random.Random(1).randbytes(5000))
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, out)
    return out.getvalue()
