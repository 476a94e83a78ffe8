"""Written sentences against what they cite."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Span
from retrieval.evidence import Evidence
from retrieval.verification import Numbered, Verdict, verified
from tests.hostile_text import canonical_texts
from tests.retrieval.values import found_text

GIVEN = [
    "The ferry to Karn leaves at 9:30 and a ticket costs two crowns.",
    "Its captain, Ada Lund, has 1,250 days at sea.",
    "Dogs are not allowed on deck.",
    'The sign says "mind the gap, mind the gap" twice.',
]


def terms(text: str, language: str) -> list[str]:
    """As a word index does: lower case, and the plural as the singular."""
    plain = "".join(character if character.isalnum() else " " for character in text.lower())
    return [word.rstrip("s") for word in plain.split()]


def numbered(texts: list[str]) -> dict[int, Numbered]:
    found = found_text("\n\n".join(texts))
    pieces, start = {}, 0
    for number, text in enumerate(texts, start=1):
        pieces[number] = Numbered(Evidence(found, Span(start, start + len(text)), None, 0.0), "Harbour guide")
        start += len(text) + 2
    return pieces


def verdict(text: str, *numbers: int) -> Verdict:
    return verified(text, numbers, numbered(GIVEN), terms)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("The ferry to Karn leaves at 9:30.", [1]),
        ("Tickets for the ferry cost two crowns.", [1]),
        ("Captain Ada Lund has 1250 days at sea.", [2]),
        ("The ferry leaves at 9:30, and its captain is Ada Lund.", [1, 2]),
        ("Dogs aren't allowed on deck.", [3]),
        ('On the ferry the sign says "mind the gap, mind the gap".', [4, 1]),
        ("According to the Harbour guide, dogs are not allowed on deck.", [3]),
    ],
)
def test_what_the_cited_sentences_say_is_kept_with_them(text: str, numbers: list[int]) -> None:
    found = verdict(text, *numbers)
    assert found.problem is None
    cited = [one.span.of(one.found.document_text) for one in found.evidence]
    assert cited == [GIVEN[number - 1] for number in numbers]


@pytest.mark.parametrize(
    ("text", "numbers", "problem"),
    [
        ("The ferry leaves at 9:30.", [], "it cites nothing"),
        ("The ferry leaves at 9:30.", [1, 9], "it cites [9], which was not given"),
        ("The ferry leaves at 9:45.", [1], "the number 9:45 does not stand in what it cites"),
        ("The ferry leaves at 9:30.", [2], "the number 9:30 does not stand"),
        ("A ticket for the ferry costs three crowns.", [1], "the number three does not stand"),
        ("Captain Ada Lund has 125 days at sea.", [2], "the number 125 does not stand"),
        ("The captain is Eva Lund.", [2], "'Eva' does not stand in what it cites"),
        ("Oslo is where the ferry to Karn leaves.", [1], "'Oslo' does not stand"),
        ("Dogs are allowed on deck.", [3], "it denies what it cites, or the other way round"),
        ("The ferry never leaves at 9:30.", [1], "it denies what it cites"),
        ("Passengers should bring warm clothes and sandwiches.", [1], "'Passengers' does not stand"),
        ("The ferry serves warm sandwiches and fresh coffee daily.", [1], "words of meaning stand in what it cites"),
        ('The sign says "mind the step".', [4], "'mind the step' does not stand in what it cites"),
        ("So it is.", [1], "words of meaning"),
    ],
)
def test_what_they_do_not_say_is_dropped_with_the_reason(text: str, numbers: list[int], problem: str) -> None:
    found = verdict(text, *numbers)
    assert problem in str(found.problem)
    assert found.evidence == ()


def test_a_quote_that_stands_in_several_places_is_said_to_be_ambiguous() -> None:
    (note,) = verdict('The sign says "mind the gap".', 4).notes
    assert note == "the quote 'mind the gap' is ambiguous: it stands 2 times in what is cited"
    assert verdict('The sign says "mind the gap, mind the gap".', 4).notes == ()


@given(st.text() | canonical_texts, st.lists(st.integers(0, 6), max_size=4))
def test_whatever_is_written_is_kept_only_with_evidence_that_was_given(text: str, numbers: list[int]) -> None:
    given_ = numbered(GIVEN)
    found = verified(text, numbers, given_, terms)
    assert (found.problem is None) is bool(found.evidence)
    assert all(one in [piece.evidence for piece in given_.values()] for one in found.evidence)
    if found.problem is None:
        digits = {character for character in text if character.isdecimal()}
        assert digits <= set("".join(GIVEN))


@pytest.mark.parametrize("word", ["中" * 20_000, "x_" * 10_000, "20" * 10_000])
def test_endless_words_are_read_in_linear_time(word: str) -> None:
    begun = time.process_time()
    assert verdict(word, 1).problem is not None
    assert time.process_time() - begun < 1
