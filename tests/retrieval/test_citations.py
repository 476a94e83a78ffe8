"""Whatever a document holds: a quote is the slice it says it is, and its page and sections are right."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from corpus.identity import new_document_id
from corpus.sources import Source
from corpus.types import ParsedDocument, Section, Span
from retrieval.answer_text import answer_from, pieces_of
from retrieval.assemble import open_service
from retrieval.citations import cite
from retrieval.evidence import Evidence
from retrieval.places import Places
from retrieval.service import Service
from retrieval.settings import Settings
from retrieval.types import Answer, Citation, QueryRequest, QueryResult
from tests.corpus.files import pdf
from tests.hostile_text import documents, raw_texts
from tests.retrieval.values import found_in


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with open_service(Settings(home=tmp_path_factory.mktemp("citations") / "home")) as opened:
        yield opened


# --- from evidence to citations -----------------------------------------------------------------------------------


def _places(evidence):
    # Without cells nothing is read from the store.
    return [Places(None).of(item.found.version, item.span) for item in evidence]


@st.composite
def _evidence(draw: st.DrawFn) -> tuple[ParsedDocument, Evidence]:
    document = draw(documents())
    assume(document.text)
    start = draw(st.integers(0, len(document.text) - 1))
    span = Span(start, draw(st.integers(start + 1, len(document.text))))
    passage = Span(draw(st.integers(0, span.start)), draw(st.integers(span.end, len(document.text))))
    return document, Evidence(found_in(document, passage), span, None, 1.0)


@given(_evidence())
def test_a_quote_is_the_slice_with_its_surroundings_page_and_section(case: tuple[ParsedDocument, Evidence]) -> None:
    document, evidence = case
    (citation,) = cite([evidence], [document.text], _places([evidence]))
    start, end = evidence.span.start, evidence.span.end
    assert (citation.start, citation.end) == (start, end)
    assert citation.quote == document.text[start:end]
    assert citation.verified
    assert citation.prefix == document.text[max(0, start - 32) : start]
    assert citation.suffix == document.text[end : end + 32]
    assert (citation.page_start, citation.page_end) == (_page(document, start), _page(document, end - 1))
    assert citation.section_path == _section(document, start)


def _page(document: ParsedDocument, offset: int) -> int | None:
    return sum(start <= offset for start in document.page_starts) or None


def _section(document: ParsedDocument, offset: int) -> tuple[str, ...]:
    before = [section for section in document.sections if section.start <= offset]
    return before[-1].path if before else ()


@given(_evidence(), st.text(max_size=20))
def test_a_quote_that_the_store_does_not_hold_any_more_is_not_called_verified(
    case: tuple[ParsedDocument, Evidence], other: str
) -> None:
    document, evidence = case
    (citation,) = cite([evidence], [other], _places([evidence]))
    assert citation.verified is (other[evidence.span.start : evidence.span.end] == evidence.span.of(document.text))


def test_copies_of_a_sentence_are_said_once_with_all_their_citations() -> None:
    texts = ["Cats sleep.\nDogs bark.", "Cats  sleep."]
    documents_ = [ParsedDocument(text, "text/plain") for text in texts]
    spans = [(0, Span(0, 11)), (1, Span(0, 12)), (0, Span(12, 22))]
    evidence = [Evidence(found_in(documents_[i], number=i + 1), span, None, 1.0) for i, span in spans]
    citations = cite(evidence, [texts[i] for i, _ in spans], _places(evidence))
    answer = answer_from(pieces_of(evidence), citations)
    assert answer.text == "Cats sleep. Dogs bark."
    assert [(span.start, span.end, span.citations) for span in answer.spans] == [
        (0, 11, ("c1", "c2")),
        (12, 22, ("c3",)),
    ]


# --- from documents to citations ----------------------------------------------------------------------------------


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(raw_texts.filter(str.strip), min_size=1, max_size=2), st.data())
def test_answers_from_hostile_texts_can_be_checked(service: Service, texts: list[str], data: st.DataObject) -> None:
    collection = new_document_id()
    sources = [Source(f"text:{number}", f"text {number}", text) for number, text in enumerate(texts)]
    assert {result.status for result in service.ingest(sources, collection)} <= {"added"}
    words = texts[0].split() or ["stock"]
    question = " ".join(data.draw(st.lists(st.sampled_from(words), min_size=1, max_size=5)))[:500]
    question = question.encode("utf-8", "replace").decode()
    assume(question.strip())
    result = service.query(QueryRequest(question, collection, rerank=data.draw(st.booleans()), min_confidence=0.0001))
    _check(service, result)


def _check(service: Service, result: QueryResult) -> None:
    for passage in result.passages:
        text = service.text(passage.document_id, passage.document_version)
        assert text[passage.start : passage.end] == passage.text
        assert all(0 <= highlight.start < highlight.end <= len(passage.text) for highlight in passage.highlights)
    for citation in result.citations:
        _check_citation(service.text(citation.document_id, citation.document_version), citation)
        assert citation.passage_id in {passage.id for passage in result.passages}
    if result.answer is not None:
        _check_answer(result.answer, result.citations)


def _check_citation(text: str, citation: Citation) -> None:
    assert text[citation.start : citation.end] == citation.quote
    assert citation.quote.strip()
    assert citation.verified
    assert text[: citation.start].endswith(citation.prefix)
    assert text[citation.end :].startswith(citation.suffix)


def _check_answer(answer: Answer, citations: tuple[Citation, ...]) -> None:
    """Spans stand side by side, one space apart, from the beginning of the answer to its end."""
    by_id = {citation.id: citation for citation in citations}
    position = 0
    for span in answer.spans:
        assert span.start == position
        assert span.citations
        for name in span.citations:
            assert " ".join(by_id.pop(name).quote.split()) == answer.text[span.start : span.end]
        assert answer.text[span.end : span.end + 1] in ("", " ")
        position = span.end + 1
    assert position == len(answer.text) + 1
    assert by_id == {}


def test_the_pages_of_a_pdf_are_cited(service: Service) -> None:
    pages = [
        "The pool opens at nine in the morning.",
        "",
        "Bicycles on the ferry cost two crowns.\nDogs travel free.",
        "The lighthouse keeper is called Ada.",
    ]
    service.ingest([Source("file:leaflet", "leaflet.pdf", pdf(pages, title="Leaflet"))], "pdfs")
    for question, page in (("When does the pool open?", 1), ("Who keeps the lighthouse?", 4)):
        result = service.query(QueryRequest(question, "pdfs"))
        _check(service, result)
        assert (result.citations[0].page_start, result.citations[0].page_end) == (page, page)
    three = service.query(QueryRequest("What do bicycles on the ferry cost?", "pdfs"))
    assert (three.citations[0].page_start, three.citations[0].quote) == (3, "Bicycles on the ferry cost two crowns.")


def test_the_sections_of_a_page_are_cited(service: Service) -> None:
    markdown = "# Island\n\nWelcome.\n\n## Ferry 🚢\n\nBicycles cost two crowns. 👍🏽\n\n## Pool\n\nIt opens at nine."
    service.ingest([Source("file:island", "island.md", markdown.encode())], "markdown")
    result = service.query(QueryRequest("What do bicycles on the ferry cost?", "markdown"))
    _check(service, result)
    assert result.citations[0].quote.startswith("Bicycles cost two crowns.")
    assert result.citations[0].section_path == ("Island", "Ferry 🚢")


def test_sections_and_pages_are_looked_up_by_where_they_begin() -> None:
    document = ParsedDocument(
        "aaaa bbbb cccc",
        "text/plain",
        page_starts=(0, 5, 5, 10),
        sections=(Section(5, ("B",)), Section(10, ("B", "C"))),
    )
    evidence = [Evidence(found_in(document), span, None, 1.0) for span in (Span(0, 4), Span(3, 6), Span(10, 14))]
    first, across, last = cite(evidence, [document.text] * 3, _places(evidence))
    assert (first.page_start, first.page_end, first.section_path) == (1, 1, ())
    assert (across.page_start, across.page_end, across.section_path) == (1, 3, ())
    assert (last.page_start, last.page_end, last.section_path) == (4, 4, ("B", "C"))
