"""`key=value` on the command line: metadata and filters, with the same reading of values."""

import json
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from corpus.errors import BadInputError

if TYPE_CHECKING:  # importing it costs every command's help some milliseconds
    from corpus.types import MetadataValue

_COMPARISON = re.compile(r"(?P<key>[^=<>!]+)(?P<sign>>=|<=|!=|=|>|<)(?P<value>.*)", re.DOTALL)
_TYPES = {"=": "eq", "!=": "ne", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}


def parse_metadata(pairs: Sequence[str]) -> "dict[str, MetadataValue]":
    """`["year=2020", "team=pool"]` as `{"year": 2020, "team": "pool"}`."""
    found: dict[str, MetadataValue] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            raise BadInputError(f"metadata must be key=value, not {pair!r}")
        found[key.strip()] = parse_value(value.strip())
    return found


def parse_filters(conditions: Sequence[str]) -> dict[str, Any] | None:
    """`["team=pool", "year>=2020"]` as the filter that all of them hold; None for none."""
    parts = [_condition(condition) for condition in conditions]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else {"type": "and", "filters": parts}


def parse_value(text: str) -> "MetadataValue":
    """Numbers, true and false as such, everything else as a string; quotes force a string."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, float) and not math.isfinite(value):
        return text
    return value if isinstance(value, str | int | float | bool) else text


def _condition(text: str) -> dict[str, Any]:
    match = _COMPARISON.fullmatch(text)
    if match is None:
        raise BadInputError(f"a filter must be key=value or key>=value, with = != > >= < or <=, not {text!r}")
    value = parse_value(match["value"].strip())
    return {"type": _TYPES[match["sign"]], "key": match["key"].strip(), "value": value}
