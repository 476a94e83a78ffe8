"""Filters read as plainly as can be, one document at a time: the oracle; and random filters and metadata."""

from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

keys = st.sampled_from(["year", "team", "open", "Ünïcode key"])
# Integers that 64-bit floats cannot tell apart are among them.
scalars = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.0, -0.0, 1.0, 2.5, 2**53, 2**53 + 1, 2.0**53, 10**400, float("inf"), float("nan")]),
    st.booleans(),
    st.sampled_from(["", "a", "b", "1", "true", "ﬁ", "👍"]),
)
metadata = st.dictionaries(keys, scalars)


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


def passes(tree: Json, document: Json) -> bool:
    """Whether a document with these metadata passes."""
    if tree["type"] in ("and", "or", "not"):
        parts = [passes(part, document) for part in tree["filters"]]
        return {"and": all(parts), "or": any(parts), "not": not parts[0]}[str(tree["type"])]
    if tree["type"] == "exists":
        return (tree["key"] in document) is (tree.get("value") is not False)
    if tree["type"] in ("ne", "nin"):
        return not passes({**tree, "type": {"ne": "eq", "nin": "in"}[tree["type"]]}, document)
    if tree["type"] == "in":
        return any(passes({**tree, "type": "eq", "value": value}, document) for value in tree["value"])
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
