import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.vectors import Scope
from retrieval.fusion import fuse
from retrieval.modes import Mode
from retrieval.profile import Profile
from retrieval.search import Candidate, Timings, find_candidates
from tests.contracts.vectors import document_mask
from tests.index.homes import Home, open_home, text_source

ANIMALS = ("cat", "dog", "owl", "fox", "hen", "eel", "bat", "ant")
QUESTION = "cat and owl on the roof"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with open_home(tmp_path_factory.mktemp("search") / "home") as opened:
        opened.ingest(
            *(text_source(name, f"The {name} sat on the roof of house {len(name)}.") for name in ANIMALS),
            text_source("twin 1", "An owl, and a cat.", title="Twins"),
            text_source("twin 2", "An owl, and a cat.", title="Twins"),
        )
        opened.ingest(text_source("elsewhere", "The cat and the owl on the roof."), collection="other")
        yield opened


def _found(
    home: Home,
    mode: Mode = "hybrid",
    profile: Profile | None = None,
    scope: Scope | None = None,
    timings: Timings | None = None,
    question: str = QUESTION,
) -> list[Candidate]:
    return find_candidates(
        home.keeper.snapshot(),
        None if mode == "lexical" else home.embedder,
        question,
        mode,
        scope or home.scope(),
        profile or Profile(),
        timings or Timings(),
    )


def test_both_searches_are_fused_with_the_weight_of_the_profile(home: Home) -> None:
    snapshot, scope = home.keeper.snapshot(), home.scope()
    dense = dict(snapshot.vectors.search(home.embedder.embed_question(QUESTION), 100, scope))
    lexical = dict(snapshot.words.search(QUESTION, 100, scope))
    found = _found(home, profile=Profile(dense_weight=0.3))
    assert {item.passage: item.fused for item in found} == pytest.approx(fuse(dense, lexical, 0.3))
    assert {item.passage: item.lexical for item in found if item.lexical is not None} == lexical
    assert {item.passage: item.dense for item in found} == pytest.approx(dense)


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_the_best_come_first_and_ties_by_number(home: Home, mode: Mode) -> None:
    found = _found(home, mode)
    assert len(found) > 2
    assert found == sorted(found, key=lambda item: (-item.fused, item.passage))
    assert len({item.fused for item in found}) < len(found), "the twins are to tie"


def test_a_mode_asks_only_its_own_index(home: Home) -> None:
    dense, lexical = _found(home, "dense"), _found(home, "lexical")
    assert len(dense) == len(ANIMALS) + 2
    assert all(item.dense is not None and item.lexical is None for item in dense)
    assert lexical
    assert all(item.dense is None and item.lexical is not None for item in lexical)


def test_what_only_the_words_found_has_its_cosine_too(home: Home) -> None:
    found = _found(home, profile=Profile(candidates=2), question="the the the cat")
    by_words = [item for item in found if item.lexical is not None]
    assert len(found) > 2, "the two searches are to find different passages"
    assert all(item.dense is not None for item in by_words)


def test_only_the_scope_is_searched(home: Home) -> None:
    everything = _found(home)
    other = _found(home, scope=home.scope("other"))
    assert len(other) == 1
    assert other[0].passage not in {item.passage for item in everything}
    first = everything[0].passage
    with home.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT number, document FROM passages").all()
    document = {row.number: row.document for row in rows}[first]
    assert [item.passage for item in _found(home, scope=Scope(home.scope().collection, document_mask(document)))] == [
        first
    ]
    assert _found(home, scope=Scope(home.scope().collection, document_mask())) == []


def test_each_stage_is_timed(home: Home) -> None:
    timings = Timings()
    _found(home, timings=timings)
    assert list(timings.stages) == ["embed", "dense", "lexical", "fuse"]
    assert all(milliseconds >= 0 for milliseconds in timings.stages.values())


def test_the_times_of_a_stage_add_up_even_when_it_fails() -> None:
    timings = Timings()
    with timings.stage("work"):
        time.sleep(0.01)
    with pytest.raises(ZeroDivisionError), timings.stage("work"):
        _fail_after(0.01)
    assert 20 <= timings.stages["work"] < 2_000


def _fail_after(seconds: float) -> None:
    time.sleep(seconds)
    raise ZeroDivisionError


def test_a_home_without_documents_has_no_candidates(tmp_path: Path) -> None:
    with open_home(tmp_path / "home") as empty:
        assert _found(empty, scope=Scope(1)) == []
