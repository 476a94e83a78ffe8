import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.quotes import QuotedSlice, citation_validity, quote_f1, quote_iou
from eval.metrics.types import DocumentSpan


def at(start, end, document="d"):
    return DocumentSpan(document, start, end)


def test_hand_computed_values():
    citations = [at(0, 10), at(5, 20), at(0, 5, "e")]
    gold = [at(10, 30), at(12, 25)]
    # Union of the citations: 20 + 5; of gold: 20; shared: 10.
    assert quote_f1(citations, gold) == pytest.approx(2 * 10 / 45)
    assert quote_iou(citations, gold) == pytest.approx(10 / 35)


def test_no_citation_scores_zero_and_no_gold_does_not_apply():
    assert quote_f1([], [at(0, 5)]) == quote_iou([], [at(0, 5)]) == 0
    assert quote_f1([at(0, 5)], []) is None
    assert quote_iou([at(0, 5)], []) is None


places = st.builds(
    lambda document, start, length: DocumentSpan(document, start, start + length),
    st.sampled_from("de"),
    st.integers(0, 30),
    st.integers(0, 12),
)


@given(st.lists(places, max_size=6), st.lists(places.filter(len), min_size=1, max_size=6))
def test_equal_to_sets_of_characters(citations, gold):
    found, right = (
        {(one.document, offset) for one in spans for offset in range(one.start, one.end)} for spans in (citations, gold)
    )
    assert quote_f1(citations, gold) == pytest.approx(2 * len(found & right) / (len(found) + len(right)))
    assert quote_iou(citations, gold) == pytest.approx(len(found & right) / len(found | right))


TEXTS = {("doc", "v1"): "😀 old text", ("doc", "v2"): "new"}


@pytest.mark.parametrize(
    ("version", "start", "end", "quote", "valid"),
    [
        ("v1", 2, 5, "old", True),
        ("v1", 0, 1, "😀", True),
        ("v2", 0, 3, "new", True),
        ("v2", 2, 5, "old", False),
        ("v1", 3, 6, "old", False),
        ("v1", 6, 99, "text", False),
        ("v1", -4, -1, "tex", False),
        ("v1", 5, 2, "", False),
        ("v3", 0, 3, "new", False),
    ],
)
def test_a_quote_is_its_slice(version, start, end, quote, valid):
    one = QuotedSlice("doc", version, start, end, quote)
    text_of = lambda document, named: TEXTS.get((document, named))  # noqa: E731
    assert citation_validity([one], text_of) == float(valid)
    assert citation_validity([one, QuotedSlice("doc", "v2", 0, 3, "new")], text_of) == (1 + valid) / 2
    assert citation_validity([], text_of) is None
