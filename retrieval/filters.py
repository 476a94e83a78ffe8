"""Filters over metadata: the tree of the interface, checked once, then asked of the metadata index.

`{"type": "eq|ne|gt|gte|lt|lte|in|nin|exists", "key": ..., "value": ...}` or
`{"type": "and|or|not", "filters": [...]}`. A comparison with a key that a document lacks is false, `ne` and `nin` are
then true. Numbers compare with numbers and strings with strings; otherwise `eq` is false and an order is false.
"""

import operator
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, get_args

from corpus.errors import BadInputError
from corpus.types import MetadataValue
from index.metadata_columns import Order
from index.metadata_index import Selection

_NAMES = "eq, ne, gt, gte, lt, lte, in, nin, exists, and, or, not"
_DEEPEST = 20


def compile_filter(tree: Mapping[str, Any], depth: int = 0) -> Selection:
    """A function that says which documents of a segment pass. Raises BadInputError for a tree that is not valid."""
    kind = tree.get("type") if isinstance(tree, Mapping) else None
    if depth > _DEEPEST:
        raise BadInputError(f"filters are nested deeper than {_DEEPEST} levels")
    if kind in ("and", "or", "not"):
        return _combined(kind, tree.get("filters"), depth)
    if kind not in ("eq", "ne", "in", "nin", "exists", *get_args(Order)):
        raise BadInputError(f"a filter needs a type of {_NAMES}, not {kind!r}")
    key = tree.get("key")
    if not isinstance(key, str) or not key:
        raise BadInputError(f"the filter {kind!r} needs a key, not {key!r}")
    return _comparison(kind, key, tree.get("value"))


def _combined(kind: str, filters: Any, depth: int) -> Selection:
    if not isinstance(filters, Sequence) or isinstance(filters, str) or not filters:
        raise BadInputError(f"the filter {kind!r} needs a list of filters, not {filters!r}")
    parts = [compile_filter(part, depth + 1) for part in filters]
    if kind == "and":
        return lambda segment: reduce(operator.and_, (part(segment) for part in parts))
    if kind == "or":
        return lambda segment: reduce(operator.or_, (part(segment) for part in parts))
    if len(parts) != 1:
        raise BadInputError(f"the filter 'not' takes one filter, not {len(parts)}")
    return lambda segment: ~parts[0](segment)


def _comparison(kind: Any, key: str, value: Any) -> Selection:
    if kind == "exists":
        if not isinstance(value, bool | None):
            raise BadInputError(f"the filter 'exists' on {key!r} needs true, false or no value, not {value!r}")
        return lambda segment: segment.having(key) == (value is not False)
    if kind in ("in", "nin"):
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise BadInputError(f"the filter {kind!r} on {key!r} needs a list of values, not {value!r}")
        values = [_scalar(kind, key, item) for item in value]
        return lambda segment: segment.equal(key, values) == (kind == "in")
    scalar = _scalar(kind, key, value)
    if kind in ("eq", "ne"):
        return lambda segment: segment.equal(key, [scalar]) == (kind == "eq")
    return lambda segment: segment.ordered(key, kind, scalar)


def _scalar(kind: str, key: str, value: Any) -> MetadataValue:
    if not isinstance(value, str | int | float | bool):
        raise BadInputError(f"the filter {kind!r} on {key!r} needs a string, a number or a boolean, not {value!r}")
    return value
