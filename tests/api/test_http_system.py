"""Health, figures, the interface's own description, and the check that users of the interface run."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.openapi.models import OpenAPI
from prometheus_client.parser import text_string_to_metric_families

from tests.api.servers import Json, Server, running_server

CHECK = Path(__file__).resolve().parents[2].parent / "shared" / "tools" / "check_interface.py"
ADDRESS = re.compile(r"""(?:https?:)?//[\w.-]+""")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("system") / "home", "--sample-if-empty") as running:
        yield running


@pytest.fixture(scope="module")
def description(server: Server) -> Json:
    found: Json = server.client.get("/openapi.json").raise_for_status().json()
    return found


def test_health_and_readiness(server: Server) -> None:
    assert server.client.get("/healthz").json() == {"status": "ok"}
    ready = server.client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert ready.json()["index_version"] >= 1


def test_an_empty_home_begins_with_the_sample_documents(server: Server) -> None:
    status = server.client.get("/v1/status").json()
    assert status.keys() == {
        "home",
        "documents",
        "passages",
        "index_version",
        "collections",
        "models",
        "uncovered_languages",
        "reindexing",
    }
    assert status["documents"] >= 10
    assert status["collections"] == ["default"]
    assert status["models"]["embedder"]["name"] == "bge-small-en-v1.5"
    assert server.ask("What does the bicycle ticket on the ferry cost?")["answer"] is not None


def test_the_check_of_the_interface_passes(server: Server) -> None:
    if not CHECK.is_file():
        pytest.skip("the shared check of the interface is not there")
    # One document answers it: the check reads all citations in the text of the first passage's document.
    question = "What is the fine for speeding in the inner harbour?"
    expected = server.ask(question)["citations"][0]["quote"][:20]
    command = [sys.executable, str(CHECK), server.url, question, expected]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout.rstrip().endswith("all right")) == (0, True), run.stdout + run.stderr


# --- figures ------------------------------------------------------------------------------------------------------


def _figures(server: Server) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = server.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {(item.name, frozenset(item.labels.items())): item.value for family in families for item in family.samples}


def test_figures_count_requests_and_questions(server: Server) -> None:
    before = _figures(server)
    server.ask("What does the bicycle ticket on the ferry cost?")
    server.ask("Who won the chess championship of Norway?", min_confidence=1)
    server.client.get("/v1/documents/nope")
    after = _figures(server)

    def grown(name: str, **labels: str) -> float:
        key = (name, frozenset(labels.items()))
        return after.get(key, 0) - before.get(key, 0)

    assert grown("pincite_queries_total", outcome="answered") == 1
    assert grown("pincite_queries_total", outcome="abstained") == 1
    assert grown("pincite_http_requests_total", method="POST", status="200") == 2
    assert grown("pincite_http_requests_total", method="GET", status="404") == 1
    assert grown("pincite_query_stage_seconds_count", stage="total") == 2
    assert after["pincite_documents", frozenset()] == server.client.get("/v1/status").json()["documents"]


def test_a_stranger_cannot_fill_the_figures_with_names(server: Server) -> None:
    for number in range(5):
        assert server.client.request(f"BREW{number}", "/v1/query").status_code == 405
    methods = {dict(labels).get("method") for _, labels in _figures(server)}
    assert methods <= {None, "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "other"}


# --- the description ----------------------------------------------------------------------------------------------


ROUTES = {
    "/v1/query": {"get", "post"},
    "/v1/documents": {"get", "post"},
    "/v1/documents/{document_id}": {"get", "put", "delete"},
    "/v1/documents/{document_id}/text": {"get"},
    "/v1/documents/{document_id}/original": {"get"},
    "/v1/documents/{document_id}/boxes": {"get"},
    "/v1/documents/{document_id}/pages/{page}.png": {"get"},
    "/v1/collections": {"get", "post"},
    "/v1/collections/{name}": {"get", "delete"},
    "/v1/jobs/{job_id}": {"get"},
    "/v1/status": {"get"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
}


def _operations(description: Json) -> Iterator[tuple[str, str, Json]]:
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _references(item)


def test_the_description_is_valid_and_holds_every_route(description: Json) -> None:
    OpenAPI.model_validate(description)
    assert description["openapi"].startswith("3.")
    for reference in _references(description):
        found = description
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    assert {path: set(operations) for path, operations in description["paths"].items()} == ROUTES
    names = [operation["operationId"] for _, _, operation in _operations(description)]
    assert len(names) == len(set(names))


def test_every_route_says_what_it_does_takes_and_gives(description: Json) -> None:
    for path, method, operation in _operations(description):
        place = f"{method} {path}"
        assert operation["summary"], place
        assert operation["description"], place
        problem = operation["responses"]["default"]["content"]["application/problem+json"]
        assert problem["schema"]["$ref"].endswith("/Problem"), place
        assert "422" not in operation["responses"], place
        if method in ("post", "put"):
            assert all(body["schema"] for body in operation["requestBody"]["content"].values()), place


def test_answers_are_described(description: Json) -> None:
    schemas = description["components"]["schemas"]
    answer = description["paths"]["/v1/query"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["$ref"].endswith("/QueryOut")
    assert schemas["QueryOut"]["properties"].keys() >= {"answer", "citations", "passages", "confidence"}
    assert schemas["CitationOut"]["properties"].keys() >= {"quote", "start", "end", "page_start", "section_path"}


def test_what_is_not_json_is_described_by_its_media_type(description: Json) -> None:
    media_types = {
        "/v1/documents/{document_id}/text": "text/plain",
        "/v1/documents/{document_id}/original": "application/octet-stream",
        "/v1/documents/{document_id}/pages/{page}.png": "image/png",
        "/metrics": "text/plain",
    }
    for path, media_type in media_types.items():
        assert list(description["paths"][path]["get"]["responses"]["200"]["content"]) == [media_type], path


def test_the_example_of_a_question_works(server: Server, description: Json) -> None:
    (example,) = description["components"]["schemas"]["QueryBody"]["examples"]
    assert server.client.post("/v1/query", json=example).status_code == 200


def test_the_pages_of_the_description_need_no_other_server(server: Server) -> None:
    for path in ("/docs", "/redoc"):
        page = server.client.get(path)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert ADDRESS.findall(page.text) == []
        for needed in re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text):
            assert urlsplit(needed).netloc == ""
            assert server.client.get(needed).status_code == 200, needed


def test_the_page_for_people_needs_no_other_server(server: Server) -> None:
    page = server.client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    for needed in re.findall(r"""(?:src|href)=["']([^"'#]+)["']""", page.text):
        assert urlsplit(needed).netloc == ""
        assert server.client.get(f"/{needed.lstrip('/')}").status_code == 200, needed
