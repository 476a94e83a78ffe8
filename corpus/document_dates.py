"""Of when a document is: what its metadata say, else its title or the name of its file.

A date is as precise as it was given: "2024", "2024-03", "2024-03-01", or with a time. What was given with the document
goes before what the file says of itself, and a file's own date before one in its title or name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

import regex

from corpus.records import DocumentVersion

Source = Literal["metadata", "title", "name"]

KEYS: Final = ("date", "effective", "modified", "updated", "published", "issued", "created", "year")
"""Keys of metadata that hold a document's date, the one that counts first."""

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_MONTH = rf"(?P<word>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\.?"
_YEAR = r"(?P<year>(?:1[6-9]|20)\d\d)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_ISO = rf"{_YEAR}(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?P<time>[T ]\d\d:\d\d\S*)?)?)?"
_WRITTEN = (
    rf"{_DAY}\s+{_MONTH},?\s+{_YEAR}",
    rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
    rf"{_MONTH}\s+{_YEAR}",
    r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?" + _YEAR,
)
_WHOLE = tuple(regex.compile(pattern, regex.IGNORECASE) for pattern in (_ISO, *_WRITTEN))
# In a text a year alone may be any number, so it is looked for last and must be the only one.
_INSIDE = regex.compile(
    rf"(?<![\d.,])(?:{_YEAR}-(?P<month>\d\d)(?:-(?P<day>\d\d))?|{'|'.join(_WRITTEN)})(?!\d)", regex.IGNORECASE
)
_YEAR_ALONE = regex.compile(rf"(?<![\d.,]){_YEAR}(?!\d|[.,]\d)")


@dataclass(frozen=True, slots=True, order=True)
class DocumentDate:
    """A date: when the time that it names begins (UTC), as it is written (ISO 8601), and where it was found."""

    start: datetime
    written: str = field(compare=False)
    source: Source = field(compare=False, default="metadata")


def document_date(
    given: Mapping[str, Any], metadata: Mapping[str, Any], title: str = "", name: str = ""
) -> DocumentDate | None:
    """The date of a document with these metadata; `given` are those that came with it from outside."""
    for fields in (given, metadata):
        for key in KEYS:
            found = date_of(fields.get(key))
            if found is not None:
                return found
    in_title, in_name = _only_date(title), _only_date(name)
    if in_title is not None:
        return replace(in_title, source="title")
    return None if in_name is None else replace(in_name, source="name")


def version_date(version: DocumentVersion) -> DocumentDate | None:
    """The date of a stored version."""
    return document_date(version.given.metadata, version.metadata, version.title, version.name)


def written_date(version: DocumentVersion) -> str | None:
    """The date of a stored version as it is written, ISO 8601."""
    date = version_date(version)
    return None if date is None else date.written


def date_of(value: Any) -> DocumentDate | None:
    """The date that a value of metadata is, such as 2024, "2024-03-01T09:00:00+01:00" or "1 March 2024"."""
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    matches = (pattern.fullmatch(text) for pattern in _WHOLE)
    return next((found for match in matches if match and (found := _date(match.groupdict()))), None)


def dates_in(text: str) -> Iterator[tuple[DocumentDate, int, int]]:
    """The dates in a text that have a month, with where they begin and end."""
    for match in _INSIDE.finditer(text):
        found = _date(match.groupdict())
        if found is not None:
            yield found, match.start(), match.end()


def _only_date(text: str) -> DocumentDate | None:
    """The date of a title: one with a month, or the only year in it."""
    full = next(dates_in(text), None)
    if full is not None:
        return full[0]
    years = {match["year"] for match in _YEAR_ALONE.finditer(text)}
    return date_of(years.pop()) if len(years) == 1 else None


def _date(parts: Mapping[str, str | None]) -> DocumentDate | None:
    """The date of the groups of a pattern; None where there is no such day."""
    word, number, time = parts.get("word"), parts.get("month"), parts.get("time") or ""
    month = f"{_MONTHS[word.casefold()] if word else int(number or 1):02}"
    day = f"{int(parts.get('day') or 1):02}"
    begins = f"{parts['year']}-{month}-{day}{time}"
    try:
        start = datetime.fromisoformat(begins)
    except ValueError:
        return None
    known = 1 + bool(word or number) + bool(parts.get("day"))
    written = begins if time else "-".join(begins.split("-")[:known])
    return DocumentDate((start if start.tzinfo else start.replace(tzinfo=UTC)).astimezone(UTC), written)
