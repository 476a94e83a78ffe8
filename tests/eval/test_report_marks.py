from hypothesis import given
from hypothesis import strategies as st

from eval.records import CitationRecord, GoldRecord, PassageRecord
from eval.report.marks import CITED, GOLD, holds_gold, marks


def _passage(text, start=100, document="d"):
    return PassageRecord(document, start, start + len(text), 0.5, None, None, text)


def _gold(start, end, document="d"):
    return GoldRecord(document, "", start, end)


def _cited(start, end, document="d"):
    return CitationRecord(document, start, end, "", None, None, True)


def test_gold_and_citations_overlap():
    found = marks(_passage("0123456789"), [_gold(102, 106)], [_cited(104, 108)])
    assert found == [(2, 4, GOLD), (4, 6, GOLD + CITED), (6, 8, CITED)]


def test_what_reaches_over_the_ends_of_the_passage_is_cut():
    assert marks(_passage("0123"), [_gold(0, 1000)], []) == [(0, 4, GOLD)]


def test_other_documents_and_evidence_without_a_place_are_not_marked():
    passage = _passage("0123")
    assert marks(passage, [_gold(100, 102, "other"), GoldRecord("d", "0123")], [_cited(104, 110)]) == []
    assert not holds_gold(passage, [_gold(100, 102, "other"), _gold(104, 105)])
    assert holds_gold(passage, [_gold(103, 110)])


def test_emoji_count_two_as_in_browsers():
    assert marks(_passage("👩🏽‍🚀 keeper"), [_gold(105, 111)], []) == [(8, 14, GOLD)]


_SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=5)


@given(st.text(max_size=30), _SPANS, _SPANS)
def test_marks_are_what_marking_every_character_gives(text, gold, cited):
    passage = _passage(text, 5)
    found = marks(passage, [_gold(*span) for span in gold], [_cited(*span) for span in cited])
    kinds = [
        GOLD * any(start <= at < end for start, end in gold) + CITED * any(start <= at < end for start, end in cited)
        for at in range(5, 5 + len(text))
    ]
    by_unit = [kind for character, kind in zip(text, kinds, strict=True) for _ in range(1 + (character > "\uffff"))]
    marked = [0] * len(by_unit)
    for start, end, kind in found:
        assert not any(marked[start:end])
        marked[start:end] = [kind] * (end - start)
    assert marked == by_unit
    assert found == sorted(found)
