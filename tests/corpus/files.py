"""Small real files for tests, made on the spot."""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence

import docx
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part

_PASSWORD_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def pdf(
    pages: Sequence[str],
    outline: Sequence[tuple[int, str, int]] = (),
    title: str | None = None,
    password: str | None = None,
    media_box: tuple[int, int] = (612, 792),
) -> bytes:
    """A PDF with one line of text a line of each page; `outline` has (level from 1, title, page from 1)."""
    key = None if password is None else _Key(password)
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /Outlines 4 0 R >>",
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    }
    kids = []
    for page in pages:
        number = 10 + 2 * len(kids)
        content = _content(page, media_box[1]).encode("cp1252")
        content = content if key is None else key.encrypted(content, number)
        objects[number] = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content)
        objects[number + 1] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>"
        ) % (*media_box, number)
        kids.append(number + 1)
    references = " ".join(f"{kid} 0 R" for kid in kids)
    objects[2] = f"<< /Type /Pages /Count {len(kids)} /Kids [{references}] >>".encode()
    objects |= _outline_objects(outline, first=10 + 2 * len(kids))
    trailer = "/Root 1 0 R"
    if title is not None:
        objects[5] = f"<< /Title {_text_string(title)} >>".encode()
        trailer += " /Info 5 0 R"
    if key is not None:
        objects[6] = key.dictionary
        trailer += f" /Encrypt 6 0 R /ID [<{_FILE_ID.hex()}> <{_FILE_ID.hex()}>]"
    return _written(objects, trailer)


def _content(page: str, height: int) -> str:
    lines = []
    for number, line in enumerate(page.split("\n")):
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        lines.append(f"BT /F1 10 Tf 40 {height - 50 - 14 * number} Td ({escaped}) Tj ET")
    return "\n".join(lines)


def _outline_objects(outline: Sequence[tuple[int, str, int]], first: int) -> dict[int, bytes]:
    """Bookmarks linked as siblings and children by their levels."""
    numbers = [first + position for position in range(len(outline))]
    parents, last_at = [], {0: 4}
    for number, (level, _, _) in zip(numbers, outline, strict=True):
        parents.append(last_at[level - 1])
        last_at[level] = number
    siblings = {parent: [n for n, p in zip(numbers, parents, strict=True) if p == parent] for parent in {4, *parents}}
    objects = {4: f"<< /Type /Outlines {_ends(siblings[4])} >>".encode()}
    for number, parent, (_, title, page) in zip(numbers, parents, outline, strict=True):
        row, place = siblings[parent], siblings[parent].index(number)
        neighbours = f"/Prev {row[place - 1]} 0 R " if place else ""
        neighbours += f"/Next {row[place + 1]} 0 R " if place + 1 < len(row) else ""
        objects[number] = (
            f"<< /Title {_text_string(title)} /Parent {parent} 0 R {neighbours}{_ends(siblings.get(number, []))} "
            f"/Dest [{9 + 2 * page} 0 R /Fit] >>"
        ).encode()
    return objects


def _text_string(text: str) -> str:
    return "<feff" + text.encode("utf-16-be").hex() + ">"


def _ends(children: Sequence[int]) -> str:
    return f"/First {children[0]} 0 R /Last {children[-1]} 0 R /Count {len(children)}" if children else ""


def _written(objects: Mapping[int, bytes], trailer: str) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = {}
    for number in sorted(objects):
        offsets[number] = len(out)
        out += f"{number} 0 obj\n".encode() + objects[number] + b"\nendobj\n"
    size, xref = max(objects) + 1, len(out)
    out += f"xref\n0 {size}\n".encode()
    for number in range(size):
        out += f"{offsets.get(number, 0):010} {'00000 n' if number in offsets else '65535 f'} \n".encode()
    out += f"trailer\n<< /Size {size} {trailer} >>\nstartxref\n{xref}\n%%EOF\n".encode()
    return bytes(out)


_FILE_ID = b"sixteen bytes id"


class _Key:
    """The standard security handler with 40-bit RC4 (ISO 32000-1, 7.6.3)."""

    def __init__(self, password: str) -> None:
        padded = (password.encode() + _PASSWORD_PADDING)[:32]
        owner = _rc4(_md5(padded)[:5], padded)
        self._key = _md5(padded + owner + (-4).to_bytes(4, "little", signed=True) + _FILE_ID)[:5]
        user = _rc4(self._key, _PASSWORD_PADDING)
        self.dictionary = f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{owner.hex()}> /U <{user.hex()}> >>".encode()

    def encrypted(self, content: bytes, number: int) -> bytes:
        return _rc4(_md5(self._key + number.to_bytes(3, "little") + bytes(2))[:10], content)


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def docx_bytes(document: "docx.document.Document") -> bytes:
    """The file that python-docx saves for `document`."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def docx_of(*paragraphs: str | tuple[str, str]) -> bytes:
    """A Word file of paragraphs, each a text or a (style, text)."""
    document = docx.Document()
    for paragraph in paragraphs:
        style, text = paragraph if isinstance(paragraph, tuple) else (None, paragraph)
        document.add_paragraph(text, style)
    return docx_bytes(document)


def docx_with_body(body: str) -> bytes:
    """A Word file with raw XML as its body."""
    return with_member(docx_of("x"), "word/document.xml", _WORD_XML.format(body=body).encode())


def add_footnotes(document: "docx.document.Document", *notes: str) -> None:
    """Give the document footnotes, after the separator line that Word keeps among them."""
    rows = "".join(f"<w:footnote><w:p><w:r><w:t>{note}</w:t></w:r></w:p></w:footnote>" for note in notes)
    separator = '<w:footnote w:type="separator"><w:p><w:r><w:t>SEPARATOR</w:t></w:r></w:p></w:footnote>'
    xml = f'<w:footnotes xmlns:w="{_W}">{separator}{rows}</w:footnotes>'.encode()
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, xml, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_WORD_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    "<w:body>{body}</w:body></w:document>"
)


def with_member(archive: bytes, name: str, content: bytes) -> bytes:
    """The ZIP archive with one member replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return out.getvalue()


def zip_of(**members: bytes) -> bytes:
    """A ZIP archive; `__` in a member's name stands for "/" and `_` for "."."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def ole(stream: str = "") -> bytes:
    """The beginning of an OLE container, as of old Office files, with the name of one stream in it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(64)
