import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answer_strings import PatternReader
from tests.hostile_text import raw_texts

ANSWERS = [
    ("Who keeps the lighthouse?", "The lighthouse is kept by Ada Holm since the storm of 1990.", "Ada Holm"),
    ("Who painted the ceiling?", "In Rome, the ceiling was painted by King Olaf II of Norway.", "King Olaf II"),
    ("Where was Ada Holm born?", "Ada Holm was born in Northhaven.", "Northhaven"),
    ("Which company built the pier?", "Stone & Sons Company built the pier for the Duke.", "Stone & Sons Company"),
    ("What is the name of the ferry?", "The ferry is called “Grey Gull” by the islanders.", "Grey Gull"),
    ("When was the pier built?", "The pier was built on 3 May 1921, the hotel in 1950.", "3 May 1921"),
    ("When was it rebuilt?", "It was rebuilt in the early 19th century.", "early 19th century"),
    ("In which year did the war of 1812 end?", "The war of 1812 ended in 1815.", "1815"),
    ("When does the pool open?", "The pool opens at 9:30 am, the sauna at noon.", "9:30 am"),
    (
        "How long does the crossing take?",
        "The crossing takes two and a half hours with 3 stops.",
        "two and a half hours",
    ),
    ("How long does the crossing take?", "The crossing takes 45 minutes in calm weather.", "45 minutes"),
    ("How many cabins does the ferry have?", "In 1990 the ferry had twenty-two cabins.", "twenty-two"),
    ("How tall is the lighthouse?", "Built in 1850, the lighthouse is 38.5 metres tall.", "38.5 metres"),
    ("What is the fine for speeding?", "Speeding costs a fine of 120 crowns after 22:00.", "120 crowns"),
    ("How much was paid for the bell?", "For the bell, £1.5 million was paid.", "£1.5 million"),
    ("What percentage voted yes?", "Of 900 islanders, 62.5 % voted yes.", "62.5 %"),
]


@pytest.mark.parametrize(("question", "text", "answer"), ANSWERS)
def test_the_words_that_answer_are_found(question: str, text: str, answer: str) -> None:
    best = PatternReader().read(question, text)[0]
    assert best.span.of(text) == answer


def test_what_the_question_says_is_no_answer() -> None:
    assert PatternReader().read("Where in Northhaven is the Grey Gull?", "The Grey Gull lies in Northhaven.") == []


def test_a_question_without_a_type_has_no_candidates() -> None:
    assert PatternReader().read("Why is the pier closed?", "The pier is closed since 3 May 1921.") == []


KINDS = ["Who?", "Where?", "What name?", "Which company?", "When?", "Which year?", "What time?", "How long?"]
KINDS += ["How many?", "How tall?", "What cost?", "What percentage?"]


@given(st.sampled_from(KINDS), st.one_of(raw_texts, st.text(alphabet="aA1 .,-–'“”$%\n", max_size=60)))
def test_candidates_are_pieces_of_the_text(question: str, text: str) -> None:
    found = PatternReader().read(question, text)
    for item in found:
        assert item.span.of(text).strip()
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)


def test_a_dozen_begins_with_a_word() -> None:
    text = "We sell about dozen eggs, or a dozen."
    found = PatternReader().read("How many eggs are sold?", text)
    assert {answer.span.of(text) for answer in found} == {"dozen", "a dozen"}
