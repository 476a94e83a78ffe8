"""The whole check of a home: the store, the originals, and the derived indexes against the store."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from corpus.checks import Check, OnStep, Tally, run_check
from corpus.database import Database
from corpus.errors import DamagedError, ModelError
from corpus.original_checks import check_originals
from corpus.store_checks import STORE_CHECKS
from index.derived_checks import (
    check_embeddings,
    check_vector_files,
    check_vectors,
    check_word_files,
    check_words,
)
from index.embedder import Embedder
from index.keeper import IndexKeeper, IndexName, Snapshot
from index.lock import WriteLock
from index.store_checks import INDEX_STORE_CHECKS


class Verifier:
    """Checks one home. Derived indexes that are damaged are made anew from a store that is not."""

    def __init__(
        self,
        home: Path,
        database: Database,
        keeper: IndexKeeper,
        lock: WriteLock,
        embedder: Callable[[Snapshot], Embedder],
    ) -> None:
        self._home = home
        self._database = database
        self._keeper = keeper
        self._lock = lock
        self._embedder = embedder

    def verify(self, deep: bool, on_step: OnStep, lock_seconds: float) -> tuple[Check, ...]:
        """All checks. Raises LockedError when something has to be made anew while another process goes on writing.

        `deep` compares every original with its hash, every vector and the words of every passage with the store, and
        embeds a sample of passages again.
        """
        stored = verify_store(self._home, self._database, deep, on_step)
        whole = all(check.status == "ok" for check in stored if check.name != "originals")
        derived = [
            self._derived("words", deep, on_step, lock_seconds if whole else None),
            self._derived("vectors", deep, on_step, lock_seconds if whole else None),
        ]
        if deep:
            derived.append(run_check("embeddings", on_step, self._check_embeddings))
        return (*stored, *derived)

    def _derived(self, name: IndexName, deep: bool, on_step: OnStep, lock_seconds: float | None) -> Check:
        """The check of one index, after which it is made anew if it is damaged and `lock_seconds` is given."""
        check = self._check_of(name, deep, on_step)
        if check.status == "damaged" and lock_seconds is not None:
            with self._lock.held(lock_seconds):
                self._make_anew(name, check.details[0])
            again = self._check_of(name, deep, on_step)
            if again.status == "ok":
                return replace(again, status="repaired", details=check.details)
        repairs = tuple(repair.message for repair in self._keeper.repairs if repair.index == name)
        if check.status == "ok" and repairs:  # as the home was opened
            return replace(check, status="repaired", details=repairs)
        return check

    def _make_anew(self, name: IndexName, reason: str) -> None:
        with suppress(DamagedError):  # where it does not help, the next check says so
            self._keeper.make_anew(name, reason)

    def _check_of(self, name: IndexName, deep: bool, on_step: OnStep) -> Check:
        folder, store_id = self._home / "index" / name, self._keeper.store_id

        def work(tally: Tally) -> None:
            check_files = check_word_files if name == "words" else check_vector_files
            check_files(folder, store_id, tally)
            snapshot = self._keeper.snapshot()
            check_content = check_words if name == "words" else check_vectors
            with self._database.read() as connection:
                check_content(connection, snapshot, deep, tally)

        return run_check(name, on_step, work)

    def _check_embeddings(self, tally: Tally) -> None:
        snapshot = self._keeper.snapshot()
        try:
            embedder = self._embedder(snapshot)
        except ModelError as error:
            tally.note(f"no passage was embedded again: {error}")
            return
        with self._database.read() as connection:
            check_embeddings(connection, snapshot, embedder, tally)


def verify_store(home: Path, database: Database, deep: bool, on_step: OnStep) -> tuple[Check, ...]:
    """The checks of the store and the originals, which need no index."""
    checks = []
    for name, check in {**STORE_CHECKS, **INDEX_STORE_CHECKS}.items():
        with database.read() as connection:
            checks.append(run_check(name, on_step, partial(check, connection)))
    with database.read() as connection:
        originals = partial(check_originals, connection, home / "originals", deep)
        checks.append(run_check("originals", on_step, originals))
    return tuple(checks)
