import pytest
from hypothesis import given

from index.compounds import further_forms
from tests.hostile_text import canonical_texts


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("snake_case", ["snakecase"]),
        ("foo.bar()", ["foobar"]),
        ("std::vector", ["stdvector"]),
        ("E-1042", ["E1042"]),
        ("E1042", ["1042"]),
        ("ISO9001", ["ISO", "9001"]),
        ("ISO 9001", []),
        ("camelCase", ["camel", "Case"]),
        ("XMLHttpRequest", ["XML", "Http", "Request"]),
        ("PDFs are NATO's", []),
        ("well-known e-mail", ["wellknown", "email"]),
        ("AT&T", ["ATT"]),
        ("2024-05-12 at 10:30", ["2024-05-12", "10:30"]),
        ("don't, he said. Then", []),
    ],
)
def test_names_of_several_parts_have_a_whole_and_parts(text: str, forms: list[str]):
    assert list(further_forms(text, decimal_comma=False)) == forms


@pytest.mark.parametrize(
    ("text", "with_point", "with_comma"),
    [
        ("1,234.5", "1234.5", "1234.5"),
        ("1.234,5", "1234.5", "1234.5"),
        ("1234.5", "1234.5", "1234.5"),
        ("1.234", "1.234", "1234"),
        ("1,234", "1234", "1.234"),
        ("$1,577.00", "1577", "1577"),
        ("1’234’567.8", "1234567.8", "1234567.8"),
        ("12\u202f345,67", "12345.67", "12345.67"),
        ("12.05.2024", "12.05.2024", "12.05.2024"),
        ("1.234.567", "1234567", "1234567"),
    ],
)
def test_numbers_have_one_form_however_they_are_written(text: str, with_point: str, with_comma: str):
    assert list(further_forms(text, decimal_comma=False)) == [with_point]
    assert list(further_forms(text, decimal_comma=True)) == [with_comma]


@given(canonical_texts)
def test_no_form_holds_white_space(text: str):
    assert not any(character.isspace() for form in further_forms(text, False) for character in form)
