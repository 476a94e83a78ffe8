"""Questions as they are taken in: made canonical, and refused where they ask for too much or for nothing."""

from dataclasses import replace
from typing import Final

from corpus.errors import BadInputError
from corpus.text import canonical
from retrieval.types import QueryRequest, Turn

LONGEST_QUESTION: Final = 4_000
MOST_PASSAGES: Final = 100
MOST_TURNS: Final = 100
LONGEST_TURN: Final = 20_000


def checked(request: QueryRequest) -> QueryRequest:
    """The request with canonical texts: what comes from a terminal may hold what no index can.

    Raises BadInputError.
    """
    turns = tuple(Turn(turn.role, canonical(turn.text)) for turn in request.conversation)
    request = replace(request, question=canonical(request.question), conversation=turns)
    _check(request)
    return request


def _check(request: QueryRequest) -> None:
    if not request.question.strip():
        raise BadInputError("the question is empty")
    if len(request.question) > LONGEST_QUESTION:
        raise BadInputError(f"the question has {len(request.question)} characters; {LONGEST_QUESTION} are the most")
    if not 1 <= request.top_k <= MOST_PASSAGES:
        raise BadInputError(f"top_k is {request.top_k}; it must be from 1 to {MOST_PASSAGES}")
    if request.recency_half_life_days <= 0:
        raise BadInputError(f"recency_half_life_days is {request.recency_half_life_days}; it must be above 0")
    if len(request.conversation) > MOST_TURNS:
        raise BadInputError(f"the conversation has {len(request.conversation)} turns; {MOST_TURNS} are the most")
    longest = max((len(turn.text) for turn in request.conversation), default=0)
    if longest > LONGEST_TURN:
        raise BadInputError(f"a turn of the conversation has {longest} characters; {LONGEST_TURN} are the most")
