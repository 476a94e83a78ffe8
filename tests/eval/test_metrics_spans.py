import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.spans import covers, first_characters, page_hit, span_hit, span_reciprocal_rank
from eval.metrics.types import DocumentSpan, PageRange


def at(start, end, document="d"):
    return DocumentSpan(document, start, end)


@pytest.mark.parametrize(
    ("passage", "gold", "expected"),
    [
        (at(0, 100), at(10, 20), True),
        (at(0, 15), at(10, 20), True),
        (at(0, 14), at(10, 20), False),
        (at(0, 15), at(10, 21), False),
        (at(15, 99), at(10, 20), True),
        (at(0, 100), at(10, 20, "other"), False),
        (at(20, 100), at(10, 20), False),
        (at(0, 500), at(0, 5000), True),
        (at(0, 499), at(0, 5000), False),
        (at(12, 13), at(12, 13), True),
    ],
)
def test_a_passage_covers_half_a_span_or_500_characters(passage, gold, expected):
    assert covers(passage, gold) is expected


def test_any_gold_span_suffices():
    gold = [at(0, 10), at(90, 100)]
    passages = [at(40, 60), at(50, 90), at(80, 120)]
    assert span_hit(passages[:2], gold) == 0
    assert span_hit(passages, gold) == 1
    assert span_reciprocal_rank(passages, gold) == pytest.approx(1 / 3)
    assert span_reciprocal_rank(passages[:2], gold) == 0
    assert span_hit([], gold) == span_reciprocal_rank([], gold) == 0


def test_without_gold_nothing_applies():
    assert span_hit([at(0, 1)], []) is None
    assert span_reciprocal_rank([at(0, 1)], []) is None
    assert page_hit([PageRange("d", 1, 1)], frozenset()) is None


def test_the_last_passage_within_the_budget_is_cut_off():
    passages = [at(100, 2100), at(0, 2000, "e"), at(0, 10, "f")]
    assert list(first_characters(passages, 3000)) == [at(100, 2100), at(0, 1000, "e")]
    assert list(first_characters(passages, 2000)) == [at(100, 2100)]
    assert list(first_characters(passages, 9000)) == passages


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (PageRange("d", 3, 3), 1),
        (PageRange("d", 2, 4), 1),
        (PageRange("d", 1, 2), 0),
        (PageRange("d", 4, 9), 0),
        (PageRange("e", 3, 3), 0),
        (PageRange("d", 3, None), 1),
        (PageRange("d", None, None), 0),
    ],
)
def test_pages(pages, expected):
    assert page_hit([pages], frozenset({("d", 3), ("e", 8)})) == expected
    assert page_hit([], frozenset({("d", 3)})) == 0


places = st.builds(
    lambda document, start, length: DocumentSpan(document, start, start + length),
    st.sampled_from("de"),
    st.integers(0, 900),
    st.integers(1, 1500),
)


@given(st.lists(places, max_size=8), st.lists(places, min_size=1, max_size=4), st.integers(0, 4000))
def test_more_passages_never_lose_a_hit(passages, gold, budget):
    hits = [span_hit(passages[:count], gold) for count in range(len(passages) + 1)]
    assert hits == sorted(hits)
    reciprocal = span_reciprocal_rank(passages, gold)
    assert (reciprocal > 0) == bool(hits[-1])
    if reciprocal:
        assert hits[round(1 / reciprocal)] == 1
        assert hits[round(1 / reciprocal) - 1] == 0
    cut = list(first_characters(passages, budget))
    assert sum(map(len, cut)) == min(budget, sum(map(len, passages)))
    assert span_hit(cut, gold) <= hits[-1]
