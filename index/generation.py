"""Which model and which passage size a home was built with; others are refused rather than mixed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from corpus.errors import ModelError
from index.embedder import Embedder, Fingerprint
from index.models.catalogue import DEFAULT_EMBEDDER
from index.open_embedder import lasting_name
from index.recipe import DEFAULT_PASSAGE_TOKENS, Recipe, is_titled
from index.store import Generation, add_generation, generation_at


class Recipes:
    """Finds the recipe for a home: what was set wins, else the home goes on as it was built, else the defaults.

    `open_model` gives the embedder of a name, the same one each time. `model` and `passage_tokens` are None where
    nothing was set.
    """

    def __init__(self, open_model: Callable[[str], Embedder], model: str | None, passage_tokens: int | None) -> None:
        self._open_model = open_model
        self._model = None if model is None else lasting_name(model)
        self._passage_tokens = passage_tokens

    def wanted(self, generation: Generation | None) -> Recipe:
        """The recipe for a home that has this generation in force, if any; what was set need not fit it.

        Raises ModelError when the model is missing or altered.
        """
        if generation is None:
            model = self._model or DEFAULT_EMBEDDER
            return Recipe(model, self._open_model(model), self._passage_tokens or DEFAULT_PASSAGE_TOKENS)
        tokens = self._passage_tokens or generation.passage_size["target_tokens"]
        if self._model is None:
            return Recipe(generation.model, self._opened(generation), tokens)
        return Recipe(self._model, self._open_model(self._model), tokens)

    def fitting(self, generation: Generation | None) -> Recipe:
        """As `wanted`, with titles in front of passages only where the generation has them.

        Raises ModelError as `check_generation` does when what was set does not fit.
        """
        recipe = self.wanted(generation)
        check_generation(generation, recipe.embedder.fingerprint, recipe.passage_tokens)
        return recipe if generation is None else replace(recipe, with_title=is_titled(generation.passage_size))

    def of(self, generation: Generation) -> Recipe:
        """The recipe that a generation was built by, whatever was set. Raises ModelError when that cannot be had."""
        embedder = self._opened(generation)
        tokens = generation.passage_size["target_tokens"]
        check_generation(generation, embedder.fingerprint, tokens)
        return Recipe(generation.model, embedder, tokens, is_titled(generation.passage_size))

    def _opened(self, generation: Generation) -> Embedder:
        try:
            return self._open_model(generation.model)
        except ModelError as error:
            if not Path(generation.model).is_absolute():
                raise
            raise ModelError(
                f"{error}. This home's vectors are made by it: if it is elsewhere now, set PINCITE_MODEL to where it is"
            ) from error


def require_generation(connection: sa.Connection, seq: int, recipe: Recipe) -> Generation:
    """The generation at `seq`, begun if the home has none. Raises ModelError as `check_generation` does."""
    generation = generation_at(connection, seq)
    if generation is None:
        return add_generation(connection, seq, recipe)
    check_generation(generation, recipe.embedder.fingerprint, recipe.passage_tokens)
    return generation


def check_generation(generation: Generation | None, fingerprint: Fingerprint, target_tokens: int) -> None:
    """Raises ModelError when the home was built with another model or another passage size."""
    if generation is None:
        return
    if generation.fingerprint != fingerprint.as_dict():
        built_with = generation.fingerprint["name"]
        raise ModelError(
            f"this home was built with the model {built_with!r}, not with {_changes(generation, fingerprint)}; use "
            f"that model again, for which PINCITE_MODEL need not be set, or embed the home's texts anew with: "
            f"pincite reindex --model {fingerprint.name}"
        )
    if generation.passage_size["target_tokens"] != target_tokens:
        raise ModelError(
            f"this home has passages of {generation.passage_size['target_tokens']} tokens, the setting says "
            f"{target_tokens}; leave it out, or split and embed the home's texts anew with: pincite reindex"
        )


def _changes(generation: Generation, fingerprint: Fingerprint) -> str:
    """What differs, for the message."""
    new = fingerprint.as_dict()
    if new["name"] != generation.fingerprint["name"]:
        return repr(fingerprint.name)
    changed = [key for key, value in new.items() if generation.fingerprint.get(key) != value]
    return f"these files or settings of it ({', '.join(changed)} differ)"
