from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from api.schemas import CitationOut, JobOut, PassageOut, QueryBody, QueryOut, ScoresOut, TextBody
from index.jobs import Job
from retrieval.modes import Mode
from retrieval.types import (
    Answer,
    AnswerSpan,
    Citation,
    Highlight,
    QueryRequest,
    QueryResult,
    RankedPassage,
    Scores,
    Turn,
)

CITATION = Citation(
    "c1", "d", "T", "u", "v", "text/plain", "p", "q", 1, 2, None, 3, None, "iii", "A5:B5", ("A", "B"), True, "", ""
)
PASSAGE = RankedPassage(
    "p", 1, 0.5, Scores(0.1, None, 0.2), "text", "d", "T", "u", "v", "text/plain", 0, 4, 1, 1, "i", "i", None, (),
    {"k": True}, (Highlight(0, 2),),
)  # fmt: skip
RESULT = QueryResult(
    "qry", "q?", "default", 7, Answer("extractive", "q", (AnswerSpan(0, 1, ("c1",)),)), (CITATION,), (PASSAGE,), 0.5,
    "uncalibrated", False, None, {"total": 1.5},
)  # fmt: skip


def test_what_the_service_gives_is_given_whole() -> None:
    for schema, value in (
        (CitationOut, CITATION),
        (PassageOut, PASSAGE),
        (QueryOut, RESULT),
        (ScoresOut, PASSAGE.scores),
    ):
        assert tuple(schema.model_fields) == tuple(value.__dataclass_fields__)
    assert tuple(JobOut.model_fields) == tuple(Job.__dataclass_fields__)
    given_ = QueryOut.of(RESULT).model_dump(mode="json")
    assert given_["answer"]["spans"] == [{"start": 0, "end": 1, "citations": ["c1"]}]
    assert given_["citations"][0]["section_path"] == ["A", "B"]
    assert given_["passages"][0]["scores"] == {"dense": 0.1, "lexical": None, "fused": 0.2, "rerank": None}
    assert given_["passages"][0]["metadata"] == {"k": True}


def test_a_question_alone_is_asked_with_the_defaults_of_the_service() -> None:
    assert QueryBody(question="x").to_request() == QueryRequest("x")
    assert QueryBody.model_validate({"query": "x"}).to_request() == QueryRequest("x")


questions = st.fixed_dictionaries(
    {"question": st.text()},
    optional={
        "collection": st.text(max_size=5),
        "top_k": st.integers(1, 100),
        "mode": st.sampled_from(get_args(Mode)),
        "rerank": st.none() | st.booleans(),
        "filters": st.none() | st.just({"type": "exists", "key": "a"}),
        "min_version": st.none() | st.integers(0, 10),
        "answer": st.sampled_from(["extractive", "none", "generative"]),
        "min_confidence": st.none() | st.floats(0, 1),
        "explain": st.booleans(),
    },
)


@given(questions)
def test_every_field_reaches_the_service(fields: dict[str, Any]) -> None:
    request = QueryBody.model_validate(fields).to_request()
    for name, value in fields.items():
        assert getattr(request, name) == (
            value.replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value
        )


@pytest.mark.parametrize(
    "fields",
    [
        {"recency": "newest"},
        {"recency_half_life_days": 0},
        {"stream": True},
    ],
)
def test_what_is_not_available_is_said_rather_than_ignored(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        QueryBody.model_validate({"question": "x", **fields})


def test_the_turns_before_a_question_reach_the_service() -> None:
    said = [{"role": "user", "text": "a\r\nb"}, {"role": "assistant", "text": "\ud800"}]
    request = QueryBody.model_validate({"question": "x", "conversation": said}).to_request()
    assert request.conversation == (Turn("user", "a\nb"), Turn("assistant", "\ufffd"))


@pytest.mark.parametrize(
    "turn", [{"role": "agent", "text": "x"}, {"role": "user"}, {"role": "user", "text": "x", "y": 1}]
)
def test_a_turn_has_a_role_and_a_text_and_nothing_else(turn: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=r"conversation\.0"):
        QueryBody.model_validate({"question": "x", "conversation": [turn]})


@given(
    st.dictionaries(
        st.text(max_size=3),
        st.text(max_size=3) | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    )
)
def test_metadata_keep_their_types(metadata: dict[str, Any]) -> None:
    kept = TextBody(text="x", metadata=metadata).metadata
    assert kept == metadata
    assert [type(value) for value in kept.values()] == [type(value) for value in metadata.values()]
