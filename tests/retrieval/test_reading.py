from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.tantivy_words import TantivyWords
from index.words import WordSnapshot
from retrieval.passages import FoundPassage
from retrieval.profile import Profile
from retrieval.ranking import between, rank
from retrieval.reading import read_passage_sentences, with_wholes
from retrieval.reranker import RerankerFingerprint
from tests.retrieval.values import found_text

QUESTION = "When does the ferry leave?"


class ListedReranker:
    """Gives the logits that a test lists, by the text of the sentence; counts what it reads."""

    fingerprint = RerankerFingerprint("listed", "0", 512, "exact")

    def __init__(self, logits: dict[str, float]) -> None:
        self._logits = logits
        self.read: list[str] = []

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        sentences = [text.removeprefix("Notes. ") for text in texts]
        self.read += sentences
        return [self._logits[sentence] for sentence in sentences]


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> WordSnapshot:
    return TantivyWords(tmp_path_factory.mktemp("words")).snapshot()


def _passages(logits: Sequence[float]) -> tuple[list[FoundPassage], ListedReranker]:
    texts = [f"Sentence of passage {number:03}." for number in range(len(logits))]
    found = [found_text(text, number) for number, text in enumerate(texts, start=1)]
    return found, ListedReranker(dict(zip(texts, logits, strict=True)))


def test_reading_ends_when_one_passage_answers_and_no_other_comes_near(words: WordSnapshot) -> None:
    found, reranker = _passages([-5, 6, -5, -5, *[0] * 8])
    read_passage_sentences(QUESTION, found, words, reranker, Profile())
    assert len(reranker.read) == 4


@pytest.mark.parametrize("first", [[-5, 1, -5, -5], [3, 6, -5, -5]])
def test_reading_goes_on_while_the_order_is_open(words: WordSnapshot, first: list[float]) -> None:
    found, reranker = _passages([*first, *[-7] * 20])
    read_passage_sentences(QUESTION, found, words, reranker, Profile(rerank_depth=12))
    assert len(reranker.read) == 12


@given(st.lists(st.floats(-11, 2), min_size=1, max_size=30), st.integers(1, 20), st.integers(1, 4_000))
def test_the_budget_bounds_what_is_read(words: WordSnapshot, logits: list[float], depth: int, budget: int) -> None:
    found, reranker = _passages(logits)
    evidence = read_passage_sentences(
        QUESTION, found, words, reranker, Profile(rerank_depth=depth, rerank_characters=budget)
    )
    each = len(QUESTION) + len("Notes") + len(reranker.read[0])
    left = budget - sum(len(QUESTION) + len(item.text) for item in found[:2])
    assert 1 <= len(reranker.read) <= max(1, min(left // each, depth, len(found)))
    assert [item.logit for item in evidence] == sorted((item.logit for item in evidence), key=lambda one: -(one or 0))
    assert {item.found.passage.number for item in evidence} == set(range(1, len(reranker.read) + 1))


def test_a_long_question_is_not_read_with_many_passages(words: WordSnapshot) -> None:
    found, reranker = _passages([0] * 12)
    read_passage_sentences("7 " * 2_000, found, words, reranker, Profile(rerank_characters=4_000))
    assert len(reranker.read) == 1


def test_the_two_passages_in_front_are_read_as_wholes() -> None:
    found, reranker = _passages([-3, 5, -9, -9])
    ranked = rank(found, {1: 4.0, 2: 3.0, 3: 1.0, 4: -6.0}, Profile())
    logits = with_wholes(QUESTION, ranked, {1: 4.0, 2: 3.0, 3: 1.0, 4: -6.0}, reranker)
    assert reranker.read == [found[0].text, found[1].text]
    assert logits == {1: between(4.0, -3.0), 2: between(3.0, 5.0), 3: 1.0, 4: -6.0}
    assert [item.found.passage.number for item in rank(found, logits, Profile())][:2] == [2, 1]


@pytest.mark.parametrize("logits", [{}, {1: 7.0, 2: 1.0}])
def test_wholes_are_not_read_where_nothing_was_read_or_the_order_is_settled(logits: dict[int, float]) -> None:
    found, reranker = _passages([0, 0])
    assert with_wholes(QUESTION, rank(found, logits, Profile()), logits, reranker) == logits
    assert reranker.read == []
