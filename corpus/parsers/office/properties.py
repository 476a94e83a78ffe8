"""Title and metadata as Office and OpenDocument files keep them: Dublin Core elements and a few of their own."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from corpus.language import language_code
from corpus.text import canonical
from corpus.types import MetadataValue

if TYPE_CHECKING:
    from lxml.etree import _Element

# The metadata key of an element's local name. "initial-creator" wrote the document, "creator" changed it last: where
# both are given, the first one is the author.
_OFFICE = {
    "creator": "author",
    "subject": "subject",
    "keywords": "keywords",
    "language": "language",
    "created": "created",
    "modified": "modified",
}
_OPEN_DOCUMENT = {
    "creator": "author",
    "initial-creator": "author",
    "subject": "subject",
    "keyword": "keywords",
    "language": "language",
    "creation-date": "created",
    "date": "modified",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?")


def office_properties(root: "_Element") -> tuple[str, dict[str, MetadataValue]]:
    """Title and metadata in the core properties of a .docx, .pptx or .xlsx file."""
    return _properties(root, _OFFICE)


def open_document_properties(root: "_Element") -> tuple[str, dict[str, MetadataValue]]:
    """Title and metadata in the `meta.xml` of an OpenDocument file; several keywords are joined by commas."""
    return _properties(root, _OPEN_DOCUMENT)


def named_properties(values: dict[str, str]) -> dict[str, MetadataValue]:
    """The metadata among `values`, by metadata key; what is empty, no date or no language is left out."""
    checked = {key: _checked(key, " ".join(canonical(value).split())) for key, value in values.items()}
    return {key: value for key, value in sorted(checked.items()) if value}


def _properties(root: "_Element", keys: dict[str, str]) -> tuple[str, dict[str, MetadataValue]]:
    title = ""
    values: dict[str, str] = {}
    for element in root.iter("{*}*"):
        name, text = element.tag.rpartition("}")[2], (element.text or "").strip()
        key = keys.get(name)
        if name == "title" and not title:
            title = " ".join(canonical(text).split())
        elif key == "keywords" and key in values:
            values[key] += f", {text}"
        elif key and text and (key not in values or name == "initial-creator"):
            values[key] = text
    return title, named_properties(values)


def _checked(key: str, value: str) -> str:
    if key in {"created", "modified"}:
        # OpenDocument has fractions of seconds down to nanoseconds.
        return re.sub(r"\.\d+", "", value) if _is_date(value) else ""
    if key == "language":
        return language_code(value)
    return value


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(re.sub(r"\.\d+", "", value))
    except ValueError:
        return False
    return True
