"""Small mails, mailboxes, books and archives for tests, made on the spot."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from email.message import EmailMessage

_CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)


def mail_of(
    text: str | None = None,
    html: str | None = None,
    attachments: Sequence[tuple[str, bytes]] = (),
    **headers: str,
) -> bytes:
    """A mail as mail programs write them; `_` in a header's name stands for "-"."""
    message = EmailMessage()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if text is not None:
        message.set_content(text)
    if html is not None:
        (message.add_alternative if text is not None else message.set_content)(html, subtype="html")
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def mbox_of(*messages: bytes) -> bytes:
    """A mailbox in one file; lines of the messages that begin with "From " are quoted."""
    quoted = (message.replace(b"\nFrom ", b"\n>From ") for message in messages)
    return b"".join(b"From a@b.example Sat Jan  3 01:05:34 1996\n" + message + b"\n" for message in quoted)


def zip_archive(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_flag(archive: bytes, flag: int) -> bytes:
    """The archive with a flag set for all of its members, such as 1 for encrypted."""
    changed = bytearray(archive)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(signature)
        while at >= 0:
            changed[at + place] |= flag
            at = changed.find(signature, at + 1)
    return bytes(changed)


def encrypted_zip(name: str, content: bytes, password: bytes) -> bytes:
    """A ZIP archive of one stored member, encrypted with the old method (APPNOTE 6.1)."""
    keys = _ZipKeys(password)
    checksum = zlib.crc32(content)
    encrypted = keys.encrypt(bytes(11) + bytes([checksum >> 24]) + content)
    plain = zip_archive({name: content}, zipfile.ZIP_STORED)
    archive = bytearray(with_flag(plain, 1).replace(content, encrypted, 1))
    for signature, place in ((b"PK\x03\x04", 18), (b"PK\x01\x02", 20)):
        struct.pack_into("<I", archive, archive.find(signature) + place, len(encrypted))
    end = archive.rfind(b"PK\x05\x06")
    struct.pack_into("<I", archive, end + 16, archive.find(b"PK\x01\x02"))
    return bytes(archive)


class _ZipKeys:
    def __init__(self, password: bytes) -> None:
        self._keys = [0x12345678, 0x23456789, 0x34567890]
        for byte in password:
            self._update(byte)

    def encrypt(self, content: bytes) -> bytes:
        out = bytearray()
        for byte in content:
            low = self._keys[2] | 2
            out.append(byte ^ (((low * (low ^ 1)) >> 8) & 0xFF))
            self._update(byte)
        return bytes(out)

    def _update(self, byte: int) -> None:
        first, second, third = self._keys
        first = _crc_step(byte, first)
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        self._keys = [first, second, _crc_step(second >> 24, third)]


def _crc_step(byte: int, crc: int) -> int:
    return zlib.crc32(bytes([byte]), crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def tar_archive(members: Mapping[str, bytes], mode: str = "w", specials: Sequence[tarfile.TarInfo] = ()) -> bytes:
    """A TAR archive; `mode` "w:gz" and the like pack it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for special in specials:
            archive.addfile(special)
    return out.getvalue()


def tar_special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """A link, a device or a pipe for a TAR archive."""
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = target
    return member


def epub_of(
    chapters: Sequence[str],
    title: str = "",
    contents: Sequence[tuple[int, str]] = (),
    ncx: bool = False,
    metadata: str = "",
    more: Mapping[str, str] | None = None,
) -> bytes:
    """A book of chapters, each the inside of a body; `contents` has (chapter from 1, title) of its table."""
    chapter_names = [f"chapter {number}.xhtml" for number in range(1, len(chapters) + 1)]
    links = [(title, chapter_names[number - 1].replace(" ", "%20")) for number, title in contents]
    items = "".join(
        f'<item id="c{number}" href="{name.replace(" ", "%20")}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapter_names)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    if ncx:
        items += '<item id="toc" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    elif contents:
        items += '<item id="toc" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        spine = '<itemref idref="toc"/>' + spine
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "OEBPS/book.opf": (
            '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{title}</dc:title>{metadata}</metadata>"
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
        ),
        "OEBPS/toc.ncx" if ncx else "OEBPS/nav.xhtml": _ncx(links) if ncx else _nav(links),
    }
    members |= {f"OEBPS/{name}": _chapter(body) for name, body in zip(chapter_names, chapters, strict=True)}
    members |= more or {}
    return zip_archive({name: content.encode() for name, content in members.items()})


def _chapter(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head>'
        f"<body>{body}</body></html>"
    )


def _nav(links: Sequence[tuple[str, str]]) -> str:
    entries = "".join(f'<li><a href="{href}">{title}</a></li>' for title, href in links)
    return (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f'<body><nav epub:type="toc"><ol>{entries}</ol></nav>'
        '<nav epub:type="page-list"><ol><li><a href="chapter%201.xhtml">PAGE 1</a></li></ol></nav></body></html>'
    )


def _ncx(links: Sequence[tuple[str, str]]) -> str:
    points = "".join(
        f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{href}"/></navPoint>'
        for title, href in links
    )
    return f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'
