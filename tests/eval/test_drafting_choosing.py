from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from eval.drafting.choosing import spread


@dataclass(frozen=True)
class Item:
    document: str
    section: str
    rank: int
    key: str


ITEMS = st.lists(
    st.builds(Item, st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(0, 2), st.text(max_size=3)), unique=True
)


def items(*places: str) -> list[Item]:
    """ "a1" is in section 1 of document a."""
    return [Item(place[0], place[1:], 0, f"key {number}") for number, place in enumerate(places)]


@given(ITEMS, st.integers(0, 5), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_the_items(found: list[Item], seed: int, random) -> None:
    ordered = spread(found, seed)
    assert sorted(map(repr, ordered)) == sorted(map(repr, found))
    shuffled = list(found)
    random.shuffle(shuffled)
    assert spread(shuffled, seed) == ordered


def test_the_first_ones_come_from_every_document() -> None:
    found = items(*["a1"] * 20, "b1", "c1")
    assert {item.document for item in spread(found, 0)[:3]} == {"a", "b", "c"}


def test_the_first_ones_of_a_document_come_from_every_section() -> None:
    found = items(*["a1"] * 20, "a2", "a3")
    assert {item.section for item in spread(found, 0)[:3]} == {"1", "2", "3"}


def test_what_waits_comes_later() -> None:
    good, row, gap = (Item("a", "1", rank, str(rank)) for rank in (0, 1, 4))
    assert spread([gap, row, good], 0) == [good, row, gap]
    # A document with nothing better than gaps waits for the better ones of others.
    others = [Item("b", str(number), 0, str(number)) for number in range(4)]
    assert spread([gap, *others], 0)[-1] == gap


def test_seeds_differ() -> None:
    found = items("a1", "b1", "c1", "d1", "e1", "f1")
    assert len({tuple(spread(found, seed)) for seed in range(5)}) > 1
