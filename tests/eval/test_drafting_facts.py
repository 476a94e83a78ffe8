from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.drafting.facts import facts_in
from tests.hostile_text import canonical_texts


def found(sentence: str) -> list[tuple[str, str]]:
    return [(fact.kind, fact.text) for fact in facts_in(sentence)]


@pytest.mark.parametrize(
    ("sentence", "facts"),
    [
        ("The ramp was built in 1978.", [("date", "1978")]),
        ("It ends on 14 April 2025 and not on May 3, 2025.", [("date", "14 April 2025"), ("date", "May 3, 2025")]),
        ("Open from 1 April to 31 October.", [("date", "1 April to 31 October")]),
        ("Revenue of fiscal 2023 was known in June 2023.", [("date", "fiscal 2023"), ("date", "June 2023")]),
        ("It opens from 08:30 to 12:00 and at 6 p.m. again.", [("time", "08:30 to 12:00"), ("time", "6 p.m.")]),
        ("A guide costs 1,350 crowns.", [("amount", "1,350 crowns")]),
        ("It paid $14.7 billion, €3 and £2m.", [("amount", "$14.7 billion"), ("amount", "€3"), ("amount", "£2m")]),
        ("Sales rose by 5.5% and six per cent.", [("share", "5.5%"), ("share", "six per cent")]),
        ("Bring 38 bins and two part-time posts.", [("quantity", "38 bins"), ("quantity", "two part-time posts")]),
        ("The limit is 20 kilometres an hour.", [("quantity", "20 kilometres an hour")]),
        ("It was sold by Tern Air of Storhaven.", [("name", "Tern Air of Storhaven")]),
        ("It was sold to Kenvue Inc. in May 2020.", [("name", "Kenvue Inc."), ("date", "May 2020")]),
    ],
)
def test_facts_of_a_sentence(sentence: str, facts: list[tuple[str, str]]) -> None:
    assert found(sentence) == facts


@pytest.mark.parametrize(
    "sentence",
    [
        "See Section 4 and Table 12.",  # labels
        "Classes 1 to 9 are taught.",
        "The 2022 edition replaces the Act of 1977.",  # years that tell things from others
        "Pay 3 months' rent.",  # a possessive
        "Ferry Tickets are sold.",  # at the start of the sentence
        "The “Effective Date” is today.",  # defined words
        "The Annual Plan Committee met.",
        "On Monday he slept.",
    ],
)
def test_what_is_no_fact(sentence: str) -> None:
    assert found(sentence) == []


def test_the_unit_is_what_is_counted() -> None:
    (fact,) = facts_in("Two additional part-time posts would be needed.".replace("Two", "At first two"))
    assert fact.unit == "additional part-time posts"


WORDS = """
The ramp costs $5 , 1,080 5% 08:30 to 12:00 from 1 April 2024 in 1999 two bins of Tern Air ( ) 20 : ; and
"""
SENTENCES = st.one_of(canonical_texts, st.lists(st.sampled_from(WORDS.split())).map(" ".join))


@given(SENTENCES)
def test_facts_are_slices_in_order_that_do_not_overlap(sentence: str) -> None:
    facts = facts_in(sentence)
    assert all(fact.span.of(sentence) == fact.text and fact.text.strip() for fact in facts)
    assert all(above.span.end <= below.span.start for above, below in pairwise(facts))
