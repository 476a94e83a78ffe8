"""How large vector segments are, when they are searched approximately, and when they are merged.

The sizes were measured (docs/scale.md): an exact search of 32,768 passages of 384 dimensions takes 2 ms on one core, as
long as an approximate search of a million.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tiers:
    """Sizes in passages.

    `flush`: so many new ones become a segment file. `fan_out`: so many segments of one tier become one of the next,
    which is that many times as large. `approximate`: from this size on a segment has an approximate index. `bulk`: the
    segments that are made when all vectors are read from the store.
    """

    flush: int = 4_096
    fan_out: int = 4
    approximate: int = 32_768
    bulk: int = 262_144


@dataclass(frozen=True, slots=True)
class SegmentSize:
    """A segment's rows, and how many of them are still in force."""

    name: str
    rows: int
    alive: int


def due(segments: Sequence[SegmentSize], tiers: Tiers) -> tuple[str, ...]:
    """The segments that should become one now; empty where nothing is to be done.

    A segment of which less than half is in force is written anew; else the smallest full tier is merged. So every row
    is copied once for each tier, and a search meets less than `fan_out` segments of each.
    """
    hollow = tuple(segment.name for segment in segments if 2 * segment.alive < segment.rows)
    if hollow:
        return hollow
    of_tier: dict[int, list[str]] = {}
    for segment in segments:
        of_tier.setdefault(_tier(segment.alive, tiers), []).append(segment.name)
    full = [names for _, names in sorted(of_tier.items()) if len(names) >= tiers.fan_out]
    return tuple(full[0]) if full else ()


def folded(parts: Sequence[T], size: Callable[[T], int], join: Callable[[T, T], T]) -> list[T]:
    """Parts in memory, the newest joined with the one before as long as that is less than twice as large.

    So there are few of them, and what is in them is copied O(log n) times.
    """
    left = list(parts)
    while len(left) > 1 and size(left[-2]) < 2 * size(left[-1]):
        newer, older = left.pop(), left.pop()
        left.append(join(older, newer))
    return left


def _tier(rows: int, tiers: Tiers) -> int:
    tier = 0
    while rows >= tiers.flush * tiers.fan_out:
        rows //= tiers.fan_out
        tier += 1
    return tier
