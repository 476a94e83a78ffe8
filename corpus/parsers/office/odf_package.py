"""OpenDocument files: their parts, and whether they are encrypted."""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.parsers.office.properties import open_document_properties
from corpus.parsers.packed import PackedFile, packed_file
from corpus.parsers.protocol import ParseOptions
from corpus.parsers.xml import xml_root
from corpus.types import MetadataValue

if TYPE_CHECKING:
    from lxml.etree import _Element

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
_MANIFEST = "META-INF/manifest.xml"
CONTENT = "content.xml"


class OdfPackage:
    """The parts of an opened OpenDocument file."""

    def __init__(self, packed: PackedFile, name: str) -> None:
        self.name = name
        self._packed = packed

    def content(self) -> bytes:
        """The XML of the document itself. Raises UnreadableError when it is missing or damaged."""
        return self._packed.read(CONTENT)

    def body(self, kind: str) -> "_Element":
        """The root of the document's content, of which `kind` ("text", "presentation") is the body.

        Raises UnreadableError when it is missing or damaged.
        """
        body = xml_root(self.content(), self.name).find(f"{OFFICE}body/{OFFICE}{kind}")
        if body is None:
            raise UnreadableError(f"{self.name!r} is damaged: it holds no {kind}, although it says so")
        return body

    def embedded(self, link: str) -> "_Element | None":
        """The content of the document that is embedded under a link such as "./Object 1"."""
        part = posixpath.join(posixpath.normpath(link), CONTENT)
        return xml_root(self._packed.read(part), self.name) if part in self._packed else None

    def properties(self) -> tuple[str, dict[str, MetadataValue]]:
        """The title and the metadata that the file states of itself."""
        if "meta.xml" not in self._packed:
            return "", {}
        return open_document_properties(xml_root(self._packed.read("meta.xml"), self.name))


@contextmanager
def odf_package(data: bytes, name: str, options: ParseOptions) -> Iterator[OdfPackage]:
    """Open a file. Raises UnreadableError for a damaged or encrypted one, TooLargeError for one beyond the limits."""
    with packed_file(data, name, options.limits) as packed:
        if _MANIFEST in packed and b"encryption-data" in packed.read(_MANIFEST):
            raise UnreadableError(f"{name!r} is encrypted with a password; save it without the password")
        yield OdfPackage(packed, name)
