import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import BadInputError
from retrieval.filters import compile_filter

Json = dict[str, Any]

keys = st.sampled_from(["year", "team", "open", "Ünïcode key"])
scalars = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.0, 1.0, 2.5, float("inf")]),
    st.booleans(),
    st.sampled_from(["", "a", "b", "1", "true"]),
)
documents = st.dictionaries(keys, scalars)


def _comparison(kind: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({"type": st.just(kind), "key": keys, "value": values})


leaves = st.one_of(
    *(_comparison(kind, scalars) for kind in ("eq", "ne", "gt", "gte", "lt", "lte")),
    *(_comparison(kind, st.lists(scalars, max_size=3)) for kind in ("in", "nin")),
    _comparison("exists", st.sampled_from([True, False, None])),
    st.fixed_dictionaries({"type": st.just("exists"), "key": keys}),
)


def _combinations(parts: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    several = st.fixed_dictionaries(
        {"type": st.sampled_from(["and", "or"]), "filters": st.lists(parts, min_size=1, max_size=3)}
    )
    one = st.fixed_dictionaries({"type": st.just("not"), "filters": st.lists(parts, min_size=1, max_size=1)})
    return several | one


trees = st.recursive(leaves, _combinations, max_leaves=6)


def _passes(tree: Json, document: Json) -> bool:
    """The filter of the interface once more, as plainly as can be."""
    if tree["type"] in ("and", "or", "not"):
        parts = [_passes(part, document) for part in tree["filters"]]
        return {"and": all(parts), "or": any(parts), "not": not parts[0]}[str(tree["type"])]
    if tree["type"] == "exists":
        return (tree["key"] in document) is (tree.get("value") is not False)
    if tree["type"] in ("ne", "nin"):
        return not _passes({**tree, "type": {"ne": "eq", "nin": "in"}[tree["type"]]}, document)
    if tree["type"] == "in":
        return any(_passes({**tree, "type": "eq", "value": value}, document) for value in tree["value"])
    return tree["key"] in document and _compares(tree["type"], document[tree["key"]], tree["value"])


def _compares(kind: str, stored: Any, value: Any) -> bool:
    if _kind(stored) != _kind(value):
        return False
    if kind == "eq":
        return bool(stored == value)
    orders = {"gt": stored > value, "gte": stored >= value, "lt": stored < value, "lte": stored <= value}
    return _kind(value) != "boolean" and bool(orders[kind])


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"


@given(trees, st.lists(documents, max_size=4))
def test_filters_say_what_the_plain_reading_says(tree: Json, some: list[Json]) -> None:
    as_it_was = copy.deepcopy(tree)
    passes = compile_filter(tree)
    assert [passes(document) for document in some] == [_passes(tree, document) for document in some]
    assert tree == as_it_was


anything = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3), st.sampled_from(["and", "eq"])
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "key", "value", "filters", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(anything, documents)
def test_whatever_is_sent_is_a_filter_or_refused(tree: Any, document: Json) -> None:
    try:
        passes = compile_filter(tree)
    except BadInputError:
        return
    assert passes(document) in (True, False)


NESTED: Json = {"type": "exists", "key": "year"}
for _ in range(50):
    NESTED = {"type": "not", "filters": [NESTED]}


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({}, "needs a type of eq, ne, gt"),
        ([], "needs a type"),
        ("year=2020", "needs a type"),
        ({"type": "equals", "key": "year", "value": 1}, "not 'equals'"),
        ({"type": ["eq"], "key": "year", "value": 1}, "not ['eq']"),
        ({"type": "eq", "value": 1}, "'eq' needs a key, not None"),
        ({"type": "eq", "key": "", "value": 1}, "needs a key, not ''"),
        ({"type": "eq", "key": 7, "value": 1}, "needs a key, not 7"),
        ({"type": "eq", "key": "year"}, "'eq' on 'year' needs a string, a number or a boolean, not None"),
        ({"type": "lt", "key": "year", "value": [1]}, "'lt' on 'year' needs a string, a number or a boolean, not [1]"),
        ({"type": "in", "key": "year", "value": 1}, "'in' on 'year' needs a list of values, not 1"),
        ({"type": "in", "key": "year", "value": "abc"}, "needs a list of values, not 'abc'"),
        ({"type": "nin", "key": "year", "value": [{}]}, "'nin' on 'year' needs a string, a number or a boolean"),
        ({"type": "exists", "key": "year", "value": "no"}, "'exists' on 'year' needs true, false or no value"),
        ({"type": "and"}, "'and' needs a list of filters, not None"),
        ({"type": "or", "filters": []}, "'or' needs a list of filters, not []"),
        ({"type": "or", "filters": "ab"}, "'or' needs a list of filters, not 'ab'"),
        ({"type": "not", "filters": [NESTED, NESTED]}, "nested deeper than 20"),
        ({"type": "not", "filters": [{"type": "exists", "key": "a"}] * 2}, "'not' takes one filter, not 2"),
        ({"type": "and", "filters": [{"type": "nonsense"}]}, "not 'nonsense'"),
        (NESTED, "nested deeper than 20 levels"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_with_what_is_wrong(tree: Any, said: str) -> None:
    with pytest.raises(BadInputError) as caught:
        compile_filter(tree)
    assert said in str(caught.value)
