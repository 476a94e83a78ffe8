import pytest

from corpus.types import ParsedDocument, Section, Span, Table
from retrieval.evidence import Evidence
from retrieval.passages import FoundPassage
from retrieval.runs import answering_runs
from retrieval.sentence_bodies import shown_sentences
from tests.retrieval.values import found_in, found_text

TEXT = "Alpha one. Beta two. Gamma three. Delta four. Epsilon five. Zeta six. Eta seven."


def _read(found: FoundPassage, logits: list[float]) -> list[Evidence]:
    spans = shown_sentences(found.document_text, found.passage.span)
    return [Evidence(found, span, logit, 0.0) for span, logit in zip(spans, logits, strict=True)]


def _runs(question: str, *read: list[Evidence]) -> list[str]:
    evidence = sorted((item for items in read for item in items), key=lambda item: -(item.logit or 0))
    return [run.span.of(run.found.document_text) for run in answering_runs(question, evidence)]


def test_neighbours_that_fit_nearly_as_well_belong_to_the_answer() -> None:
    read = _read(found_text(TEXT), [-9, 5, 4, -9, -9, -9, -9])
    assert _runs("What is it?", read) == ["Beta two. Gamma three."]


def test_an_explanation_takes_more() -> None:
    read = _read(found_text(TEXT), [-12, 5, 3.5, 2.4, -12, -12, -12])
    assert _runs("How many are there?", read) == ["Beta two. Gamma three."]
    assert _runs("What is it?", read) == ["Beta two. Gamma three."]
    assert _runs("How does it work?", read) == ["Beta two. Gamma three. Delta four."]


def test_where_all_fit_alike_the_best_one_stands_alone() -> None:
    assert _runs("What is it?", _read(found_text(TEXT), [7.5, 8, 7.4, 7.3, 7.4, 7.2, 7.1])) == ["Beta two."]


def test_what_stands_between_is_taken_as_long_as_it_is_short() -> None:
    assert _runs("What is it?", _read(found_text(TEXT), [-9, 5, -9, 4, -9, -9, -9])) == [
        "Beta two. Gamma three. Delta four."
    ]
    assert _runs("What is it?", _read(found_text(TEXT), [5, -9, -9, -9, 4, -9, -9])) == ["Alpha one."]


def test_three_passages_at_most_best_first() -> None:
    read = [_read(found_text("Alpha. Beta.", number), [4 + number / 10, -20]) for number in range(1, 6)]
    evidence = sorted((item for items in read for item in items), key=lambda item: -(item.logit or 0))
    runs = answering_runs("What is it?", evidence)
    assert [run.found.passage.number for run in runs] == [5, 4, 3]


def test_a_run_ends_with_its_section() -> None:
    text = "Alpha one. Beta two.\n\nGamma three. Delta four."
    sections = (Section(0, ("A",)), Section(text.index("Gamma"), ("B",)))
    found = found_in(ParsedDocument(text, "text/plain", sections=sections))
    assert _runs("What is it?", _read(found, [-20, 5, 5, -20])) == ["Beta two."]


def test_a_row_stands_alone() -> None:
    text = "Ticket | Price\nDog | 5\nBicycle | 25"
    found = found_in(ParsedDocument(text, "text/plain", tables=(Table(0, 15, len(text)),)))
    assert _runs("What does it cost?", _read(found, [-9, 4.9, 5])) == ["Bicycle | 25"]


@pytest.mark.parametrize("question", ["Who?", "How?", ""])
def test_without_the_cross_encoder_the_words_decide(question: str) -> None:
    found = found_text(TEXT)
    spans = shown_sentences(TEXT, Span(0, len(TEXT)))
    shares = [0.1, 0.9, 0.8, 0.1, 0.0, 0.0, 0.0]
    evidence = [Evidence(found, span, None, share) for span, share in zip(spans, shares, strict=True)]
    runs = answering_runs(question, sorted(evidence, key=lambda item: -item.coverage))
    assert [run.span.of(TEXT) for run in runs] == ["Beta two. Gamma three."]


def test_nothing_read_gives_nothing() -> None:
    assert answering_runs("Who?", []) == []
