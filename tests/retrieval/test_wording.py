"""One text says what another does, or does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.wording import says_no_more, wording
from tests.hostile_text import raw_texts

RULES = (
    "Article 5. Boats in the inner harbour must not exceed a speed of 3 knots. The harbour master, Ada Lund, may "
    "grant exceptions for rescue boats and for the organisers of the regatta in July. Requests are sent in writing "
    "before 1 May."
)


@pytest.mark.parametrize(
    "other",
    [
        RULES,
        RULES.upper(),
        RULES.replace(" ", "\n  ").replace(",", " ,"),
        RULES.replace("exceptions", "excep-\ntions"),
        RULES.replace("organisers", "organizers").replace("the regatta", "regatta"),
        RULES.partition(". Requests")[0],
        RULES.partition("knots. ")[2],
    ],
)
def test_copies_and_pieces_of_a_text_say_no_more(other: str) -> None:
    assert says_no_more(wording(other), wording(RULES))


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("3 knots", "5 knots"),
        ("3 knots", "3.5 knots"),
        ("3 knots", "-3 knots"),
        ("must not", "must"),
        ("Ada Lund", "Ada Lind"),
        ("Ada Lund", "Nils Berg"),
        ("July", "June"),
        ("inner", "outer"),
        ("rescue boats", "rescue boats and yachts"),
        ("in writing", "orally"),
        ("1 May", "1 May and cost 20 crowns"),
        ("before 1 May", "before 1 May or afterwards"),
        ("must not exceed", "may exceed"),
        ("exceed a speed of 3 knots", "exceed a speed of 3 km/h"),
    ],
)
def test_a_different_statement_is_never_a_copy(said: str, instead: str) -> None:
    assert said in RULES
    changed = RULES.replace(said, instead)
    assert not says_no_more(wording(changed), wording(RULES))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Dogs are allowed on the beach.", "Dogs are not allowed on the beach."),
        ("The fee is 20 crowns.", "The fee is 25 crowns."),
        ("The fee is €20.", "The fee is $20."),
        ("It is possible to swim here.", "It is impossible to swim here."),
        ("狗可以进入海滩玩耍", "狗不可进入海滩玩耍"),
        ("Less than 5 (<5) are needed.", "More than 5 (>5) are needed."),
        ("👍", "👎"),
        ("A ticket costs 1.5 crowns.", "A ticket costs 15 crowns."),
        ("The pool opens in the summer, closes in winter.", "The pool closes in the summer, opens in winter."),
    ],
)
def test_statements_that_may_be_in_conflict_are_kept_apart(one: str, other: str) -> None:
    assert not says_no_more(wording(one), wording(other))
    assert not says_no_more(wording(other), wording(one))


@given(raw_texts, raw_texts)
def test_a_text_says_no_more_than_itself_whatever_it_is(one: str, other: str) -> None:
    assert says_no_more(wording(one), wording(one))
    if says_no_more(wording(one), wording(other)):
        assert not wording(one).facts - wording(other).facts


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd", "Zs", "Po"]), min_size=1))
def test_a_changed_number_is_never_a_copy(text: str) -> None:
    assert not says_no_more(wording(f"{text} 17"), wording(f"{text} 18"))
