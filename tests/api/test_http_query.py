"""Questions over HTTP: the object of the interface, and what it says about the documents."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.fields import assert_result_fields
from tests.api.servers import Json, Server, running_server

FERRY = "The ferry 🚢 leaves at nine. A ticket for a bicycle costs two crowns. Dogs travel free of charge."
POOL = "The pool opens at eight. A ticket for children costs one crown."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("query") / "home") as running:
        running.add_text(FERRY, title="Ferry", metadata={"year": 2026, "share": 0.5, "open": True, "team": "1"})
        running.add_text(POOL, title="Pool", metadata={"year": 2019})
        yield running


def _without_what_differs(result: Json) -> Json:
    return {**result, "id": "", "timings_ms": {}}


def test_the_answer_has_exactly_the_fields_of_the_interface(server: Server) -> None:
    assert_result_fields(server.ask("What does a ticket for a bicycle cost?"))


def test_offsets_count_code_points_of_the_text_that_is_served(server: Server) -> None:
    result = server.ask("What does a ticket for a bicycle cost?")
    citation = result["citations"][0]
    text = server.client.get(f"/v1/documents/{citation['document_id']}/text").text
    assert text == FERRY
    assert citation["quote"] == "A ticket for a bicycle costs two crowns."
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["verified"] is True
    assert citation["prefix"] + citation["quote"] + citation["suffix"] in text
    passage = result["passages"][0]
    assert text[passage["start"] : passage["end"]] == passage["text"]
    mark = passage["highlights"][0]
    assert passage["text"][mark["start"] : mark["end"]] == citation["quote"]
    assert passage["metadata"] == {"year": 2026, "share": 0.5, "open": True, "team": "1", "language": "en"}
    span = result["answer"]["spans"][0]
    assert result["answer"]["text"][span["start"] : span["end"]] == citation["quote"]


def test_the_exact_answer_is_a_slice_of_the_document_and_of_the_answer(server: Server) -> None:
    result = server.ask("What does a ticket for a bicycle cost?")
    answer, exact = result["answer"], result["answer"]["exact"]
    assert (exact["text"], exact["kind"], exact["citation"]) == ("two crowns", "money", "c1")
    assert FERRY[exact["start"] : exact["end"]] == "two crowns"
    assert answer["text"][exact["answer_start"] : exact["answer_end"]] == "two crowns"
    assert server.ask("Why do dogs travel free?", min_confidence=0)["answer"]["exact"] is None


def test_declining_is_an_answer(server: Server) -> None:
    result = server.ask("How many goals were scored in the cup final?")
    assert result["abstained"] is True
    assert result["answer"] is None
    assert result["citations"] == []
    assert result["passages"]
    assert result["abstain_reason"]


def test_get_answers_as_post_does(server: Server) -> None:
    filters = {"type": "gte", "key": "year", "value": 2020}
    question: Json = {"question": "What does a ticket cost?", "top_k": 1, "mode": "hybrid", "rerank": False}
    by_post = server.ask(**question, filters=filters, min_confidence=0.01, min_version=1)
    by_get = server.client.get(
        "/v1/query", params={**question, "filters": json.dumps(filters), "min_confidence": 0.01, "min_version": 1}
    )
    assert by_get.status_code == 200
    assert _without_what_differs(by_get.json()) == _without_what_differs(by_post)
    assert [passage["document_title"] for passage in by_post["passages"]] == ["Ferry"]


def test_only_passages_can_be_asked_for(server: Server) -> None:
    result = server.ask("What does a ticket cost?", answer="none")
    assert (result["answer"], result["citations"], result["abstained"]) == (None, [], False)
    by_url = server.client.get("/v1/query", params={"question": "What does a ticket cost?", "answer": "none"})
    assert by_url.json()["answer"] is None


def test_a_written_answer_without_an_endpoint_is_a_problem_that_says_what_to_set(server: Server) -> None:
    answer = server.client.post("/v1/query", json={"question": "When does the pool open?", "answer": "generative"})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:pincite:problem:not-set-up")
    assert "PINCITE_ENDPOINT_URL" in answer.json()["detail"]


def test_an_explanation_has_the_stages_of_every_passage(server: Server) -> None:
    result = server.ask("What does a ticket cost?", explain=True)
    by_url = server.client.get("/v1/query", params={"question": "What does a ticket cost?", "explain": True}).json()
    assert by_url["explanation"] == result["explanation"]
    assert result["explanation"].keys() == {"searched", "passages", "confidence"}
    first = result["explanation"]["passages"][0]
    assert first.keys() == {"id", "dense", "lexical", "fused", "rerank", "final", "sentences"}
    assert first["final"] == {"rank": 1, "score": result["passages"][0]["score"]}
    assert first["sentences"][0].keys() == {"start", "end", "logit", "coverage"}
    assert server.ask("What does a ticket cost?")["explanation"] is None


def test_the_question_may_be_called_query(server: Server) -> None:
    answer = server.client.post("/v1/query", json={"query": "When does the pool open?"})
    assert answer.json()["question"] == "When does the pool open?"
    both = server.client.post("/v1/query", json={"query": "a", "question": "b"})
    assert both.status_code == 422
    assert "question and query differ" in both.json()["detail"]


def test_a_follow_up_says_what_was_searched_for(server: Server) -> None:
    said = [{"role": "user", "text": "When does the pool open?"}, {"role": "assistant", "text": "At eight."}]
    result = server.ask("What does it cost?", conversation=said)
    assert (result["question"], result["searched_question"]) == ("What does it cost?", "What does it cost? pool open")
    assert result["warnings"] == []
    assert result["passages"][0]["document_title"] == "Pool"
    assert server.ask("What does it cost?")["searched_question"] is None


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ({"type": "eq", "key": "year", "value": 2019}, {"Pool"}),
        ({"type": "eq", "key": "open", "value": True}, {"Ferry"}),
        ({"type": "eq", "key": "open", "value": 1}, set()),
        ({"type": "eq", "key": "team", "value": 1}, set()),
        ({"type": "in", "key": "share", "value": [0.5]}, {"Ferry"}),
        ({"type": "not", "filters": [{"type": "exists", "key": "open"}]}, {"Pool"}),
    ],
)
def test_metadata_keep_their_types_from_upload_to_filter(server: Server, filters: Json, titles: set[str]) -> None:
    result = server.ask("ticket", filters=filters, rerank=False)
    assert {passage["document_title"] for passage in result["passages"]} == titles


@pytest.mark.parametrize(
    "question", ['"\\ud800"', '"x\\u0000"', '"\\ud83d\\ude00"', '"🏳️‍🌈 \u202e?"', '"' + "ä" * 4_000 + '"']
)
def test_odd_questions_are_no_defect(server: Server, question: str) -> None:
    body = f'{{"question": {question}, "rerank": false}}'.encode()
    answer = server.client.post("/v1/query", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["question"] == json.loads(question).replace("\ud800", "\ufffd").replace("\0", "\ufffd")


def test_many_questions_at_once_are_all_answered(server: Server) -> None:
    with ThreadPoolExecutor(24) as pool:
        asked = [pool.submit(server.ask, "When does the pool open?", rerank=False, min_confidence=0) for _ in range(48)]
        answers = [_without_what_differs(future.result()) for future in asked]
    assert all(answer == answers[0] for answer in answers)
    assert "eight" in answers[0]["answer"]["text"]


@pytest.mark.parametrize("as_of", ["yesterday", "2023-02-30"])
def test_a_day_that_is_none_is_refused_with_the_way_out(server: Server, as_of: str) -> None:
    for answer in (
        server.client.post("/v1/query", json={"question": "pool", "as_of": as_of}),
        server.client.get("/v1/query", params={"question": "pool", "as_of": as_of}),
    ):
        assert answer.status_code in (400, 422)
        assert "it must be a date such as 2023-05-01" in answer.json()["detail"]


def test_the_documented_object_is_accepted_as_a_whole(server: Server) -> None:
    everything = {
        "question": "When does the pool open?",
        "collection": "default",
        "top_k": 8,
        "mode": "hybrid",
        "rerank": None,
        "filters": None,
        "conversation": [],
        "as_of": None,
        "min_version": None,
        "answer": "extractive",
        "min_confidence": None,
        "explain": False,
        "stream": False,
    }
    answer = server.client.post("/v1/query", json=everything)
    assert answer.status_code == 200, answer.text
