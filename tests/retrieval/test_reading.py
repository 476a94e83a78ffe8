from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.tantivy_words import TantivyWords
from index.words import WordSnapshot
from retrieval.passages import FoundPassage
from retrieval.profile import Profile
from retrieval.reading import read_passage_sentences
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
    first = min(4, depth, len(found))
    assert len(reranker.read) >= first
    assert len(reranker.read) <= max(first, min(budget // each, depth, len(found)))
    assert [item.logit for item in evidence] == sorted((item.logit for item in evidence), key=lambda one: -(one or 0))
    assert {item.found.passage.number for item in evidence} == set(range(1, len(reranker.read) + 1))
