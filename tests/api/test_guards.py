"""The guards around an application of their own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from api.http.errors import handle_errors
from api.http.guards import guard
from api.http.metrics import Metrics
from retrieval.assemble import open_service
from retrieval.settings import Settings

LIMIT = 2_000_000


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    made = FastAPI()
    with open_service(Settings(home=tmp_path / "home")) as service:
        made.state.metrics = Metrics(service)
        handle_errors(made)
        made.add_api_route("/defect", _defect)
        made.add_api_route("/size", _size, methods=["POST"])
        made.add_api_route("/broken-off", _broken_off)
        guard(made, ["Pincite.Example"], LIMIT - 1_000_000)
        yield made


def _defect() -> None:
    raise KeyError("secret")


async def _size(request: Request) -> int:
    return len(await request.body())


def _broken_off() -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"the beginning"
        raise KeyError("secret")

    return StreamingResponse(pieces())


def _answer(app: FastAPI, method: str, path: str, **more: object) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, **more)  # type: ignore[arg-type]

    return asyncio.run(send())


def test_a_defect_is_a_problem_with_an_id_that_the_log_has_too(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = _answer(app, "GET", "/defect")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    body = answer.json()
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["request_id"] in caplog.text
    assert "KeyError: 'secret'" in caplog.text
    assert "secret" not in answer.text
    assert b'pincite_http_requests_total{method="GET",status="500"} 1.0' in app.state.metrics.exposition()


def test_an_answer_that_has_begun_is_broken_off(app: FastAPI) -> None:
    with pytest.raises(KeyError):
        _answer(app, "GET", "/broken-off")


def test_names_are_compared_without_regard_to_case(app: FastAPI) -> None:
    for host in ("pincite.example", "PINCITE.EXAMPLE:8000"):
        assert _answer(app, "GET", "/defect", headers={"Host": host}).status_code == 500
    assert _answer(app, "GET", "/defect", headers={"Host": "pincite.example.evil"}).status_code == 421


def test_a_body_of_just_the_limit_is_let_through(app: FastAPI) -> None:
    async def pieces(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 1_000

    assert _answer(app, "POST", "/size", content=b"x" * LIMIT).json() == LIMIT
    assert _answer(app, "POST", "/size", content=pieces(2_000)).json() == LIMIT
    assert _answer(app, "POST", "/size", content=b"x" * (LIMIT + 1)).status_code == 413
    assert _answer(app, "POST", "/size", content=pieces(2_001)).status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "²", "9" * 400])
def test_lengths_that_are_no_numbers_do_no_harm(app: FastAPI, length: str) -> None:
    answer = _answer(app, "POST", "/size", content=b"xyz", headers={b"Content-Length": length.encode()})
    assert answer.status_code in (200, 413)


def test_own_pages_are_known_by_name_and_port(app: FastAPI) -> None:
    headers = {"Host": "pincite.example:8000"}
    for origin, status in (
        ("http://pincite.example:8000", 200),
        ("https://Pincite.Example:8000", 200),
        ("http://pincite.example", 403),
        ("http://pincite.example:8001", 403),
        ("http://evil.example/pincite.example:8000", 403),
        ("pincite.example:8000", 403),
    ):
        answer = _answer(app, "POST", "/size", content=b"", headers={**headers, "Origin": origin})
        assert answer.status_code == status, origin
