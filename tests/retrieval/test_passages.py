"""What the indexes say is held against the store, and what they say falsely is made up for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from index.embedder import FloatVector
from index.keeper import Snapshot
from index.vectors import Hit, Scope, VectorIndex
from index.words import WordSnapshot
from retrieval.answering import Answerer
from retrieval.engines import Engines
from retrieval.modes import Mode
from retrieval.profile import Profile
from retrieval.types import QueryRequest
from tests.index.homes import Home, open_home, text_source

ALLOWED = 6


@dataclass
class Lying:
    """An index that passes over collections and filters, and knows passages that were never stored."""

    honest: VectorIndex | WordSnapshot
    collections: Sequence[int]

    def search(self, question: FloatVector | str, k: int, scope: Scope) -> list[Hit]:
        hits = [Hit(10**6, 9.0)]
        for number in self.collections:
            hits += self.honest.search(question, k, Scope(number))  # type: ignore[arg-type]
        return sorted(hits, key=lambda hit: (-hit.score, hit.number))[:k]

    def __getattr__(self, name: str) -> object:
        return getattr(self.honest, name)


@dataclass
class LyingKeeper:
    home: Home
    collections: Sequence[int]

    def snapshot(self) -> Snapshot:
        real = self.home.keeper.snapshot()
        words, vectors = (Lying(honest, self.collections) for honest in (real.words, real.vectors))
        return replace(real, words=words, vectors=vectors)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with open_home(tmp_path_factory.mktemp("passages") / "home") as opened:
        better = [text_source(f"better {number}", "ferry nine", metadata={"year": 2019}) for number in range(60)]
        allowed = [
            text_source(f"allowed {number}", f"the ferry leaves at nine {number}", metadata={"year": 2020})
            for number in range(ALLOWED)
        ]
        opened.ingest(*better, *allowed)
        opened.ingest(*(text_source(f"other {number}", "ferry nine") for number in range(60)), collection="other")
        yield opened


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
@pytest.mark.parametrize("top_k", [1, 4, 100])
def test_a_lying_index_neither_shows_what_a_filter_hides_nor_makes_the_list_short(
    home: Home, mode: Mode, top_k: int, caplog: pytest.LogCaptureFixture
) -> None:
    engines = Engines(lambda _snapshot: home.embedder, lambda: pytest.fail("nothing is reranked"))
    keeper = LyingKeeper(home, [home.scope("default").collection, home.scope("other").collection])
    answerer = Answerer(home.database, keeper, engines, Profile(candidates=10, rerank=False))  # type: ignore[arg-type]
    filters = {"type": "eq", "key": "year", "value": 2020}
    found = answerer.answer(QueryRequest("ferry nine", mode=mode, top_k=top_k, filters=filters)).passages
    assert len(found) == min(top_k, ALLOWED)
    assert all(passage.metadata == {"year": 2020} for passage in found)
    assert "run `pincite verify`" in caplog.text


def test_without_lies_nothing_is_said(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    engines = Engines(lambda _snapshot: home.embedder, lambda: pytest.fail("nothing is reranked"))
    answerer = Answerer(home.database, home.keeper, engines, Profile(candidates=10, rerank=False))
    passages = answerer.answer(QueryRequest("ferry nine", top_k=100)).passages
    assert len(passages) + sum(len(passage.also_in) for passage in passages) >= 10
    assert caplog.text == ""


def test_nothing_is_said_of_what_was_purged_since(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A question that comes between the store's commit and the indexes'."""
    engines = Engines(lambda _snapshot: home.embedder, lambda: pytest.fail("nothing is reranked"))
    with open_home(tmp_path / "home") as home:
        first, _ = home.ingest(text_source("a", "The ferry leaves at nine."), text_source("b", "The ferry is late."))
        before = home.keeper.snapshot()
        home.purger.purge([str(first.document_id)])
        keeper = SimpleNamespace(snapshot=lambda: before)
        answerer = Answerer(home.database, keeper, engines, Profile(rerank=False))  # type: ignore[arg-type]
        (passage,) = answerer.answer(QueryRequest("ferry nine")).passages
        assert passage.text == "The ferry is late."
    assert caplog.text == ""
