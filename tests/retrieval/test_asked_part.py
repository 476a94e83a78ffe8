import pytest
from hypothesis import given

from retrieval.asked_part import asked_part
from tests.hostile_text import raw_texts

WHEN = "When does this contract end?"


@pytest.mark.parametrize(
    ("question", "part"),
    [
        (f"Consider the lease of Signal Court between A and B; {WHEN}", WHEN),
        (f"I live in Signal Court. {WHEN}", WHEN),
        (f"{WHEN} Answer with a date, please.", WHEN),
        ("We go by car, the dog comes along. What does a dog cost on the ferry?", "What does a dog cost on the ferry?"),
    ],
)
def test_only_what_is_asked_is_read(question: str, part: str) -> None:
    assert asked_part(question) == part


@pytest.mark.parametrize(
    "question",
    [
        WHEN,
        "ferry tickets",
        "",
        "Consider the lease of Signal Court; when does it end?",
        "The dog comes along. How much is this on the ferry?",
        "When does the ferry leave? Where does the ferry land?",
        "Mr. Lind keeps the lighthouse. Who is it?",
        "I live in Signal Court. Why?",
        "What did Mr. P. Holm say? And the others?",
        "What did Capt. Lind write in the log of the Kittiwake?",
    ],
)
def test_the_whole_is_read_where_no_part_says_enough(question: str) -> None:
    assert asked_part(question) == question


@given(raw_texts)
def test_the_part_is_a_piece_of_the_question(question: str) -> None:
    assert asked_part(question) in question
