"""Documents up to a day, and newer ones before older ones."""

from collections.abc import Iterator

import pytest

from corpus.errors import BadInputError
from corpus.sources import Source
from retrieval.assemble import open_service
from retrieval.service import Service
from retrieval.settings import Settings
from retrieval.types import QueryRequest

QUESTION = "What does the ferry carry?"
DATED = {
    "old": {"date": "2021-06-01"},
    "spring": {"date": "2023-05-01"},
    "evening": {"modified": "2023-05-01T23:30:00+00:00"},
    "next day": {"created": "2023-05-02"},
    "year alone": {"year": 2024},
    "undated": {},
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with open_service(Settings(home=tmp_path_factory.mktemp("as_of") / "home")) as opened:
        opened.ingest(
            Source(f"text:{name}", "ferry.txt", f"The ferry carries {name} goods.", title=name, metadata=metadata)
            for name, metadata in DATED.items()
        )
        same = {"earlier": {"date": "2020"}, "later": {"date": "2024"}, "between": {"date": "2022"}}
        opened.ingest(
            [
                Source(f"text:{name}", "x.txt", f"The boat takes {thing} to the island.", title="Boat", metadata=date)
                for (name, date), thing in zip(same.items(), ("dogs", "cats", "pigs"), strict=True)
            ],
            "recent",
        )
        yield opened


@pytest.mark.parametrize(
    ("as_of", "left_out"),
    [
        ("2020", {"old", "spring", "evening", "next day", "year alone"}),
        ("2023-05-01", {"next day", "year alone"}),
        ("2023-05-01T12:00:00Z", {"evening", "next day", "year alone"}),
        ("2023-05", {"year alone"}),
        ("2023", {"year alone"}),
        ("2024", set()),
    ],
)
@pytest.mark.parametrize("mode", ["hybrid", "lexical"])
def test_documents_dated_after_it_are_not_found(service: Service, as_of: str, left_out: set[str], mode: str) -> None:
    request = QueryRequest(QUESTION, as_of=as_of, mode=mode, rerank=False, top_k=50)  # type: ignore[arg-type]
    result = service.query(request)
    assert {passage.document_title for passage in result.passages} == DATED.keys() - left_out


def test_it_goes_together_with_filters(service: Service) -> None:
    filters = {"type": "exists", "key": "date"}
    result = service.query(QueryRequest(QUESTION, as_of="2022", filters=filters, rerank=False))
    assert [passage.document_title for passage in result.passages] == ["old"]
    nothing = service.query(QueryRequest(QUESTION, as_of="1990", filters=filters, rerank=False))
    assert nothing.abstain_reason is not None
    assert "under the filters as of 1990" in nothing.abstain_reason


@pytest.mark.parametrize("as_of", ["", "yesterday", "2023-13", "2023-02-30", "1 May 2023", "20230501x"])
def test_what_is_no_date_is_refused(service: Service, as_of: str) -> None:
    with pytest.raises(BadInputError, match="it must be a date such as 2023-05-01"):
        service.query(QueryRequest(QUESTION, as_of=as_of))


@pytest.mark.parametrize("rerank", [True, False])
def test_newer_documents_go_before_about_equal_ones_when_asked_for(service: Service, rerank: bool) -> None:
    question = "What does the boat take to the island?"
    request = QueryRequest(question, "recent", rerank=rerank, recency="prefer", min_confidence=0.0)
    result = service.query(request)
    plain = service.query(QueryRequest(question, "recent", rerank=rerank, min_confidence=0.0))
    assert {passage.id for passage in result.passages} == {passage.id for passage in plain.passages}
    scores = [passage.score for passage in result.passages]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    if not rerank:
        assert result.citations[0].document_date == "2024"


def test_a_half_life_must_be_above_zero(service: Service) -> None:
    with pytest.raises(BadInputError, match="it must be above 0"):
        service.query(QueryRequest(QUESTION, recency="prefer", recency_half_life_days=0))
