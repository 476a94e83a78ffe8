"""Passages that say the same are one result with all its places."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sources import Source
from retrieval.assemble import open_service
from retrieval.copies import Copies
from retrieval.service import Service
from retrieval.settings import Settings
from retrieval.types import QueryRequest
from tests.retrieval.values import found_text

FERRY = "The ferry to the island leaves at nine in the morning. A ticket for a bicycle costs two crowns."
QUESTION = "What does a ticket for a bicycle cost on the ferry?"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with open_service(Settings(home=tmp_path_factory.mktemp("copies") / "home")) as opened:
        opened.ingest(
            [
                _source("timetable", FERRY),
                _source("notice", f"Notice\n\n{FERRY.upper()}"),
                _source("mail", FERRY.replace(" ", "\n")),
                _source("old timetable", FERRY.replace("two", "three").replace("nine", "eight")),
                *(
                    _source(f"line {number}", f"Ferry line {number} takes a bicycle at {number}.")
                    for number in range(9)
                ),
            ]
        )
        others = [_source("other", "Bicycles travel on the ferry.")]
        opened.ingest([*others, *(_source(f"copy {number}", FERRY) for number in range(150))], "copies")
        yield opened


def _source(name: str, text: str) -> Source:
    return Source(f"text:{name}", f"{name}.txt", text, title=name)


# --- groups ----------------------------------------------------------------------------------------------------------

_STATEMENTS = st.sampled_from(
    [
        FERRY,
        FERRY.upper(),
        FERRY.replace("two", "three"),
        FERRY[:54],
        f"Ferries. {FERRY}",
        "Owls hunt.",
        "owls hunt",
        "!",
    ]
)


@given(st.lists(_STATEMENTS, max_size=12))
def test_each_passage_is_shown_or_listed_once_in_the_order_of_the_best(texts: list[str]) -> None:
    copies = Copies()
    for number, text in enumerate(texts, start=1):
        copies.add(found_text(text, number, fused=1 - number / 100))
    distinct = copies.distinct()
    groups = [[one.passage.number, *(copy.passage.number for copy in one.copies)] for one in distinct]
    assert sorted(number for group in groups for number in group) == list(range(1, len(texts) + 1))
    assert [min(group) for group in groups] == sorted(min(group) for group in groups)
    assert [one.candidate.fused for one in distinct] == [1 - min(group) / 100 for group in groups]
    assert (len(copies), copies.passages) == (len(groups), len(texts))


def test_the_longer_of_two_that_are_nearly_the_same_is_shown() -> None:
    copies = Copies()
    copies.add(found_text(FERRY, 1))
    copies.add(found_text(f"Ferries. {FERRY}", 2))
    (shown,) = copies.distinct()
    assert (shown.passage.number, [one.passage.number for one in shown.copies]) == (2, [1])


def test_a_long_passage_does_not_vanish_behind_a_piece_of_it() -> None:
    copies = Copies()
    copies.add(found_text(FERRY[:54], 1))
    copies.add(found_text(FERRY, 2))
    assert len(copies) == 2


# --- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rerank", [True, False])
@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_copies_are_listed_and_other_statements_are_not(service: Service, mode: str, rerank: bool) -> None:
    result = service.query(QueryRequest(QUESTION, mode=mode, rerank=rerank, min_confidence=0.0))  # type: ignore[arg-type]
    (shown,) = [passage for passage in result.passages if "two crowns" in passage.text.lower().replace("\n", " ")]
    titles = [shown.document_title, *(place.document_title for place in shown.also_in)]
    assert sorted(titles) == ["mail", "notice", "timetable"]
    assert len(result.passages) == 8, "others take the places of the copies"
    every = [(one.document_id, one.start) for passage in result.passages for one in (passage, *passage.also_in)]
    assert len(every) == len(set(every))


def test_a_quote_lists_where_its_copies_have_it(service: Service) -> None:
    result = service.query(QueryRequest(QUESTION))
    (citation,) = [one for one in result.citations if "two" in one.quote.lower()]
    assert len(citation.also_in) == 2
    for place in citation.also_in:
        text = service.text(place.document_id, place.document_version)[place.start : place.end]
        assert text.casefold().split() == citation.quote.casefold().split()


@pytest.mark.parametrize("top_k", [2, 8])
def test_more_copies_than_candidates_leave_room_for_what_is_different(service: Service, top_k: int) -> None:
    result = service.query(QueryRequest(QUESTION, "copies", top_k=top_k, rerank=False))
    assert len(result.passages) == 2
    assert max(len(passage.also_in) for passage in result.passages) >= 99


def test_a_removed_copy_is_not_listed(service: Service) -> None:
    first, second, third = service.ingest([_source(name, FERRY) for name in ("one", "two", "three")], "removed")
    assert second.document_id is not None
    service.remover.remove_document(second.document_id)
    (passage,) = service.query(QueryRequest(QUESTION, "removed")).passages
    listed = {passage.document_id, *(place.document_id for place in passage.also_in)}
    assert listed == {first.document_id, third.document_id}
