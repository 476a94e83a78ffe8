from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import DamagedError
from eval.memory import Memory, RememberingEmbedder, RememberingReranker
from retrieval.reranker import RerankerFingerprint
from tests.index.homes import HashEmbedder


class CountingReranker:
    """Scores by length and counts the pairs that it has read."""

    def __init__(self, digest: str = "a") -> None:
        self.fingerprint = RerankerFingerprint("counting", digest, 512, "fp32")
        self.read: list[tuple[str, str]] = []

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        self.read += [(question, text) for text in texts]
        return [len(text) / 3 - len(question) for text in texts]


@pytest.fixture
def memory(tmp_path):
    memory = Memory(tmp_path / "cache" / "memory.db")
    yield memory
    memory.close()


def test_a_pair_is_read_once_and_its_score_is_the_same_to_the_last_bit(memory):
    inner = CountingReranker()
    reranker = RememberingReranker(inner, memory)
    first = reranker.score("q", ["one", "seven"])
    assert reranker.score("q", ["seven", "three", "one", "seven"]) == [first[1], 5 / 3 - 1, first[0], first[1]]
    assert inner.read == [("q", "one"), ("q", "seven"), ("q", "three")]
    assert memory.hits["rerank_scores"] == 3


def test_another_model_and_another_split_of_the_same_letters_find_nothing(memory):
    RememberingReranker(CountingReranker("a"), memory).score("ab", ["c"])
    other = CountingReranker("b")
    RememberingReranker(other, memory).score("ab", ["c"])
    same = CountingReranker("a")
    RememberingReranker(same, memory).score("a", ["bc"])
    assert (other.read, same.read) == ([("ab", "c")], [("a", "bc")])


def test_vectors_are_those_of_the_embedder(memory):
    inner = HashEmbedder()
    embedder = RememberingEmbedder(inner, memory)
    texts = ["Karn Light", "the ferry \U0001f600", "", "Karn Light"]
    for _ in range(2):
        assert np.array_equal(embedder.embed_passages(texts), inner.embed_passages(texts))
        assert np.array_equal(embedder.embed_question("Karn Light"), inner.embed_question("Karn Light"))
    assert embedder.embed_passages([]).shape == (0, inner.fingerprint.dimension)
    assert (embedder.fingerprint, embedder.max_passage_tokens()) == (inner.fingerprint, inner.max_passage_tokens())
    assert embedder.token_spans("two words") == inner.token_spans("two words")
    # Role counts: a question is not embedded as a passage of the same words is.
    assert memory.hits["vectors"] == 4 + 1


def test_what_one_process_computed_the_next_one_finds(tmp_path):
    path = tmp_path / "memory.db"
    for expected in (["text"], []):
        memory, inner = Memory(path), CountingReranker()
        RememberingReranker(inner, memory).score("q", ["text"])
        assert [text for _, text in inner.read] == expected
        memory.close()


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "memory.db"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(DamagedError, match=r"memory\.db.*remove that file"):
        Memory(path)


def test_a_memory_that_cannot_be_written_is_named_and_left_as_it_was(memory):
    reranker = RememberingReranker(CountingReranker(), memory)
    memory._connection.execute("CREATE TRIGGER full BEFORE INSERT ON remembered BEGIN SELECT RAISE(ABORT, 'full'); END")
    for _ in range(2):
        with pytest.raises(DamagedError, match=r"memory\.db.*full"):
            reranker.score("q", ["one"])
    memory._connection.execute("DROP TRIGGER full")
    assert reranker.score("q", ["one"]) == [0.0]


@given(st.lists(st.lists(st.text(max_size=3), max_size=8), max_size=6))
def test_the_same_as_without_a_memory(tmp_path_factory, batches):
    memory, plain = Memory(tmp_path_factory.mktemp("memory") / "memory.db"), CountingReranker()
    reranker = RememberingReranker(CountingReranker(), memory)
    for batch in batches:
        assert reranker.score("question", batch) == plain.score("question", batch)
    memory.close()
