import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import ParsedDocument, Span
from retrieval.sentence_bodies import shown_sentences
from tests.hostile_text import documents


def _shown(text: str) -> list[str]:
    return [span.of(text) for span in shown_sentences(text, Span(0, len(text)))]


@pytest.mark.parametrize(
    "mark", ["1. ", "(2) ", "12) ", "b) ", "(iv) ", "- ", "• ", "* ", "§ 3 ", "§ 3 (1) ", "2.1 ", "2.1.4. ", "> ", "– "]
)
def test_the_mark_of_a_paragraph_or_an_item_is_not_shown(mark: str) -> None:
    assert _shown(f"{mark}Dogs travel free of charge.") == ["Dogs travel free of charge."]
    assert _shown(f"Of dogs.\n\n  {mark}Dogs travel free of charge.")[1] == "Dogs travel free of charge."


@pytest.mark.parametrize(
    "sentence",
    [
        "12 dogs travel free.",
        "1990 was wet.",
        "3. May 2020 is a holiday.",
        "A dog travels free.",
        "-5 degrees.",
        "#1 wins.",
    ],
)
def test_what_only_looks_like_a_mark_stays(sentence: str) -> None:
    assert _shown(sentence) == [sentence]


def test_a_number_inside_of_a_line_stays() -> None:
    assert _shown("Dogs travel free. 2. Cats do not.")[-1].endswith("2. Cats do not.")


def test_a_column_of_lines_is_shown_line_by_line() -> None:
    assert _shown("Harbour Office\nPim's shed\nCo-op, Harbour Street") == [
        "Harbour Office",
        "Pim's shed",
        "Co-op, Harbour Street",
    ]


def test_a_sentence_that_is_wrapped_is_one() -> None:
    text = "The office in Harbour\nStreet lends bicycles and\ntools to everybody who\nlives on the island"
    assert _shown(text) == [text]


@given(documents(), st.data())
def test_shown_sentences_are_ordered_pieces_of_the_passage(document: ParsedDocument, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(document.text)))
    passage = Span(start, data.draw(st.integers(start, len(document.text))))
    position = passage.start
    for span in shown_sentences(document.text, passage):
        assert position <= span.start < span.end <= passage.end
        assert span.of(document.text).strip()
        position = span.end


def test_the_place_of_a_passage_in_a_long_document_takes_no_time() -> None:
    sentence = "A sentence of some length stands here. "
    text = sentence * 200_000
    begun = time.process_time()
    assert len(shown_sentences(text, Span(len(text) - 24 * len(sentence), len(text)))) == 24
    assert time.process_time() - begun < 0.2
