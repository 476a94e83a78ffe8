"""Times of a run by stage, as a table."""

import re
from collections.abc import Mapping

_TIME = re.compile(r"(?P<stage>.+)_ms_(?P<kind>mean|p50|p95)")
KINDS = ("mean", "p50", "p95")


def stage_table(timings: Mapping[str, float]) -> dict[str, list[float | None]]:
    """Give every stage its mean, median and 95th percentile in milliseconds, None where one is not known."""
    found: dict[str, dict[str, float]] = {}
    for name, value in timings.items():
        if match := _TIME.fullmatch(name):
            found.setdefault(match["stage"], {})[match["kind"]] = value
    return {stage: [times.get(kind) for kind in KINDS] for stage, times in found.items()}
