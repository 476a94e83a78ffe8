"""Rewriting by an endpoint, a real HTTP server on this machine, and by rules where it fails."""

import pytest

from retrieval.endpoint import ChatEndpoint
from retrieval.rewriting import Rewriter, Rewriting
from retrieval.types import Turn
from tests.retrieval.chat_server import Reply, chat_server, completion, in_order

SAID = (Turn("user", "When does the ferry to Karn leave?"), Turn("assistant", "At nine."))
BY_RULES = "What does it cost? ferry Karn leave"


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def rewritten(*replies: Reply, said: tuple[Turn, ...] = SAID) -> tuple[Rewriting, list[dict[str, object]]]:
    """The question "What does it cost?" with an endpoint that gives these replies, and what the endpoint was sent."""
    with chat_server(in_order(*replies)) as server, ChatEndpoint(server.url, "small", None, 5.0) as endpoint:
        return Rewriter(lambda: endpoint).rewrite("What does it cost?", said), server.requests


def test_the_endpoint_is_told_the_conversation_and_its_question_is_searched_for() -> None:
    found, requests = rewritten(completion("<think>The ferry.</think>\nWhat does the ferry\n to Karn cost?"))
    assert found == Rewriting("What does the ferry to Karn cost?")
    (messages,) = [request["messages"] for request in requests]
    assert isinstance(messages, list)
    assert messages[1]["content"].splitlines() == [
        "Conversation:",
        "user: When does the ferry to Karn leave?",
        "assistant: At nine.",
        "",
        "Question:",
        "What does it cost?",
    ]


def test_only_the_last_turns_go_to_the_endpoint_and_long_ones_are_cut() -> None:
    said = tuple(Turn("user", f"{number} " + "x" * 10_000) for number in range(50))
    _, requests = rewritten(completion("Cost?"), said=said)
    sent = str(requests[0]["messages"])
    assert "user: 42 x" in sent
    assert "user: 41 x" not in sent
    assert len(sent) < 8 * 1_600 + 1_500


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(status=401), "answered with status 401"),
        (completion(""), "did not write a question"),
        (completion("?!"), "did not write a question"),
        (completion("x " * 2_000), "did not write a question"),
        (completion("What does the", "length"), "did not write a question"),
        (Reply(body=b"<html>"), "with no chat completion"),
    ],
)
def test_where_the_endpoint_fails_the_rules_do_it_and_that_is_said(reply: Reply, said: str) -> None:
    found, _ = rewritten(reply)
    assert found.text == BY_RULES
    assert found.warning is not None
    assert found.warning.startswith("the question was put into its conversation by rules, because the endpoint failed")
    assert said in found.warning


def test_without_an_endpoint_the_rules_do_it_and_nothing_is_to_be_said() -> None:
    assert Rewriter(lambda: None).rewrite("What does it cost?", SAID) == Rewriting(BY_RULES)


def test_a_first_question_goes_to_no_endpoint() -> None:
    assert rewritten(said=()) == (Rewriting("What does it cost?"), [])
