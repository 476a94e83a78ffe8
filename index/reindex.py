"""Building a home's passages and vectors anew from the stored texts: another model, another length of passages.

Questions, ingestion and removal go on meanwhile. The new generation grows in the store as a shadow (`index.shadow`),
in parts of one short transaction each; when it holds every document it is checked, and one transaction lets it take
over. Whatever is broken off leaves the home as it was, and the next run with the same model and length goes on.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus.database import Database, current_seq
from corpus.errors import BadInputError, LockedError
from corpus.store import count_in_force
from index.generation import Recipes
from index.keeper import IndexKeeper
from index.lock import WriteLock
from index.recipe import Recipe
from index.shadow import ShadowState, begin_shadow, clear, put_in_force, shadow_of, shadow_state
from index.shadow_builder import Counts, OnReindexProgress, ShadowBuilder
from index.store import Generation, generation_at, generations_until
from index.validation import Sample, Validation, check_complete, check_sample, check_vectors

# Somebody who writes all day is waited for; what came meanwhile is taken in between the tries.
_TRY_SECONDS = 1.0
_SWITCH_WAIT_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Reindexed:
    """The generation in force, and the `seq` from which it is.

    Of the vectors, `embedded` were made by this run, `reused` are those of earlier generations, and `resumed` were
    left by a run that was broken off.
    """

    generation: int
    seq: int
    model: str
    passage_tokens: int
    documents: int
    passages: int
    embedded: int
    reused: int
    resumed: int
    validation: Validation


class Reindexer:
    """Replaces passages and vectors of one home; one process at a time does so."""

    def __init__(self, home: Path, database: Database, keeper: IndexKeeper, lock: WriteLock, recipes: Recipes) -> None:
        self._database = database
        self._keeper = keeper
        self._lock = lock
        self._recipes = recipes
        self._alone = WriteLock(home, "reindex.lock", "reindexing")

    def reindex(self, on_progress: OnReindexProgress) -> Reindexed:
        """Build the home anew as the settings say. Raises LockedError, ModelError, ReindexError."""
        with self._alone.held(0):
            with self._database.read() as connection:
                recipe = self._recipes.wanted(generation_at(connection, current_seq(connection)))
            return self._run(recipe, on_progress)

    def rollback(self, on_progress: OnReindexProgress) -> Reindexed:
        """Build the home anew as it was built before, with the vectors that are still there.

        Raises BadInputError when there is no generation before the one in force, ModelError when its model cannot be
        had, before anything changes; LockedError, ReindexError.
        """
        with self._alone.held(0):
            with self._database.read() as connection:
                found = generations_until(connection, current_seq(connection))
            if len(found) < 2:
                raise BadInputError("there is nothing to go back to: this home has been built in one way only")
            return self._run(self._recipes.of(found[1]), on_progress)

    def discard(self) -> bool:
        """Remove what an unfinished run left; returns whether there was something. Raises LockedError."""
        with self._alone.held(0):
            with self._database.read() as connection:
                shadow = shadow_of(connection)
            if shadow is not None:
                clear(self._database, shadow.number)
            return shadow is not None

    def state(self) -> ShadowState | None:
        """What an unfinished run, or one that is at it, has done so far."""
        with self._database.read() as connection:
            shadow = shadow_of(connection)
            return None if shadow is None else shadow_state(connection, shadow)

    def _run(self, recipe: Recipe, on_progress: OnReindexProgress) -> Reindexed:
        shadow = self._begun(recipe)
        builder = ShadowBuilder(self._database, shadow, recipe, on_progress)
        builder.build()
        # Nearly all is checked before anybody has to wait; what is stored does not change any more.
        with self._database.read() as connection:
            checked = check_vectors(connection, shadow)
        with self._database.read() as connection:
            sample = check_sample(connection, shadow, recipe)
        with self._writing(meanwhile=builder.build):
            builder.build()
            with self._database.read() as connection:
                check_vectors(connection, shadow, after=checked)
                check_complete(connection, shadow)
            return self._switched(shadow, recipe, builder.counts, sample)

    @contextmanager
    def _writing(self, meanwhile: Callable[[], None]) -> Iterator[None]:
        """Hold the write lock, which is waited for; `meanwhile` is called between the tries."""
        until = time.monotonic() + _SWITCH_WAIT_SECONDS
        with ExitStack() as stack:
            while True:
                try:
                    stack.enter_context(self._lock.held(_TRY_SECONDS))
                    break
                except LockedError:
                    if time.monotonic() > until:
                        raise
                meanwhile()
            yield

    def _begun(self, recipe: Recipe) -> Generation:
        """The shadow for a recipe: the one that is there, or a new one in place of it."""
        fingerprint = recipe.embedder.fingerprint.as_dict()
        with self._database.read() as connection:
            shadow = shadow_of(connection)
        if shadow is not None:
            if (shadow.fingerprint, shadow.passage_size) == (fingerprint, recipe.passage_size):
                return shadow
            clear(self._database, shadow.number)
        with self._database.write() as connection:
            return begin_shadow(connection, recipe)

    def _switched(self, shadow: Generation, recipe: Recipe, counts: Counts, sample: Sample) -> Reindexed:
        """Put what was checked in force. The write lock is held: nobody adds a document in between."""
        with self._database.write() as connection:
            seq = put_in_force(connection, shadow.number)
        self._keeper.publish()
        with self._database.read() as connection:
            documents, passages = count_in_force(connection, seq)
        dimension = recipe.embedder.fingerprint.dimension
        checked = Validation(documents, passages, dimension, sample.documents, sample.passages, sample.lowest_cosine)
        return Reindexed(
            shadow.number,
            seq,
            recipe.model,
            recipe.passage_tokens,
            documents,
            passages,
            counts.embedded,
            counts.reused,
            counts.resumed,
            checked,
        )
