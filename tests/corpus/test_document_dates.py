"""Of when a document is."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document_dates import date_of, dates_in, document_date


@pytest.mark.parametrize(
    ("value", "written", "start"),
    [
        (2024, "2024", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024", "2024", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-03", "2024-03", datetime(2024, 3, 1, tzinfo=UTC)),
        (" 2024-03-09 ", "2024-03-09", datetime(2024, 3, 9, tzinfo=UTC)),
        ("2024-03-09T01:30:00+02:00", "2024-03-09T01:30:00+02:00", datetime(2024, 3, 8, 23, 30, tzinfo=UTC)),
        ("2024-03-09 01:30", "2024-03-09 01:30", datetime(2024, 3, 9, 1, 30, tzinfo=UTC)),
        ("2024-03-09T01:30:00Z", "2024-03-09T01:30:00Z", datetime(2024, 3, 9, 1, 30, tzinfo=UTC)),
        ("1 March 2024", "2024-03-01", datetime(2024, 3, 1, tzinfo=UTC)),
        ("March 1st, 2024", "2024-03-01", datetime(2024, 3, 1, tzinfo=UTC)),
        ("Sept. 2024", "2024-09", datetime(2024, 9, 1, tzinfo=UTC)),
        ("1.3.2024", "2024-03-01", datetime(2024, 3, 1, tzinfo=UTC)),
    ],
)
def test_values_that_are_dates(value: str | int, written: str, start: datetime) -> None:
    found = date_of(value)
    assert found is not None
    assert (found.written, found.start) == (written, start)


@pytest.mark.parametrize(
    "value", ["", "soon", "2024-13", "2024-02-30", "31 April 2024", 12, 3000, 2024.5, True, None, "3/4/2024", "1066"]
)
def test_values_that_are_none(value: object) -> None:
    assert date_of(value) is None


@pytest.mark.parametrize(
    ("outside", "own", "title", "name", "expected"),
    [
        ({"date": "2020"}, {"date": "2020", "modified": "2024-01-01"}, "Fees 2022", "x.txt", ("2020", "metadata")),
        ({"year": 2019}, {"modified": "2024-01-01"}, "", "", ("2019", "metadata")),
        ({}, {"created": "2023-05-05", "modified": "2024-01-01"}, "", "", ("2024-01-01", "metadata")),
        ({"team": "pool"}, {"team": "pool"}, "Fees 2022", "fees-2021.txt", ("2022", "title")),
        ({}, {}, "Minutes of 11 March 2025", "", ("2025-03-11", "title")),
        ({}, {}, "Minutes", "council-minutes-2025-03-11.md", ("2025-03-11", "name")),
        ({}, {}, "Tariff", "tariff-2024.pdf", ("2024", "name")),
        ({}, {}, "Season 2024/25", "", ("2024", "title")),
    ],
)
def test_what_counts_first(
    outside: dict[str, object], own: dict[str, object], title: str, name: str, expected: tuple[str, str]
) -> None:
    found = document_date(outside, own, title, name)
    assert found is not None
    assert (found.written, found.source) == expected


@pytest.mark.parametrize("title", ["Plan of 2019 for 2030", "Report 12345", "1.2024.5", "Boeing 747"])
def test_titles_without_a_date_of_their_own(title: str) -> None:
    assert document_date({}, {}, title) is None


@given(st.dates(date(1600, 1, 1), date(2099, 12, 31)))
def test_any_day_is_found_again_however_it_is_written(day: date) -> None:
    for text in (day.isoformat(), f"{day.day} {day:%B} {day.year}", f"{day:%B} {day.day}, {day.year}"):
        found = date_of(text)
        assert found is not None
        assert found.start.date() == day
        assert [one.written for one, _, _ in dates_in(f"From {text} on it is open.")] == [day.isoformat()]


@given(st.text())
def test_any_text_has_dates_or_none(text: str) -> None:
    date_of(text)
    for _, start, end in dates_in(text):
        assert text[start:end]
    document_date({}, {"date": text}, text, text)
