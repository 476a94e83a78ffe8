import pytest

from corpus.errors import BadInputError
from retrieval.requests import checked
from retrieval.types import QueryRequest, Turn


def test_texts_become_canonical_wherever_they_come_from() -> None:
    given = QueryRequest("a\r\nb\0", conversation=(Turn("user", "\ud800c"),))
    assert checked(given) == QueryRequest("a\nb\ufffd", conversation=(Turn("user", "\ufffdc"),))


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (QueryRequest(" \n"), "the question is empty"),
        (QueryRequest("x" * 4_001), "the question has 4001 characters; 4000 are the most"),
        (QueryRequest("x", top_k=0), "top_k is 0; it must be from 1 to 100"),
        (QueryRequest("x", top_k=101), "top_k is 101"),
        (
            QueryRequest("x", conversation=(Turn("user", "y"),) * 101),
            "the conversation has 101 turns; 100 are the most",
        ),
        (QueryRequest("x", conversation=(Turn("user", "y" * 20_001),)), "has 20001 characters; 20000 are the most"),
    ],
)
def test_what_asks_for_too_much_or_nothing_is_refused(request_: QueryRequest, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        checked(request_)
