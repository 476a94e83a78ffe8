import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cli.values import parse_filters, parse_metadata, parse_value
from corpus.errors import BadInputError
from tests.contracts.filters import passes

scalars = st.one_of(st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.text())


@given(scalars)
def test_what_is_json_is_read_as_such(value: Any) -> None:
    read = parse_value(json.dumps(value))
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pool",
        "2020-01-01",
        "01",
        "1_000",
        "NaN",
        "Infinity",
        "1e999",
        "null",
        "[1]",
        "{}",
        "True",
        "'a'",
        "[" * 5_000,
    ],
)
def test_everything_else_is_a_string(text: str) -> None:
    assert parse_value(text) == text


def test_metadata_are_pairs() -> None:
    assert parse_metadata(["year=2020", " team = pool ", "a=b=c", 'n="7"', "empty="]) == {
        "year": 2020,
        "team": "pool",
        "a": "b=c",
        "n": "7",
        "empty": "",
    }


@pytest.mark.parametrize("pair", ["year", "=x", " =x", ""])
def test_what_is_no_pair_is_refused(pair: str) -> None:
    with pytest.raises(BadInputError, match="metadata must be key=value"):
        parse_metadata([pair])


@pytest.mark.parametrize(
    ("condition", "kind", "key", "value"),
    [
        ("year=2020", "eq", "year", 2020),
        ("year!=2020", "ne", "year", 2020),
        ("year >= 2020", "gte", "year", 2020),
        ("year<=2020.5", "lte", "year", 2020.5),
        ("year>2020", "gt", "year", 2020),
        ("year<2020", "lt", "year", 2020),
        ("url=http://x/?a=b", "eq", "url", "http://x/?a=b"),
        ("open=true", "eq", "open", True),
        ("a b=c\nd", "eq", "a b", "c\nd"),
    ],
)
def test_conditions_are_filters(condition: str, kind: str, key: str, value: object) -> None:
    assert parse_filters([condition]) == {"type": kind, "key": key, "value": value}


def test_several_conditions_are_all_to_hold() -> None:
    filters = parse_filters(["year>=2020", "team=pool"])
    assert filters is not None
    assert passes(filters, {"year": 2021, "team": "pool"})
    assert not passes(filters, {"year": 2021, "team": "ferry"})
    assert parse_filters([]) is None


@pytest.mark.parametrize("condition", ["year", "", "=2020", ">=2020", "!x"])
def test_what_is_no_condition_is_refused(condition: str) -> None:
    with pytest.raises(BadInputError, match="a filter must be key=value"):
        parse_filters([condition])
