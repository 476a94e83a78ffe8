"""Filters over metadata: the tree of the interface, checked once, then asked of each document.

`{"type": "eq|ne|gt|gte|lt|lte|in|nin|exists", "key": ..., "value": ...}` or
`{"type": "and|or|not", "filters": [...]}`. A comparison with a key that a document lacks is false, `ne` and `nin` are
then true. Numbers compare with numbers and strings with strings; otherwise `eq` is false and an order is false.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from corpus.errors import BadInputError
from corpus.types import Metadata

Predicate = Callable[[Metadata], bool]

_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_NAMES = "eq, ne, gt, gte, lt, lte, in, nin, exists, and, or, not"
_DEEPEST = 20


def compile_filter(tree: Mapping[str, Any], depth: int = 0) -> Predicate:
    """A function that says whether a document's metadata pass. Raises BadInputError for a tree that is not valid."""
    kind = tree.get("type") if isinstance(tree, Mapping) else None
    if depth > _DEEPEST:
        raise BadInputError(f"filters are nested deeper than {_DEEPEST} levels")
    if kind in ("and", "or", "not"):
        return _combined(kind, tree.get("filters"), depth)
    if kind not in ("eq", "ne", "in", "nin", "exists", *_ORDERS):
        raise BadInputError(f"a filter needs a type of {_NAMES}, not {kind!r}")
    key = tree.get("key")
    if not isinstance(key, str) or not key:
        raise BadInputError(f"the filter {kind!r} needs a key, not {key!r}")
    return _comparison(kind, key, tree.get("value"))


def _combined(kind: str, filters: Any, depth: int) -> Predicate:
    if not isinstance(filters, Sequence) or isinstance(filters, str) or not filters:
        raise BadInputError(f"the filter {kind!r} needs a list of filters, not {filters!r}")
    parts = [compile_filter(part, depth + 1) for part in filters]
    if kind == "and":
        return lambda metadata: all(part(metadata) for part in parts)
    if kind == "or":
        return lambda metadata: any(part(metadata) for part in parts)
    if len(parts) != 1:
        raise BadInputError(f"the filter 'not' takes one filter, not {len(parts)}")
    return lambda metadata: not parts[0](metadata)


def _comparison(kind: str, key: str, value: Any) -> Predicate:
    if kind == "exists":
        if not isinstance(value, bool | None):
            raise BadInputError(f"the filter 'exists' on {key!r} needs true, false or no value, not {value!r}")
        wanted = value is not False
        return lambda metadata: (key in metadata) == wanted
    if kind in ("in", "nin"):
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise BadInputError(f"the filter {kind!r} on {key!r} needs a list of values, not {value!r}")
        values = [_scalar(kind, key, item) for item in value]
        wanted = kind == "in"
        return lambda metadata: any(_equal(metadata.get(key), item) for item in values) == wanted
    scalar = _scalar(kind, key, value)
    if kind in ("eq", "ne"):
        wanted = kind == "eq"
        return lambda metadata: _equal(metadata.get(key), scalar) == wanted
    order = _ORDERS[kind]
    return lambda metadata: _comparable(metadata.get(key), scalar) and order(metadata[key], scalar)


def _scalar(kind: str, key: str, value: Any) -> str | int | float | bool:
    if not isinstance(value, str | int | float | bool):
        raise BadInputError(f"the filter {kind!r} on {key!r} needs a string, a number or a boolean, not {value!r}")
    return value


def _equal(left: Any, right: Any) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _comparable(left: Any, right: Any) -> bool:
    numbers = (int, float)
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    return (isinstance(left, numbers) and isinstance(right, numbers)) or (
        isinstance(left, str) and isinstance(right, str)
    )
