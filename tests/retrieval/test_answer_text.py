import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import trimmed
from corpus.text import canonical
from corpus.types import ParsedDocument, Span, Table
from retrieval.answer_strings import PatternReader
from retrieval.answer_text import answer_from, exact_answer, pieces_of
from retrieval.citations import cite
from retrieval.evidence import Evidence
from retrieval.places import Places
from retrieval.types import Citation
from tests.hostile_text import raw_texts
from tests.retrieval.values import found_in

TABLE = "Ticket | One way\nDog | 5\nBicycle | 25"


def _cited(document: ParsedDocument, evidence: list[Evidence]) -> tuple[Citation, ...]:
    # Without cells nothing is read from the store.
    places = [Places(None).of(item.found.version, item.span) for item in evidence]  # type: ignore[arg-type]
    return cite(evidence, [document.text] * len(evidence), places)


def test_a_row_is_said_with_its_header_and_cites_both() -> None:
    document = ParsedDocument(TABLE, "text/plain", tables=(Table(0, 17, len(TABLE)),))
    row = Evidence(found_in(document), Span(TABLE.index("Bicycle"), len(TABLE)), 1.0, 1.0)
    pieces = pieces_of([row])
    citations = _cited(document, [item for piece in pieces for item in piece.evidence])
    answer = answer_from(pieces, citations)
    assert answer.text == "Ticket: Bicycle; One way: 25"
    assert [citation.quote for citation in citations] == ["Bicycle | 25", "Ticket | One way"]
    assert [(span.start, span.end, span.citations) for span in answer.spans] == [(0, len(answer.text), ("c1", "c2"))]


def test_the_exact_answer_is_a_slice_inside_of_its_citation() -> None:
    text = "🚢 The ferry.\nThe pier was built by Ada Holm in 1921."
    document = ParsedDocument(text, "text/plain")
    evidence = [Evidence(found_in(document), Span(13, len(text)), 1.0, 1.0)]
    pieces, citations = pieces_of(evidence), _cited(document, evidence)
    exact = exact_answer("Who built the pier?", pieces, citations, PatternReader())
    assert exact is not None
    assert (exact.text, exact.kind, exact.citation) == ("Ada Holm", "person", "c1")
    assert text[exact.start : exact.end] == "Ada Holm"
    assert pieces[0].text[exact.answer_start : exact.answer_end] == "Ada Holm"
    assert exact_answer("Why was it built?", pieces, citations, PatternReader()) is None
    assert exact_answer("Who built the pier?", (), (), PatternReader()) is None


def test_a_cell_is_found_in_what_is_said_of_its_row() -> None:
    document = ParsedDocument(TABLE, "text/plain", tables=(Table(0, 17, len(TABLE)),))
    pieces = pieces_of([Evidence(found_in(document), Span(TABLE.index("Bicycle"), len(TABLE)), 1.0, 1.0)])
    citations = _cited(document, list(pieces[0].evidence))
    exact = exact_answer("How much does a bicycle cost?", pieces, citations, PatternReader())
    assert exact is not None
    assert (exact.text, TABLE[exact.start : exact.end]) == ("25", "25")
    assert pieces[0].text[exact.answer_start : exact.answer_end] == "25"


@pytest.mark.parametrize(
    ("table", "question", "expected"),
    [
        ("| | Age |\n| Ada Lund | 5 |", "Who is the captain?", "Ada Lund"),
        ("Count\tUnit\n3\tdays", "How long does it last?", None),  # "Count: 3; Unit: days" has no "3 days"
        ("Count\tUnit\n3\t40 days", "How long does it last?", "40 days"),
        ("Year\tCount\n2001\t2", "How many boats are there?", "2"),
        ("A\tB\tC\n12 crowns\tx", "How much does it cost?", "12 crowns"),
    ],
)
def test_a_cell_is_shown_where_it_stands_in_what_is_said(table: str, question: str, expected: str | None) -> None:
    row = table.index("\n") + 1
    document = ParsedDocument(table, "text/plain", tables=(Table(0, row, len(table)),))
    pieces = pieces_of([Evidence(found_in(document), Span(row, len(table)), 1.0, 1.0)])
    exact = exact_answer(question, pieces, _cited(document, list(pieces[0].evidence)), PatternReader())
    shown = None if exact is None else pieces[0].text[exact.answer_start : exact.answer_end]
    assert shown == expected


@given(raw_texts, st.integers(0, 20))
def test_the_exact_answer_stands_where_it_says(text: str, start: int) -> None:
    text = canonical(text) + " It was built \n in 1921 by  Ada  Holm."
    document = ParsedDocument(text, "text/plain")
    span = trimmed(text, Span(min(start, len(text) - 1), len(text)))
    assert span is not None
    evidence = [Evidence(found_in(document), span, 1.0, 1.0)]
    pieces, citations = pieces_of(evidence), _cited(document, evidence)
    for question in ("When was it built?", "Who built it?", "How many were there?"):
        exact = exact_answer(question, pieces, citations, PatternReader())
        if exact is not None:
            assert text[exact.start : exact.end] == exact.text
            said = " ".join(exact.text.split())
            assert pieces[0].text[exact.answer_start : exact.answer_end] == said
