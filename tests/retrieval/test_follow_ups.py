from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.follow_ups import leans_on_earlier_turns, searched_question, topic_words
from retrieval.types import Turn
from tests.hostile_text import canonical_texts

FERRY = (
    Turn("user", "When does the ferry to Karn leave on Sundays?"),
    Turn("assistant", "It leaves at ten; the captain is Ada Lund of the Northern Line."),
)

turns = st.lists(st.builds(Turn, st.sampled_from(["user", "assistant"]), st.text() | canonical_texts), max_size=6)


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("What does it cost?", "What does it cost? ferry Karn leave Sundays"),
        ("And on Mondays?", "And on Mondays? ferry Karn leave Sundays Ada Lund Northern Line"),
        (
            "What about bicycles, dogs and heavy luggage?",
            "What about bicycles, dogs and heavy luggage? ferry Karn leave",
        ),
        ("Who owns that ferry company?", "Who owns that ferry company? Karn leave Sundays"),
        ("Why?", "Why? ferry Karn leave Sundays Ada Lund Northern Line"),
    ],
)
def test_a_question_that_leans_on_the_turns_before_gets_what_it_lacks(question: str, searched: str) -> None:
    assert searched_question(question, FERRY).startswith(searched)


@pytest.mark.parametrize(
    "question",
    [
        "Which lamp burns in the lighthouse of Fulmar Head?",
        "How many books may children borrow from the library?",
        "灯台の猫の名前は何ですか",
    ],
)
def test_a_question_that_stands_on_its_own_is_left_alone(question: str) -> None:
    assert searched_question(question, FERRY) == question
    assert not leans_on_earlier_turns(question)


def test_without_turns_before_it_no_question_is_changed() -> None:
    assert searched_question("And it?", ()) == "And it?"


def test_turns_without_a_topic_are_passed_over() -> None:
    thanks = (*FERRY, Turn("user", "Thanks, I see!"), Turn("assistant", "You are welcome."))
    assert searched_question("What does it cost there?", thanks).endswith("ferry Karn leave Sundays")


def test_where_the_last_turn_leans_on_the_one_before_both_give_words() -> None:
    further = (*FERRY, Turn("user", "What does it cost?"), Turn("assistant", "Two crowns."))
    assert searched_question("For children?", further) == "For children? cost ferry Karn leave Sundays"


def test_a_turn_that_stands_on_its_own_ends_the_topic_before_it() -> None:
    topic = Turn("user", "Which lamp burns in the lighthouse of Fulmar Head?")
    assert "ferry" not in searched_question("Is it bright?", (*FERRY, topic))


def test_words_are_added_once_whatever_their_number_and_letters() -> None:
    said = (Turn("user", "Ferries, ferry’s timetable, FERRY, timetables"),)
    assert searched_question("Is it a ferry?", said) == "Is it a ferry? Ferries timetable"


def test_what_is_added_is_bounded() -> None:
    pasted = (Turn("user", " ".join(f"word{number}" for number in range(5_000))),)
    assert len(searched_question("What is it?", pasted).split()) == 3 + 32


@given(st.text() | canonical_texts, turns)
def test_the_question_stands_first_and_only_words_of_the_turns_follow(question: str, said: list[Turn]) -> None:
    searched = searched_question(question, said)
    assert searched == question or searched.startswith(question.strip())
    added = searched.removeprefix(question if searched == question else question.strip()).split()
    assert all(any(word in turn.text for turn in said) for word in added)


@given(st.text() | canonical_texts)
def test_topic_words_are_words_of_the_text_in_its_order(text: str) -> None:
    places = [text.index(word) for word in topic_words(text)]
    assert all(first >= 0 and second >= 0 for first, second in pairwise([0, *places]))
