"""Answers as of a day: documents that are dated after it are left out, those without a date stay."""

from datetime import UTC, date, datetime, timedelta

import regex

from corpus.document_dates import date_of
from corpus.errors import BadInputError
from index.metadata_index import Selection

_DATE = regex.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


def not_after(as_of: str) -> Selection:
    """The documents that are not dated after a day, month or year has ended, or after a moment.

    Raises BadInputError for what is no date of ISO 8601.
    """
    end = _end(as_of).timestamp()
    # Of a document without a date every comparison is false.
    return lambda segment: ~(segment.dates >= end)


def _end(as_of: str) -> datetime:
    """When what is no longer before it begins."""
    found = date_of(as_of) if as_of[:4].isdigit() else None
    if found is None:
        raise BadInputError(
            f"as_of is {as_of!r}; it must be a date such as 2023-05-01, 2023-05 or 2023, or a time such as "
            "2023-05-01T12:00:00Z"
        )
    if _DATE.fullmatch(found.written) is None:
        return found.start + timedelta(microseconds=1)
    year, month, day = found.start.year, found.start.month, found.start.day
    parts = found.written.count("-")
    if parts == 2:
        return datetime(year, month, day, tzinfo=UTC) + timedelta(days=1)
    following = date(year + 1, 1, 1) if parts == 0 or month == 12 else date(year, month + 1, 1)
    return datetime(following.year, following.month, 1, tzinfo=UTC)
