"""What a text file says about itself, under the names that metadata have here."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Final

from corpus.language import language_code
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
# Longer entries are texts rather than facts about one.
_LONGEST = 1000
_MOST_ENTRIES = 100
# Python writes no number of more than 4300 digits; nobody counts so far.
_MOST_BITS = 4000


def document_metadata(entries: Mapping[Any, Any]) -> dict[str, MetadataValue]:
    """The entries that are single values or lists of such; nested ones are left out, and so is the title."""
    found: dict[str, MetadataValue] = {}
    for key, value in entries.items():
        name = canonical(str(key)).strip()
        name = _NAMES.get(name.lower(), name.lower() if name.lower() in _NAMES.values() else name)
        entry = language_code(str(scalar(value))) if name == "language" else scalar(value)
        if entry not in {None, ""} and name and name.lower() != "title" and len(found) < _MOST_ENTRIES:
            found.setdefault(name, entry)
    return found


def stated_title(entries: Mapping[Any, Any]) -> str:
    """The title among the entries, on one line; "" without."""
    titles = (scalar(value) for key, value in entries.items() if str(key).strip().lower() == "title")
    return next((" ".join(str(title).split()) for title in titles if title not in {None, ""}), "")


def scalar(value: Any) -> MetadataValue | None:
    """A value as metadata hold it: dates in ISO 8601, lists joined by commas; None for what is nested or too long."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return None
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
