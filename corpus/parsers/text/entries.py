"""What a text file says about itself, under the names that metadata have here."""

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from corpus.text import canonical
from corpus.types import MetadataValue

# What the entries of `corpus.types.ParsedDocument.metadata` are called in files.
_NAMES: Final = {
    "authors": "author",
    "creator": "author",
    "date": "created",
    "published": "created",
    "created_at": "created",
    "updated": "modified",
    "updated_at": "modified",
    "lastmod": "modified",
    "lang": "language",
    "locale": "language",
    "tags": "keywords",
    "categories": "keywords",
}
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]+)*", re.IGNORECASE)
# Longer entries are texts rather than facts about one.
_LONGEST = 1000
_MOST_ENTRIES = 100


def document_metadata(entries: Mapping[Any, Any]) -> dict[str, MetadataValue]:
    """The entries that are single values or lists of such; nested ones are left out, and so is the title."""
    found: dict[str, MetadataValue] = {}
    for key, value in entries.items():
        name = canonical(str(key)).strip()
        name = _NAMES.get(name.lower(), name.lower() if name.lower() in _NAMES.values() else name)
        entry = _language(value) if name == "language" else scalar(value)
        if entry not in {None, ""} and name and name.lower() != "title" and len(found) < _MOST_ENTRIES:
            found.setdefault(name, entry)
    return found


def scalar(value: Any) -> MetadataValue | None:
    """A value as metadata hold it: dates in ISO 8601, lists joined by commas; None for what is nested or too long."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if abs(value) < 2**53 else str(value)  # "nan" and the like are words, too
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return _joined(value)
    return canonical(value).strip() if isinstance(value, str) and len(value) <= _LONGEST else None


def _joined(values: Iterable[Any]) -> str | None:
    parts = [None if isinstance(value, list | tuple) else scalar(value) for value in values]
    joined = ", ".join(str(part) for part in parts if part is not None)
    return joined if parts and None not in parts and len(joined) <= _LONGEST else None


def _language(value: Any) -> str | None:
    code = _LANGUAGE.fullmatch(value.strip()) if isinstance(value, str) else None
    return code[1].lower() if code else None
