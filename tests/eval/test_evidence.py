import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corpus.types import Span
from eval.datasets import Evidence, Question
from eval.evidence import SqueezedText, resolve
from eval.metrics.types import DocumentSpan

TEXT = "The ferry\nsails at noon.\n\nThe ferry  rests at night."


def asked(*evidence, id_="q1"):
    return Question(id_, "?", (), True, evidence, {})


def resolved(*evidence):
    return resolve([asked(*evidence)], {"d1": TEXT, "d2": ""}.get)


def test_a_quote_is_found_without_regard_to_white_space():
    result = resolved(Evidence("d1", quote="ferry sails \n at\u00a0noon."))
    (span,) = result.spans["q1"]
    assert TEXT[span.start : span.end] == "ferry\nsails at noon."
    assert result.report.as_dict() == {"total": 1, "counts": {"resolved": 1}, "problems": []}


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        (Evidence("d1", quote="the ferry"), "unresolved"),
        (Evidence("d1", quote="The ferry", page=2), "ambiguous"),
        (Evidence("d2", quote="The ferry"), "unresolved"),
        (Evidence("d3", quote="The ferry"), "not_ingested"),
        (Evidence("d1", span=Span(4, 9), quote="fairy"), "text_differs"),
        (Evidence("d1", span=Span(4, 900), quote="ferry"), "text_differs"),
    ],
)
def test_evidence_that_cannot_be_placed_is_reported(evidence, status):
    result = resolved(evidence, Evidence("d1", quote="noon"))
    assert result.spans == {"q1": (DocumentSpan("d1", 19, 23),)}
    (problem,) = result.report.as_dict()["problems"]
    assert problem == {
        "question": "q1",
        "document": evidence.document,
        "page": evidence.page,
        "quote": evidence.quote,
        "status": status,
    }


def test_a_span_is_taken_when_the_text_is_the_expected_one():
    # The quote alone would be ambiguous.
    result = resolved(Evidence("d1", span=Span(0, 9), quote="The ferry".replace(" ", TEXT[3])))
    assert result.spans["q1"] == (DocumentSpan("d1", 0, 9),)


def test_a_page_alone_is_no_problem():
    report = resolved(Evidence("d1", page=4)).report
    assert (report.counts, report.problems) == ({"page_only": 1}, ())


def test_overlapping_places_are_ambiguous():
    assert SqueezedText.of("a b a b a").find("aba") == [Span(0, 5), Span(4, 9)]


def test_a_long_quote_is_shortened_in_the_report():
    (problem,) = resolved(Evidence("d1", quote="x" * 500)).report.problems
    assert problem.quote == "x" * 80


def test_texts_are_fetched_once():
    fetched = []

    def text_of(document):
        fetched.append(document)
        return TEXT

    questions = [asked(Evidence("d1", quote="noon"), id_=f"q{number}") for number in range(5)]
    assert len(resolve(questions, text_of).spans) == 5
    assert fetched == ["d1"]


white = st.text(alphabet=" \n\t\u00a0\u2003\x1c", max_size=2)
words = st.lists(st.text(alphabet="ab😀é", min_size=1, max_size=3), min_size=1, max_size=12)


@given(words, st.data())
def test_what_is_found_is_the_quote_but_for_white_space(pieces, data):
    text = "".join(data.draw(white) + piece for piece in pieces) + data.draw(white)
    start = data.draw(st.integers(0, len(text) - 1))
    quote = text[start : data.draw(st.integers(start + 1, len(text)))]
    assume(quote.strip())
    mangled = "".join(data.draw(white) + character for character in quote if not character.isspace())
    places = SqueezedText.of(text).find(mangled)
    bare = "".join(quote.split())
    assert places
    for place in places:
        assert "".join(place.of(text).split()) == bare
        assert not place.of(text)[0].isspace()
        assert not place.of(text)[-1].isspace()
    # Exactly one place is reported if and only if the squeezed text holds the quote once.
    squeezed = "".join(text.split())
    count = sum(squeezed.startswith(bare, at) for at in range(len(squeezed)))
    assert len(places) == min(count, 2)
