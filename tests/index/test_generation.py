"""Which model and length of passages a home goes on with."""

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import ModelError
from index.embedder import Embedder
from index.generation import Recipes
from index.models.catalogue import DEFAULT_EMBEDDER
from index.store import Generation
from tests.index.homes import HashEmbedder

GENERATION = Generation(1, HashEmbedder.fingerprint.as_dict(), {"target_tokens": 80}, "hash")


class Opened:
    """Stands for the models of a machine: notes which one was asked for."""

    def __init__(self, *missing: str) -> None:
        self.names: list[str] = []
        self._missing = missing

    def __call__(self, name: str) -> Embedder:
        if name in self._missing:
            raise ModelError(f"There is no model {name!r}")
        self.names.append(name)
        return HashEmbedder()


@pytest.mark.parametrize(
    ("model", "tokens", "generation", "expected"),
    [
        (None, None, None, (DEFAULT_EMBEDDER, 200)),
        ("other", 50, None, ("other", 50)),
        (None, None, GENERATION, ("hash", 80)),
        (None, 50, GENERATION, ("hash", 50)),
        ("other", None, GENERATION, ("other", 80)),
    ],
)
def test_what_was_set_wins_over_what_the_home_has_and_that_over_the_defaults(
    model: str | None, tokens: int | None, generation: Generation | None, expected: tuple[str, int]
) -> None:
    opened = Opened()
    recipe = Recipes(opened, model, tokens).wanted(generation)
    assert (recipe.model, recipe.passage_tokens) == expected
    assert opened.names == [expected[0]]


def test_what_was_set_and_does_not_fit_is_refused_unless_going_back() -> None:
    recipes = Recipes(Opened(), None, 50)
    with pytest.raises(ModelError, match="passages of 80 tokens, the setting says 50"):
        recipes.fitting(GENERATION)
    assert recipes.of(GENERATION).passage_tokens == 80


def test_passages_go_on_without_titles_where_the_home_was_built_so_and_get_them_when_it_is_built_anew() -> None:
    titled = replace(GENERATION, passage_size={"target_tokens": 80, "title": 1})
    recipes = Recipes(Opened(), None, None)
    assert [recipes.fitting(one).with_title for one in (GENERATION, titled, None)] == [False, True, True]
    assert [recipes.of(one).with_title for one in (GENERATION, titled)] == [False, True]
    assert recipes.wanted(GENERATION).with_title


def test_a_folder_is_known_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Recipes(Opened(), "model", None).wanted(None).model == str(tmp_path / "model")


def test_a_folder_that_is_elsewhere_now_can_be_named() -> None:
    moved = Generation(1, HashEmbedder.fingerprint.as_dict(), {"target_tokens": 80}, "/models/gone")
    opened = Opened("/models/gone")
    with pytest.raises(ModelError, match="set PINCITE_MODEL to where it is"):
        Recipes(opened, None, None).fitting(moved)
    assert Recipes(opened, "elsewhere", None).fitting(moved).model == "elsewhere"
