import pytest
from hypothesis import given

from corpus.types import ParsedDocument
from eval.drafting.sentences import complete_sentences, plain_text, vocabulary_of
from tests.hostile_text import documents

GOOD = "The tower of the museum has 142 steps and no lift."


def sentences(text: str, page_starts: tuple[int, ...] = ()) -> list[str]:
    return [one.text for one in complete_sentences(ParsedDocument(text, "text/plain", page_starts=page_starts))]


def test_a_complete_sentence_is_taken() -> None:
    assert sentences(f"Heading\n\n{GOOD} And more.") == [GOOD]


@pytest.mark.parametrize(
    "text",
    [
        "The tower has 142 steps.",  # too short to be understood
        "# The tower of the museum has 142 steps and no lift.",
        "| The tower of the museum has | 142 steps and no lift. |",
        "the tower of the museum has 142 steps and no lift.",
        "The tower of the museum, with its 142 steps",
        "The tower of the museum with its 142 old wooden steps.",  # no verb
        "It is said that the tower of the museum has 142 steps.",
        "The tower of the museum has our 142 steps and no lift.",
        "The tower of the museum has (142 steps and no lift.",
        "The Tower Of The Museum Has 142 Steps And No Lift.",
        "The tower of the museum has 142 12 14 steps here.",
        "The tower of the museum has 142 steps as described above here.",
        "The tower " + "of the museum " * 20 + "has 142 steps.",
        "The tower of the museum has 142 steps \ue000 and no lift.",
        "The tower " + "x" * 500 + " of the museum has 142 steps.",
    ],
)
def test_what_cannot_be_understood_alone_is_left_out(text: str) -> None:
    assert sentences(text) == []


def test_a_heading_that_was_joined_to_the_sentence_is_left_out() -> None:
    """As in PDFs, where nothing but the short line tells it."""
    wrapped = "The tower of the museum has exactly 142\nsteps and no lift at all."
    assert sentences(f"Article 7. Tower\n(1) {wrapped}") == [wrapped.replace("\n", " ")]
    assert sentences(f"The rule. Tower\n{wrapped}") == [wrapped.replace("\n", " ")]


def test_a_name_behind_a_line_break_is_no_heading() -> None:
    above = "It is the oldest of them all. The buoy at the Sow"
    below = "Rock measured 3.8 metres at 19:30 in the evening."
    assert sentences(f"{above}\n{below}") == [f"The buoy at the Sow {below}"]


def test_a_sentence_over_two_pages_is_left_out() -> None:
    assert sentences(GOOD, page_starts=(0, 12)) == []
    assert sentences(GOOD, page_starts=(0, len(GOOD))) == [GOOD]


def test_markup_is_no_part_of_how_a_sentence_reads() -> None:
    text = "(a) The **tower** of the [museum](https://x.example/a_b) has\n142 `steps` and _no_ lift [3]."
    assert sentences(text) == ["The tower of the museum has 142 steps and no lift."]
    assert plain_text("snake_case and 2*3") == "snake_case and 2*3"


def test_the_vocabulary_counts_words_inside_of_sentences() -> None:
    assert vocabulary_of("Lunch is served. At Skelvay, lunch costs 5.")["lunch"] == 1
    assert vocabulary_of("We met at Skelvay.")["Skelvay"] == 1


@given(documents())
def test_sentences_stand_where_they_say(document: ParsedDocument) -> None:
    for sentence in complete_sentences(document):
        assert plain_text(sentence.span.of(document.text)) == sentence.text
