import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.tiers import SegmentSize, Tiers, due

TIERS = Tiers(flush=10, fan_out=3)


def sizes(*rows: int) -> list[SegmentSize]:
    return [SegmentSize(f"s{number}", count, count) for number, count in enumerate(rows)]


@pytest.mark.parametrize(
    ("rows", "merged"),
    [
        ((), ()),
        ((10, 12), ()),
        ((10, 12, 5), ("s0", "s1", "s2")),
        ((40, 10, 10), ()),
        ((40, 50, 89, 10, 11, 12), ("s3", "s4", "s5")),
        ((40, 50, 89, 90, 91), ("s0", "s1", "s2")),
    ],
)
def test_the_smallest_full_tier_is_merged(rows, merged):
    assert due(sizes(*rows), TIERS) == merged


def test_hollow_segments_come_first():
    assert due([SegmentSize("a", 100, 49), SegmentSize("b", 100, 50), *sizes(10, 10, 10)], TIERS) == ("a",)


@given(st.lists(st.integers(1, 30), max_size=60))
def test_merging_ends_with_few_segments_and_copies_each_row_once_a_tier(added):
    segments: list[int] = []
    copied = 0
    for rows in added:
        segments.append(rows)
        while names := due(sizes(*segments), TIERS):
            chosen = {int(name[1:]) for name in names}
            merged = sum(segments[number] for number in chosen)
            copied += merged
            segments = [count for number, count in enumerate(segments) if number not in chosen] + [merged]
    assert sum(segments) == sum(added)
    tiers = len(str(sum(added))) * 3  # of powers of three; generous
    assert len(segments) <= 2 * tiers
    assert copied <= max(1, tiers) * sum(added)
