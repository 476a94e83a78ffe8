"""What an EPUB says of itself: the order of its chapters, their titles in the table of contents, its metadata."""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from corpus.errors import UnreadableError
from corpus.language import language_code
from corpus.parsers.packed import PackedFile
from corpus.parsers.xml import xml_root
from corpus.text import canonical
from corpus.types import MetadataValue

if TYPE_CHECKING:
    from lxml.etree import _Element

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
# Fonts are scrambled by these for their licences; text that is encrypted, by others.
_FONT_SCRAMBLING = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}
_CHAPTER_TYPES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"}


@dataclass(frozen=True, slots=True)
class Book:
    """`chapters` are names of members in reading order; `contents` has the title and level (from 1) of some."""

    title: str
    metadata: dict[str, MetadataValue]
    chapters: tuple[str, ...]
    contents: dict[str, tuple[str, int]] = field(default_factory=dict)


def read_book(package: PackedFile, name: str) -> Book:
    """Read the package document. Raises UnreadableError for a damaged book and for one that is encrypted."""
    _check_encryption(package, name)
    path = _package_path(package, name)
    root = xml_root(package.read(path), name)
    items = {item.get("id", ""): item for item in _all(root, "manifest/item")}
    spine = [items[ref.get("idref", "")] for ref in _all(root, "spine/itemref") if ref.get("idref", "") in items]
    chapters = [item for item in spine if item.get("media-type") in _CHAPTER_TYPES and not _is_navigation(item)]
    if not chapters:
        raise UnreadableError(f"{name!r} is a damaged book: it lists no chapters")
    folder = posixpath.dirname(path)
    return Book(
        title=_first(root, "title"),
        metadata=_metadata(root),
        chapters=tuple(_member(folder, item.get("href", "")) for item in chapters),
        contents=_contents(package, items.values(), folder, name),
    )


def _check_encryption(package: PackedFile, name: str) -> None:
    if _ENCRYPTION not in package:
        return
    methods = {
        method.get("Algorithm")
        for data in xml_root(package.read(_ENCRYPTION), name).iter("{*}EncryptedData")
        for method in data.iterfind("{*}EncryptionMethod")
    }
    if methods - _FONT_SCRAMBLING:
        raise UnreadableError(f"{name!r} is a book with copy protection (DRM): only the reader of its shop opens it")


def _package_path(package: PackedFile, name: str) -> str:
    if _CONTAINER in package:
        for file in xml_root(package.read(_CONTAINER), name).iter("{*}rootfile"):
            path: str = file.get("full-path", "")
            if path in package:
                return path
    path = next((member for member in package.names if member.lower().endswith(".opf")), "")
    if not path:
        raise UnreadableError(f"{name!r} is a damaged book: its package document is missing")
    return path


def _all(root: "_Element", path: str) -> list["_Element"]:
    return list(root.findall("/".join(f"{{*}}{step}" for step in path.split("/"))))


def _is_navigation(item: "_Element") -> bool:
    return "nav" in item.get("properties", "").split()


def _member(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0])))


def _metadata(root: "_Element") -> dict[str, MetadataValue]:
    values = {
        "author": "; ".join(filter(None, map(_text, _all(root, "metadata/creator")))),
        "subject": "; ".join(filter(None, map(_text, _all(root, "metadata/subject")))),
        "language": language_code(_first(root, "language")),
        "created": _first(root, "date"),
    }
    return {key: value for key, value in values.items() if value}


def _first(root: "_Element", term: str) -> str:
    return next(filter(None, map(_text, _all(root, f"metadata/{term}"))), "")


def _text(element: "_Element") -> str:
    return " ".join(canonical("".join(element.itertext())).split())


def _contents(package: PackedFile, items: "Iterable[_Element]", folder: str, name: str) -> dict[str, tuple[str, int]]:
    """The entries that lead to whole chapters, by the navigation document (EPUB 3) or the NCX (EPUB 2)."""
    contents: dict[str, tuple[str, int]] = {}
    for item in items:
        path = _member(folder, item.get("href", ""))
        is_ncx = item.get("media-type") == "application/x-dtbncx+xml"
        if path not in package or not (is_ncx or _is_navigation(item)):
            continue
        try:
            root = xml_root(package.read(path), name)
        except UnreadableError:
            continue  # titles only: the text has its own headings
        for href, title, level in _ncx_entries(root) if is_ncx else _nav_entries(root):
            contents.setdefault(_member(posixpath.dirname(path), href), (title, level))
    return contents


def _ncx_entries(root: "_Element") -> Iterator[tuple[str, str, int]]:
    for point in root.iter("{*}navPoint"):
        target, label = point.find("{*}content"), point.find("{*}navLabel")
        if target is not None and label is not None:
            level = 1 + sum(1 for _ in point.iterancestors("{*}navPoint"))
            yield target.get("src", ""), _text(label), level


def _nav_entries(root: "_Element") -> Iterator[tuple[str, str, int]]:
    for navigation in root.iter("{*}nav"):
        if "toc" not in navigation.get("{http://www.idpf.org/2007/ops}type", "toc").split():
            continue  # a list of printed pages, or of landmarks
        for link in navigation.iter("{*}a"):
            yield link.get("href", ""), _text(link), sum(1 for _ in link.iterancestors("{*}ol")) or 1
