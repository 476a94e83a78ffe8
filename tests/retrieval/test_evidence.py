from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import ParsedDocument, Section, Span
from index.words import WordSnapshot
from retrieval.evidence import coverage, find_evidence
from retrieval.onnx_reranker import open_reranker
from retrieval.reranker import Reranker
from tests.hostile_text import documents
from tests.index.homes import open_home, text_source
from tests.retrieval.values import found_in, found_text

FERRY = "The ferry leaves at nine. Bicycles cost two crowns. The captain likes tea. Dogs travel free of charge."


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordSnapshot]:
    with open_home(tmp_path_factory.mktemp("evidence") / "home") as home:
        home.ingest(text_source("ferry", FERRY), text_source("tea", "Tea is served at five. The captain pays."))
        yield home.keeper.snapshot().words


@pytest.fixture(scope="module")
def reranker() -> Reranker:
    return open_reranker("ms-marco-MiniLM-L-12-v2")


def test_without_a_cross_encoder_the_words_of_the_question_decide(words: WordSnapshot) -> None:
    found = find_evidence("What do bicycles cost?", [found_text(FERRY)], words, None)
    assert found[0].span.of(FERRY) == "Bicycles cost two crowns."
    assert [item.coverage for item in found] == sorted((item.coverage for item in found), reverse=True)
    assert all(item.logit is None for item in found)
    assert len(found) == 4


def test_the_cross_encoder_finds_the_sentence_that_answers(words: WordSnapshot, reranker: Reranker) -> None:
    found = find_evidence("What is the price for taking a bike along?", [found_text(FERRY)], words, reranker)
    assert found[0].span.of(FERRY) == "Bicycles cost two crowns."
    logits = [item.logit for item in found if item.logit is not None]
    assert len(logits) == 4
    assert logits == sorted(logits, reverse=True)


def test_the_title_tells_what_a_sentence_is_about(words: WordSnapshot, reranker: Reranker) -> None:
    text = "It opens at nine."
    pool, library = (
        found_in(ParsedDocument(text, "text/plain", title), number=number)
        for number, title in enumerate(("Swimming pool", "City library"), start=1)
    )
    best = find_evidence("When does the library open?", [pool, library], words, reranker)[0]
    assert best.found is library


def test_a_heading_is_no_evidence(words: WordSnapshot) -> None:
    text = "Prices of bicycles\nBicycles cost two crowns.\n\nDogs\nDogs travel free."
    sections = (Section(0, ("Prices of bicycles",)), Section(text.index("Dogs\n"), ("Dogs",)))
    document = ParsedDocument(text, "text/plain", "Ferry", sections=sections)
    found = find_evidence("prices of bicycles", [found_in(document, Span(0, text.index("\n\n")))], words, None)
    assert [item.span.of(text) for item in found] == ["Bicycles cost two crowns."]
    assert (
        find_evidence("dogs", [found_in(document, Span(text.index("Dogs\n"), text.index("Dogs\n") + 4))], words, None)
        == []
    )


def test_a_first_line_that_is_no_heading_stays(words: WordSnapshot) -> None:
    document = ParsedDocument(FERRY, "text/plain", "Ferry", sections=(Section(0, ("A bookmark of another name",)),))
    found = find_evidence("When does the ferry leave?", [found_in(document)], words, None)
    assert found[0].span.of(FERRY) == "The ferry leaves at nine."


def test_a_long_table_does_not_keep_the_next_passage_from_being_read(words: WordSnapshot) -> None:
    table = "\n".join(f"| row {number} | {number} |" for number in range(500))
    found = find_evidence("tea", [found_text(table, 1), found_text("Tea is served.", 2)], words, None)
    numbers = [item.found.passage.number for item in found]
    assert numbers.count(2) == 1
    assert 20 < numbers.count(1) < 100


@given(documents(), st.data())
def test_evidence_stands_inside_its_passage(words: WordSnapshot, document: ParsedDocument, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(document.text)))
    passage = Span(start, data.draw(st.integers(start, len(document.text))))
    for item in find_evidence("stock of kg", [found_in(document, passage)], words, None):
        assert passage.start <= item.span.start < item.span.end <= passage.end
        assert item.span.of(document.text).strip()
        assert 0 <= item.coverage <= 1.0000001


def test_coverage_weighs_words() -> None:
    weights = {"ferri": 3.0, "leav": 1.0}
    assert coverage(weights, ["ferri", "x"]) == 0.75
    assert coverage(weights, []) == 0
    assert coverage(weights, ["leav", "leav", "ferri"]) == 1
    assert coverage({}, ["ferri"]) == 0


def test_text_behind_a_function_belongs_to_no_heading(words: WordSnapshot) -> None:
    text = "def fare():\n    return 4\n\nprint(fare())"
    document = ParsedDocument(text, "text/x-source", sections=(Section(0, ("fare",)), Section(26, ())))
    (found,) = find_evidence("print fare", [found_in(document, Span(26, len(text)))], words, None)
    assert found.span.of(text) == "print(fare())"
