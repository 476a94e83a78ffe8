import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answer_types import AnswerType, expected_type

QUESTIONS: list[tuple[str, AnswerType | None]] = [
    ("Who keeps the lighthouse?", "person"),
    ("Whose ferry is it?", "person"),
    ("What is the harbour master's name?", "name"),
    ("Which engineer built the pier?", "person"),
    ("Where does the ferry leave?", "place"),
    ("In what city was the bell cast?", "place"),
    ("What is the name of the city in the north?", "place"),
    ("What is the name of the ferry?", "name"),
    ("Which company built the pier?", "organisation"),
    ("When was the pier built?", "date"),
    ("In which year was the pier built?", "year"),
    ("What time does the pool open?", "time"),
    ("How long does the crossing take?", "duration"),
    ("How old is the lighthouse?", "duration"),
    ("How many cabins does it have?", "number"),
    ("What is the population of the island?", "number"),
    ("How tall is the lighthouse?", "quantity"),
    ("What is the speed limit in the harbour?", "quantity"),
    ("How much does a ticket cost?", "money"),
    ("What is the fine for speeding?", "money"),
    ("What does a ticket for a dog cost?", "money"),
    ("What do I have to pay for a dog?", "money"),
    ("How much water is in the pool?", "quantity"),
    ("What percentage of the votes did she get?", "percentage"),
    ("Consider the agreement of 2020; what is the expiration date of this contract?", "date"),
    ("I was there in May. Where is the museum?", "place"),
    ("What happens when the ferry is late?", None),
    ("What makes the days so long in a month of summer?", None),
    ("Why is the harbour closed?", None),
    ("Does the pool close when it rains?", None),
    ("Do you know when the pool closes?", "date"),
    ("For what period is it closed?", None),
    ("How do I pay?", None),
    ("Is the museum open on Mondays?", None),
    ("ferry tickets", None),
    ("", None),
]


@pytest.mark.parametrize(("question", "expected"), QUESTIONS)
def test_the_question_says_what_it_asks_for(question: str, expected: AnswerType | None) -> None:
    assert expected_type(question) == expected


@given(st.text())
def test_any_text_may_be_a_question(question: str) -> None:
    assert expected_type(question) == expected_type(question.strip())
