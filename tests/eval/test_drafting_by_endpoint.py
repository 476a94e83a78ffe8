import json
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given

from corpus.types import ParsedDocument, Section
from eval.drafting.by_endpoint import draft_by_endpoint
from eval.drafting.documents import ReadDocument
from eval.drafting.passages import passages_of
from eval.drafting.types import Draft, Outcome
from retrieval.endpoint import ChatEndpoint
from tests.hostile_text import documents
from tests.retrieval.chat_server import Json, Reply, chat_server, completion, in_order

TEXT = (
    "The tower of the museum has 142 steps\nand no lift. Nobody has ever counted them twice. "
    "The keeper lives in the house below. Nobody has ever counted them twice."
)
QUOTE = "The tower of the museum has 142 steps and no lift."
GOOD = {"question": "How many steps does the tower have?", "quote": QUOTE, "answer": "142 steps"}


@pytest.fixture(autouse=True)
def _direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def said(**changes: object) -> Reply:
    return completion(json.dumps(GOOD | changes))


def drafted(answer: Callable[[Json], Reply], count: int = 1, passages: int = 1) -> tuple[Outcome, list[Json]]:
    """Ask about a document of so many passages, each in a section of its own."""
    text = "\n\n".join(f"Section {number}. {TEXT}" for number in range(passages)) if passages > 1 else TEXT
    starts = [text.index(f"Section {number}.") for number in range(passages)] if passages > 1 else []
    parsed = ParsedDocument(
        text, "text/plain", page_starts=(0, 1), sections=tuple(Section(start, (str(start),)) for start in starts)
    )
    found = list(passages_of(ReadDocument("museum", parsed)))
    assert len(found) == passages
    with chat_server(answer) as server, ChatEndpoint(server.url, "small") as endpoint:
        outcome = draft_by_endpoint(found, count, 3, endpoint, lambda _: parsed, lambda *_: None)
    return outcome, server.requests


def test_a_proposal_that_holds_is_a_draft() -> None:
    outcome, requests = drafted(in_order(said()))
    draft = Draft("museum", "How many steps does the tower have?", "142 steps", QUOTE, 1, "generated")
    assert outcome == Outcome((draft,), 0, None)
    (request,) = requests
    assert (request["temperature"], request["seed"], request["model"]) == (0, 3, "small")
    assert TEXT in request["messages"][-1]["content"]


@pytest.mark.parametrize(
    "reply",
    [
        f"<think>Perhaps {{this}}?</think>\n{json.dumps(GOOD)}",
        f"```json\n{json.dumps(GOOD)}\n```",
        json.dumps(GOOD | {"note": "more than was asked for"}),
    ],
)
def test_what_models_put_around_the_object_does_no_harm(reply: str) -> None:
    outcome, _ = drafted(in_order(completion(reply)))
    assert [draft.answer for draft in outcome.drafts] == ["142 steps"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (said(quote="The tower has 142 steps."), "does not stand in the document"),
        (said(quote="Nobody has ever counted them twice.", answer="twice"), "more than once"),
        (said(answer="143 steps"), "answer does not stand in the quote"),
        (said(answer=" "), "answer: String should have at least 1 character"),
        (said(question=None), "question: Input should be a valid string"),
        (completion(json.dumps(GOOD)[:-20], finish_reason="length"), "not valid"),
        (completion("[" * 100_000), "no JSON object"),
        (completion('{"a":' * 100_000), "not valid"),
        (completion("I would rather not."), "no JSON object"),
        (completion(None), "no JSON object"),
    ],
)
def test_a_proposal_that_does_not_hold_is_asked_for_once_more_with_the_reason(bad: Reply, why: str) -> None:
    outcome, requests = drafted(in_order(bad, said()))
    assert (len(outcome.drafts), outcome.dropped) == (1, 0)
    assert why in requests[1]["messages"][-1]["content"]
    assert [message["role"] for message in requests[1]["messages"]] == ["system", "user", "assistant", "user"]
    outcome, requests = drafted(in_order(bad, bad))
    assert (outcome.drafts, outcome.dropped, len(requests)) == ((), 1, 2)


def about(request: Json) -> Reply:
    """A proposal about the first line of the passage that was asked about."""
    passage = request["messages"][1]["content"].removeprefix("Passage:\n\n")
    number = passage.partition(".")[0]
    return said(quote=passage[:60], question=f"How many steps, {number}?")


def test_it_ends_with_as_many_as_were_wanted() -> None:
    outcome, requests = drafted(about, count=2, passages=4)
    assert (len(outcome.drafts), len(requests)) == (2, 2)


def test_the_same_question_is_no_second_draft() -> None:
    outcome, _ = drafted(lambda request: said(quote=about_quote(request)), count=4, passages=4)
    assert (len(outcome.drafts), outcome.dropped) == (1, 3)


def about_quote(request: Json) -> str:
    quote = json.loads(json.loads(about(request).body)["choices"][0]["message"]["content"])["quote"]
    return str(quote)


def test_a_model_that_keeps_to_nothing_is_not_asked_for_ever() -> None:
    outcome, requests = drafted(lambda _: completion("no"), count=2, passages=9)
    assert (outcome.dropped, len(requests)) == (4, 8)


def test_an_endpoint_that_fails_ends_it_with_what_there_is() -> None:
    replies = [about, lambda _: Reply(401, b"")]
    outcome, _ = drafted(lambda request: replies.pop(0)(request), count=3, passages=3)
    assert len(outcome.drafts) == 1
    assert "status 401" in str(outcome.error)


@given(documents())
def test_passages_stay_in_their_section_and_have_text(document: ParsedDocument) -> None:
    passages = list(passages_of(ReadDocument("any", document)))
    for passage in passages:
        assert passage.span.of(document.text) == passage.text
        assert not any(passage.span.start < section.start < passage.span.end for section in document.sections)
    assert all(above.span.end <= below.span.start for above, below in pairwise(passages))


def test_long_sections_are_several_passages() -> None:
    sentence = "The tower of the museum has many steps and no lift at all. "
    passages = list(passages_of(ReadDocument("long", ParsedDocument(sentence * 100, "text/plain"))))
    assert len(passages) > 3
    assert all(200 < len(passage.text) <= 1_500 for passage in passages)
