import time

import pytest
from pydantic import SecretStr

from corpus.errors import BadInputError, EndpointError
from retrieval.endpoint import ChatEndpoint, Message, open_endpoint
from retrieval.settings import Settings
from tests.retrieval.chat_server import Reply, chat_server, completion, in_order

KEY = "sk-secret-4711"
ASKED = [Message("system", "Be short."), Message("user", "Wie spät? ⏰")]


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def ask(*replies: Reply, seconds: float = 5.0, key: str | None = KEY):
    """One question to a server that gives these replies."""
    with chat_server(in_order(*replies)) as server, ChatEndpoint(server.url, "small", key, seconds) as endpoint:
        return endpoint.complete(ASKED, seed=3)


def failure(*replies: Reply, seconds: float = 5.0) -> str:
    with pytest.raises(EndpointError) as caught:
        ask(*replies, seconds=seconds)
    said = str(caught.value)
    assert KEY not in said
    assert "http://127.0.0.1:" in said
    return said


def test_what_is_sent_and_what_comes_back() -> None:
    with chat_server(in_order(completion("Noon. 🕛"))) as server, ChatEndpoint(server.url, "small", KEY) as endpoint:
        answer = endpoint.complete(ASKED, seed=3)
    assert (answer.text, answer.truncated) == ("Noon. 🕛", False)
    assert server.paths == ["/v1/chat/completions"]
    assert server.requests == [
        {
            "model": "small",
            "messages": [
                {"role": "system", "content": "Be short."},
                {"role": "user", "content": "Wie spät? ⏰"},
            ],
            "temperature": 0,
            "seed": 3,
        }
    ]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("ending", ["", "/", "/chat/completions"])
def test_the_url_may_be_given_with_or_without_its_last_part(ending: str) -> None:
    with chat_server(in_order(completion("yes"))) as server, ChatEndpoint(server.url + ending, "small") as endpoint:
        endpoint.complete(ASKED)
    assert server.paths == ["/v1/chat/completions"]
    assert "authorization" not in server.headers[0]


def test_an_answer_that_was_cut_off_says_so() -> None:
    assert ask(completion("The ferry lea", finish_reason="length")).truncated
    assert ask(completion(None)).text == ""


def test_a_wrong_key_is_said_without_the_key() -> None:
    said = failure(Reply(401, f'{{"error": {{"message": "wrong key {KEY[:8]}"}}}}'.encode()))
    assert said.endswith("answered with status 401: check PINCITE_ENDPOINT_KEY")


def test_what_the_endpoint_says_is_shown_without_the_key() -> None:
    said = failure(Reply(400, f'{{"error": {{"message": "no model small\\nfor {KEY}"}}}}'.encode()))
    assert said.endswith("answered with status 400: no model small for ***")
    assert "status 404: nothing here: check PINCITE_ENDPOINT_URL" in failure(Reply(404, b'{"error": "nothing here"}'))
    assert len(failure(Reply(400, b"<html>" + b"x" * 5_000))) < 400


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_an_endpoint_that_is_busy_is_asked_again(status: int) -> None:
    assert ask(Reply(status, b"later"), completion("now")).text == "now"


def test_an_endpoint_that_stays_broken_is_given_up_after_three_attempts() -> None:
    attempts = [Reply(500, b"broken"), Reply(503, b"broken"), Reply(500, b"still broken"), completion("too late")]
    assert failure(*attempts).endswith("answered with status 500: still broken")


def test_a_refusal_is_not_asked_again() -> None:
    assert "status 400" in failure(Reply(400, b"no"), completion("yes"))


@pytest.mark.parametrize("pieces", [1, 30])
def test_a_slow_answer_is_given_up(pieces: int) -> None:
    """Also one that comes byte after byte, each of them in time."""
    body = completion("x" * 100).body
    begun = time.monotonic()
    said = failure(Reply(body=body, seconds=3.0, pieces=pieces), seconds=0.3)
    assert "did not answer within 0.3 seconds" in said
    assert "PINCITE_ENDPOINT_SECONDS" in said
    assert time.monotonic() - begun < 2.0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>hello</html>",
        completion("cut").body[:-20],
        b'{"choices": []}',
        b'{"choices": [{}]}',
        b"[1]",
        b"\xff",
    ],
)
def test_an_answer_that_is_no_completion_is_named(body: bytes) -> None:
    said = failure(Reply(body=body))
    assert "status 200, but with no chat completion" in said


def test_nobody_listens() -> None:
    with chat_server(in_order()) as server:
        gone = server.url
    with (
        ChatEndpoint(gone, "small", KEY) as endpoint,
        pytest.raises(EndpointError, match="cannot be reached") as caught,
    ):
        endpoint.complete(ASKED)
    assert KEY not in str(caught.value)


def test_credentials_and_query_of_the_url_are_never_shown() -> None:
    with chat_server(lambda _: Reply(body=b"")) as server:
        address = server.url.replace("http://", "http://someone:hidden@") + "?token=hidden"
        with ChatEndpoint(address, "small") as endpoint:
            assert "hidden" not in endpoint.address
            with pytest.raises(EndpointError) as caught:
                endpoint.complete(ASKED)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-\nsecret", "schlüssel", "a\x00b"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(BadInputError, match="PINCITE_ENDPOINT_KEY") as caught:
        ChatEndpoint("http://127.0.0.1:9/v1", "small", key)
    assert key not in str(caught.value)


def test_white_space_around_a_key_is_no_part_of_it() -> None:
    with chat_server(in_order(completion("yes"))) as server, ChatEndpoint(server.url, "small", f" {KEY}\n") as endpoint:
        endpoint.complete(ASKED)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PINCITE_{name.upper()}", raising=False)
    for name, value in values.items():
        monkeypatch.setenv(f"PINCITE_ENDPOINT_{name.upper()}", value)
    return Settings.load()


def test_without_settings_there_is_no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_endpoint(settings(monkeypatch)) is None
    assert open_endpoint(settings(monkeypatch, key=KEY)) is None


@pytest.mark.parametrize(("given", "missing"), [("url", "MODEL"), ("model", "URL")])
def test_half_an_endpoint_is_refused(monkeypatch: pytest.MonkeyPatch, given: str, missing: str) -> None:
    half = settings(monkeypatch, **{given: "http://127.0.0.1:9/v1"})
    with pytest.raises(BadInputError, match=f"PINCITE_ENDPOINT_{missing} is not"):
        open_endpoint(half)


def test_the_settings_open_the_endpoint_and_hide_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with chat_server(in_order(completion("yes"))) as server:
        made = settings(monkeypatch, url=server.url, model="small", key=KEY, seconds="7")
        with open_endpoint(made) as endpoint:  # type: ignore[union-attr]
            assert (endpoint.model, endpoint.complete(ASKED).text) == ("small", "yes")
    assert made.endpoint_key == SecretStr(KEY)
    assert KEY not in repr(made)
    assert KEY not in made.model_dump_json()
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://host/v1", "http://", "https:// host"])
def test_a_url_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(BadInputError, match="PINCITE_ENDPOINT_URL"):
        settings(monkeypatch, url=url, model="small")
