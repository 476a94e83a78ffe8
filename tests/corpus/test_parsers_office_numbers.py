import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.parsers.office.number_formats import general, shown_number


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (12.0, "General", "12"),
        (1 / 3, "General", "0.333333333333333"),
        (0.125, "0%", "13%"),
        (0.125, "0.0%", "12.5%"),
        (-0.004, "0%", "0%"),
        (1234.5, "#,##0.00", "1,234.50"),
        (1234567, "#,##0", "1,234,567"),
        (1234.5, '"$"#,##0.00', "$1,234.50"),
        (-1234.5, '"$"#,##0.00', "-$1,234.50"),
        (-1234.5, '_($* #,##0.00_);_($* \\(#,##0.00\\);_($* "-"??_);_(@_)', "$(1,234.50)"),
        (0, '_($* #,##0.00_);_($* \\(#,##0.00\\);_($* "-"??_);_(@_)', "$-"),
        (1234.5, "#,##0.00\\ [$€-407]", "1,234.50 €"),
        (5, "[Red]0.0;[Blue]-0.0", "5.0"),
        (-5, "[Red]0.0;[Blue]-0.0", "-5.0"),
        (7, "00000", "00007"),
        (0.5, "#.##", ".5"),
        (2.5, "0", "3"),
        (21, '0 "kg"', "21 kg"),
        (3, '"Nr. "General', "Nr. 3"),
        # More than digits with text around them: the bare number.
        (0.5, "# ?/?", "0.5"),
        (1500, "#,##0,", "1500"),
        (1500, "[>1000]0.0;0", "1500"),
        (1500, "0.00E+00", "1500"),
        (1500, ";;;", "1500"),
        (1e300, "0.00", "1E+300"),
        (float("inf"), "0", "INF"),
        # Dates and times.
        (45000, "d/m/yyyy", "2023-03-15"),
        (45000.5, "d/m/yyyy", "2023-03-15"),
        (45000.5, "d/m/yyyy h:mm", "2023-03-15 12:00:00"),
        (45000, "d/m/yyyy h:mm", "2023-03-15"),
        (45000, "[$-409]mmmm\\ yy;@", "2023-03-15"),
        (0.75, "h:mm AM/PM", "18:00:00"),
        (1.5, "[h]:mm", "36:00:00"),
        (59, "dd.mm.yyyy", "1900-02-28"),
        (61, "dd.mm.yyyy", "1900-03-01"),
        (1, "dd.mm.yyyy", "1900-01-01"),
        (0, "dd.mm.yyyy", "0"),
        (-1, "dd.mm.yyyy", "-1"),
        (3e6, "dd.mm.yyyy", "3000000"),
        (45000, 'yyyy"年"m"月"d"日"', "2023-03-15"),
        (2, '0 "days"', "2 days"),
    ],
)
def test_numbers_are_shown_as_in_a_sheet(value, code, text):
    assert shown_number(value, code) == text


@given(st.floats(allow_nan=True, allow_infinity=True), st.text('0#?,.%;_*\\"[]$€-dmyhsAP/E+@ Gx<>', max_size=12))
def test_any_format_shows_something_of_any_number(value, code):
    assert shown_number(value, code).strip()


@given(st.integers(-(10**14), 10**14))
def test_whole_numbers_stay_whole(number):
    assert general(float(number)) == str(number)
