import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.quotes import quote_iou
from eval.metrics.tokens import token_iou, token_precision, token_recall
from eval.metrics.types import DocumentSpan

MEASURES = (token_recall, token_precision, token_iou)


def at(start, end, document="d"):
    return DocumentSpan(document, start, end)


def test_hand_computed_values():
    passages = [at(0, 100), at(200, 300), at(0, 100, "e")]
    gold = [at(90, 110), at(200, 220)]
    # Of 40 gold characters 30 are found among 300 returned; 10 are missed.
    assert token_recall(passages, gold) == pytest.approx(30 / 40)
    assert token_precision(passages, gold) == pytest.approx(30 / 300)
    assert token_iou(passages, gold) == pytest.approx(30 / 310)


def test_what_stands_in_two_passages_counts_once():
    passages = [at(0, 20), at(10, 30)]
    gold = [at(10, 20), at(15, 25)]
    assert token_recall(passages, gold) == 1
    assert token_precision(passages, gold) == pytest.approx(15 / 30)
    assert token_iou(passages, gold) == pytest.approx(15 / 30)


def test_the_same_offsets_of_another_document_are_not_gold():
    assert [measure([at(0, 10, "e")], [at(0, 10)]) for measure in MEASURES] == [0, 0, 0]


def test_nothing_returned_scores_zero_and_no_gold_does_not_apply():
    assert [measure([], [at(0, 5)]) for measure in MEASURES] == [0, 0, 0]
    assert [measure([at(3, 3)], [at(0, 5)]) for measure in MEASURES] == [0, 0, 0]
    assert [measure([at(0, 5)], []) for measure in MEASURES] == [None, None, None]
    assert [measure([], []) for measure in MEASURES] == [None, None, None]


places = st.builds(
    lambda document, start, length: DocumentSpan(document, start, start + length),
    st.sampled_from("de"),
    st.integers(0, 30),
    st.integers(0, 12),
)
golds = st.lists(places.filter(len), min_size=1, max_size=6)


def characters(spans):
    return [(one.document, offset) for one in spans for offset in range(one.start, one.end)]


@given(st.lists(places, max_size=6), golds)
def test_equal_to_sets_of_characters(passages, gold):
    returned, right = set(characters(passages)), set(characters(gold))
    found, missed = right.intersection(returned), right.difference(returned)
    assert token_recall(passages, gold) == pytest.approx(len(found) / len(right))
    assert token_precision(passages, gold) == pytest.approx(len(found) / max(1, len(returned)))
    assert token_iou(passages, gold) == pytest.approx(len(found) / (len(returned) + len(missed)))


@given(st.lists(places, max_size=6), golds, st.randoms())
def test_order_does_not_count_and_iou_is_the_smallest(passages, gold, chance):
    shuffled = chance.sample(passages, len(passages))
    recall, precision, iou = (measure(passages, gold) for measure in MEASURES)
    assert (recall, precision, iou) == tuple(measure(shuffled, gold[::-1]) for measure in MEASURES)
    assert 0 <= iou <= min(recall, precision) <= 1
    assert iou <= quote_iou(passages, gold)


@given(st.lists(places, max_size=6), places, golds)
def test_one_more_passage_never_costs_recall(passages, more, gold):
    assert token_recall([*passages, more], gold) >= token_recall(passages, gold)
