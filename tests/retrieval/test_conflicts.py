"""Documents that contradict each other are told, with their dates; what only looks like it is not."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from corpus.sources import Source
from corpus.types import ParsedDocument
from retrieval.assemble import open_service
from retrieval.conflicts import Contradiction, settled
from retrieval.evidence import Evidence
from retrieval.service import Service
from retrieval.settings import Settings
from retrieval.types import QueryRequest
from tests.retrieval.values import found_in, version_for


class Document(NamedTuple):
    title: str
    text: str
    date: str = ""


class Case(NamedTuple):
    """`kind` "" stands for no conflict; `holds` is in the answer, `also` in the words on the conflict."""

    name: str
    question: str
    documents: tuple[Document, ...]
    kind: str
    holds: str = ""
    also: str = ""


CASES = (
    Case(
        "two prices",
        "What does a ticket for a bicycle cost?",
        (
            Document("Visitor guide", "The ferry is slow. A ticket for a bicycle costs 20 crowns.", "2021"),
            Document(
                "Ferry tariff", "Tickets are sold on board. A ticket for a bicycle costs 25 crowns.", "2024-05-01"
            ),
        ),
        "disagree",
        also="20 crowns",
    ),
    Case(
        "the same tariff of another year",
        "What is the landing fee for a light aircraft?",
        (
            Document("Airfield tariff 2024", "The landing fee for a light aircraft is 30 crowns."),
            Document("Airfield tariff 2025", "The landing fee for a light aircraft is 35 crowns."),
        ),
        "superseded",
        holds="35 crowns",
        also="30 crowns",
    ),
    Case(
        "it says what it replaces",
        "What is the speed limit in the inner harbour?",
        (
            Document("Harbour regulation", "The speed limit in the inner harbour is 3 knots.", "2019-02-01"),
            Document(
                "Order on shipping",
                "This order replaces the Harbour regulation. The speed limit in the inner harbour is 5 knots.",
                "2023-06-01",
            ),
        ),
        "superseded",
        holds="5 knots",
        also="3 knots",
    ),
    Case(
        "it says that it is over",
        "How long may books be borrowed?",
        (
            Document("Old library rules", "This document is no longer in force. Books may be borrowed for two weeks."),
            Document("Library guide", "Books may be borrowed for four weeks."),
        ),
        "superseded",
        holds="four weeks",
        also="two weeks",
    ),
    Case(
        "as of a day",
        "What does a ticket for a child cost?",
        (
            Document("Leaflet", "A ticket for a child costs 5 crowns.", "2022"),
            Document("Board", "As of 1 March 2024, a ticket for a child costs 7 crowns.", "2024"),
        ),
        "superseded",
        holds="7 crowns",
        also="2024-03-01",
    ),
    Case(
        "a ban",
        "Are dogs allowed on the north beach?",
        (
            Document("Guide to the island", "Dogs are allowed on the north beach.", "2020"),
            Document("Notice of the council", "Dogs are not allowed on the north beach.", "2023"),
        ),
        "disagree",
        also="not allowed",
    ),
    Case(
        "two names",
        "Who is the harbour master?",
        (
            Document("Council", "The harbour master is Ada Lund.", "2021"),
            Document("Harbour office", "The harbour master is Nils Berg.", "2024"),
        ),
        "disagree",
        also="Nils Berg",
    ),
    Case(
        "two hours",
        "When does the swimming pool open?",
        (
            Document("Sports", "The swimming pool opens at eight."),
            Document("Tourist office", "The swimming pool opens at nine."),
        ),
        "disagree",
        also="nine",
    ),
    Case(
        "words of numbers and digits",
        "How many rooms does the school have?",
        (
            Document("School", "The school has twelve rooms.", "2020"),
            Document("Fire brigade", "The school has 14 rooms.", "2024"),
        ),
        "disagree",
        also="2024",
    ),
    Case(
        "no longer",
        "Is the lighthouse open to visitors?",
        (
            Document("Walks", "The lighthouse is open to visitors in summer.", "2018"),
            Document("News", "The lighthouse is no longer open to visitors in summer.", "2022"),
        ),
        "disagree",
        also="no longer open",
    ),
    # --- no conflicts ---
    Case(
        "the same number in other words",
        "What does a ticket for a bicycle cost?",
        (
            Document("Guide", "A ticket for a bicycle costs two crowns."),
            Document("Tariff", "On the ferry a ticket for a bicycle costs 2 crowns."),
        ),
        "",
    ),
    Case(
        "another thing",
        "What does a ticket for a bicycle cost?",
        (
            Document("Ferry", "A ticket for a bicycle costs two crowns."),
            Document("Bus", "A ticket for a dog costs one crown."),
        ),
        "",
    ),
    Case(
        "another subject in the title",
        "When does the pool of Karn open?",
        (
            Document("Pool of Karn", "The pool opens at eight."),
            Document("Pool of Solglimt", "The pool opens at nine."),
        ),
        "",
    ),
    Case(
        "another day",
        "When does the pool open?",
        (
            Document("Weekdays", "The pool opens at eight on Mondays."),
            Document("Weekend", "The pool opens at ten on Sundays."),
        ),
        "",
    ),
    Case(
        "other years",
        "How high was the income of the harbour?",
        (
            Document("Report A", "In 2015 the income of the harbour was 20 million crowns."),
            Document("Report B", "In 2016 the income of the harbour was 25 million crowns."),
        ),
        "",
    ),
    Case(
        "another condition",
        "Are dogs allowed on the beach?",
        (
            Document("Guide", "Dogs are allowed on the beach."),
            Document("Board", "Dogs are allowed on the beach in winter."),
        ),
        "",
    ),
    Case(
        "more about the same person",
        "Who is the captain of the ferry?",
        (
            Document("Crew", "The captain of the ferry is Ada Lund."),
            Document("News", "Captain Ada Lund has sailed the ferry for thirty years."),
        ),
        "",
    ),
    Case(
        "another rule with a limit of its own",
        "What do children pay on the ferry?",
        (
            Document("Tariff", "Children under 12 pay 5 crowns on the ferry."),
            Document("Notice", "Children under 6 pay nothing on the ferry."),
        ),
        "",
    ),
    Case(
        "a copy",
        "What does a ticket for a bicycle cost?",
        (
            Document("Tariff 2024", "A ticket for a bicycle costs two crowns."),
            Document("Tariff 2025", "A ticket for a bicycle costs two crowns."),
        ),
        "",
    ),
    Case(
        "two numbers of one place",
        "What does lane 1 cost?",
        (Document("Lanes", "Lane 1 costs 20 crowns."), Document("More lanes", "Lane 2 costs 25 crowns.")),
        "",
    ),
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with open_service(Settings(home=tmp_path_factory.mktemp("conflicts") / "home")) as opened:
        for case in CASES:
            opened.ingest([_source(case.name, document) for document in case.documents], _collection(case))
        yield opened


def _collection(case: Case) -> str:
    return case.name.replace(" ", "-")


def _source(case: str, document: Document) -> Source:
    metadata = {"date": document.date} if document.date else {}
    return Source(
        f"text:{case}/{document.title}", f"{document.title}.txt", document.text, title=document.title, metadata=metadata
    )


@pytest.mark.parametrize("rerank", [True, False])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_conflicts_are_told_and_nothing_else(service: Service, case: Case, rerank: bool) -> None:
    result = service.query(QueryRequest(case.question, _collection(case), rerank=rerank, min_confidence=0.0))
    assert [conflict.kind for conflict in result.conflicts] == ([case.kind] if case.kind else [])
    if not case.kind:
        return
    (conflict,) = result.conflicts
    assert case.also in conflict.text
    cited = {citation.id: citation for citation in result.citations}
    assert {cited[name].document_title for name in conflict.citations} == {one.title for one in case.documents}
    assert all(one.date in conflict.text for one in case.documents)
    first = cited[conflict.citations[0]]
    assert case.holds in first.quote
    assert result.answer is not None
    if case.kind == "superseded":
        assert result.citations[0] == first
        assert case.also not in result.answer.text


def test_both_sides_stand_in_the_answer_with_their_dates(service: Service) -> None:
    result = service.query(QueryRequest("What does a ticket for a bicycle cost?", "two-prices"))
    assert {citation.document_date for citation in result.citations} == {"2021", "2024-05-01"}
    assert result.answer is not None
    assert all(value in result.answer.text for value in ("20 crowns", "25 crowns"))
    (conflict,) = result.conflicts
    assert conflict.text.startswith("Two documents disagree: “")


def test_who_declines_or_only_searches_tells_of_no_conflict(service: Service) -> None:
    question = "What does a ticket for a bicycle cost?"
    assert service.query(QueryRequest(question, "two-prices", answer="none")).conflicts == ()
    assert service.query(QueryRequest(question, "two-prices", min_confidence=1.0)).conflicts == ()


def test_what_two_documents_supersede_is_given_once() -> None:
    old, new, newest = (_evidence(number, f"A ticket costs {number} crowns.") for number in (1, 2, 3))
    contradictions = [Contradiction("superseded", one, old, "") for one in (new, newest)]
    assert settled([old], contradictions) == ([new, newest], [old])


def _evidence(number: int, text: str) -> Evidence:
    document = ParsedDocument(text, "text/plain")
    found = replace(found_in(document, number=number), version=version_for(document, number))
    return Evidence(found, found.passage.span, 1.0, 1.0)
