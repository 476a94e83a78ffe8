from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Section, Span, page_at, pages_of, section_at
from tests.hostile_text import canonical_texts, documents


def test_a_span_counts_code_points():
    text = "😀 e\u0301 x"
    assert Span(0, 1).of(text) == "😀"
    assert Span(2, 4).of(text) == "e\u0301"
    assert len(Span(2, 4)) == 2
    assert Span(3, 3).of(text) == ""


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (2, 1), (-2, -1)])
def test_a_span_refuses_impossible_ends(start, end):
    with pytest.raises(ValueError, match=f"{start}..{end}"):
        Span(start, end)


def test_a_span_past_the_end_of_the_text_is_refused():
    assert Span(1, 3).of("abc") == "bc"
    with pytest.raises(ValueError, match="past a text of 3 characters"):
        Span(1, 4).of("abc")


def test_spans_are_ordered_by_place_and_cannot_be_changed():
    assert sorted([Span(3, 4), Span(0, 9), Span(0, 2)]) == [Span(0, 2), Span(0, 9), Span(3, 4)]
    with pytest.raises(FrozenInstanceError):
        Span(0, 1).start = 5


@given(canonical_texts, st.data())
def test_the_slices_of_adjoining_spans_make_up_the_text(text, data):
    cut = data.draw(st.integers(0, len(text)))
    assert Span(0, cut).of(text) + Span(cut, len(text)).of(text) == text


@pytest.mark.parametrize(("offset", "page"), [(0, 1), (9, 1), (10, 3), (14, 3), (15, 4), (99, 4)])
def test_a_page_without_text_holds_no_character(offset, page):
    assert page_at((0, 10, 10, 15), offset) == page


def test_texts_without_pages_have_no_page():
    assert page_at((), 5) is None
    assert pages_of((), Span(0, 5)) == (None, None)


@pytest.mark.parametrize(
    ("span", "pages"),
    [
        (Span(0, 10), (1, 1)),
        (Span(0, 11), (1, 2)),
        (Span(9, 21), (1, 3)),
        (Span(10, 20), (2, 2)),
        (Span(10, 10), (2, 2)),
    ],
)
def test_the_pages_of_a_span_are_those_of_its_first_and_last_character(span, pages):
    assert pages_of((0, 10, 20), span) == pages


def test_text_before_the_first_section_has_no_headings():
    sections = (Section(4, ("A",)), Section(8, ("A", "B")), Section(8, ("A", "C")))
    assert section_at((), 3) == ()
    assert [section_at(sections, offset) for offset in (3, 4, 7, 8)] == [(), ("A",), ("A",), ("A", "C")]


@given(documents(), st.data())
def test_page_and_section_are_the_last_that_start_at_or_before_an_offset(document, data):
    offset = data.draw(st.integers(0, len(document.text)))
    begun = [page for page, start in enumerate(document.page_starts, start=1) if start <= offset]
    assert page_at(document.page_starts, offset) == (begun[-1] if begun else None)
    paths = [section.path for section in document.sections if section.start <= offset]
    assert section_at(document.sections, offset) == (paths[-1] if paths else ())
