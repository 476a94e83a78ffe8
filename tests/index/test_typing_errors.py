from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.tantivy_words import TantivySnapshot, TantivyWords
from index.typing_errors import distance, one_error_away
from index.vectors import Scope
from index.words import WordEntry

WORDS = st.text("abcdé", min_size=1, max_size=7)
BODIES = (
    "The contract ends with a notice of termination.",
    "The ferry carries bicycles and contraband.",
    "Die Verträge enden mit der Kündigung.",
    "Договор заканчивается.",
)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> TantivySnapshot:
    words = TantivyWords(tmp_path_factory.mktemp("typing_errors") / "words")
    languages = ("en", "en", "de", "ru")
    entries = [WordEntry(number, 1, 1, "", body, languages[number - 1]) for number, body in enumerate(BODIES, 1)]
    words.change(entries, [], 1)
    return words.snapshot()


def found(snapshot: TantivySnapshot, question: str) -> list[int]:
    return [hit.number for hit in snapshot.search(question, 10, Scope(1))]


@pytest.mark.parametrize(
    ("question", "passages"),
    [
        ("contarct", [1]),
        ("contrcat", [1]),
        ("terminattion", [1]),
        ("treminaton", []),  # two errors, and one of them among the first letters
        ("contrebnd", [2]),  # two errors in a long word
        ("bycicle", []),
        ("Kündgung", [3]),
        ("Kundigug", [3]),
        ("договср", [4]),
        ("gontract", []),  # the first letter counts as right
        ("fery", []),  # too short
        ("contrabend", [2]),
    ],
)
def test_words_that_are_nowhere_find_the_nearest_word(snapshot: TantivySnapshot, question: str, passages: list[int]):
    assert found(snapshot, question) == passages


def test_words_that_are_somewhere_are_not_corrected(tmp_path: Path):
    words = TantivyWords(tmp_path / "words")
    words.change([WordEntry(1, 1, 1, "", "trial"), WordEntry(2, 1, 1, "", "trail")], [], 1)
    assert found(words.snapshot(), "trial") == [1]
    assert found(words.snapshot(), "trail") == [2]


def test_a_corrected_word_counts_half(snapshot: TantivySnapshot):
    right, wrong = (snapshot.search(question, 1, Scope(1))[0].score for question in ("contract", "contarct"))
    assert wrong == pytest.approx(right / 2)
    weights = snapshot.weights("contarct", "en")
    assert weights["contract"] == pytest.approx(snapshot.weights("contract", "en")["contract"] / 2)
    assert weights["contarct"] == pytest.approx(snapshot.weights("zzz", "en")["zzz"] / 2)


@given(WORDS, WORDS)
def test_one_error_away_is_what_has_that_distance_and_the_same_beginning(one: str, other: str):
    assert (distance(one, other) == 1 and one[0] == other[0]) == (other in one_error_away(one))


@given(WORDS, WORDS, WORDS)
def test_distance_is_symmetric_and_grows_by_one_a_letter(one: str, other: str, between: str):
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert all(
        abs(distance(one, begin) - distance(one, longer)) <= 1
        for begin, longer in pairwise(between[:length] for length in range(len(between) + 1))
    )


def test_of_a_long_question_a_few_unknown_words_are_looked_for_errors_in(tmp_path: Path, monkeypatch) -> None:
    words = TantivyWords(tmp_path)
    words.change([WordEntry(1, 1, 1, "", "harbour", "en")], [], 1)
    looked_for: list[str] = []
    monkeypatch.setattr("index.word_queries.one_error_away", lambda word: looked_for.append(word) or [word])
    question = " ".join(f"unknown{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    assert words.snapshot().search(question, 5, Scope(1)) == []
    assert 0 < len(looked_for) < 10
