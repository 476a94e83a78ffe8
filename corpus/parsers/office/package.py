"""Office Open XML packages: parts, the relationships between them, and files embedded whole."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.errors import UnreadableError
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.properties import office_properties
from corpus.parsers.packed import PackedFile
from corpus.parsers.xml import xml_root
from corpus.types import Attachment, MetadataValue

if TYPE_CHECKING:
    from lxml.etree import _Element

RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# Files saved as "Strict Open XML" have other names for the same namespaces.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"


@dataclass(frozen=True, slots=True)
class Relationship:
    """Where a part points to: `kind` is the last part of the type's address, `target` the path of a part."""

    kind: str
    target: str


class Package:
    """The parts of an opened Office file by their paths, such as "word/document.xml"."""

    def __init__(self, packed: PackedFile, name: str) -> None:
        self._packed = packed
        self._name = name
        self._by_folded = {member.casefold(): member for member in packed.names}

    def __contains__(self, part: str) -> bool:
        return part.casefold() in self._by_folded

    def main_part(self) -> str:
        """The path of the document itself. Raises UnreadableError when there is none."""
        found = next(self.related("", "officeDocument"), None)
        if found is None:
            raise UnreadableError(f"{self._name!r} is damaged: it does not say which of its parts is the document")
        return found

    def read(self, part: str) -> bytes:
        """The bytes of a part. Raises UnreadableError when it is missing or damaged."""
        return self._packed.read(self._by_folded.get(part.casefold(), part))

    def xml_bytes(self, part: str) -> bytes:
        """The XML of a part, with the usual namespaces."""
        return _STRICT.sub(_TRANSITIONAL, self.read(part))

    def root(self, part: str) -> "_Element":
        """The root element of a part. Raises UnreadableError when it is missing or damaged."""
        return xml_root(self.xml_bytes(part), self._name)

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Where `part` ("" for the package) points to inside the file, by identifier."""
        folder, file = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{file}.rels")
        if path not in self:
            return {}
        return {
            element.get("Id", ""): Relationship(
                element.get("Type", "").rpartition("/")[2], _target(folder, element.get("Target", ""))
            )
            for element in self.root(path).iter("{*}Relationship")
            if element.get("TargetMode") != "External"
        }

    def related(self, part: str, kind: str) -> Iterator[str]:
        """The parts, of those that exist, to which `part` points with a relationship of this kind."""
        return (link.target for link in self.relationships(part).values() if link.kind == kind and link.target in self)

    def properties(self) -> tuple[str, dict[str, MetadataValue]]:
        """The title and the metadata that the file states of itself."""
        for kind in ("core-properties", "coreProperties"):
            for part in self.related("", kind):
                return office_properties(self.root(part))
        return "", {}

    def gather_embedded(self, part: str, text: OfficeText) -> None:
        """Attach the files embedded in `part` and note the objects in it that only their own programs read."""
        links = {link.target: link.kind for link in self.relationships(part).values() if link.target in self}
        known = {attachment.name for attachment in text.attachments}
        for target, kind in sorted(links.items()):
            if kind in {"package", "aFChunk"} and posixpath.basename(target) not in known:
                text.attachments.append(Attachment(posixpath.basename(target), self.read(target)))
        text.lose("embedded objects of other programs", sum(kind == "oleObject" for kind in links.values()))

    def count_comments(self, part: str, text: OfficeText) -> None:
        """Note how many comments on `part` are left out."""
        for comments in self.related(part, "comments"):
            found = self.root(comments).iter("{*}comment", "{*}cm")
            text.lose("comments", sum(1 for _ in found))


def _target(folder: str, target: str) -> str:
    """The path of a part; it may be given from the root or from the folder of the part that points to it."""
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
