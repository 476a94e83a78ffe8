"""The composition root: the only place that names concrete classes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from corpus.checks import Check, OnStep
from corpus.database import CORPUS_MIGRATIONS
from corpus.errors import BadInputError, DamagedError
from corpus.files import make_folder
from corpus.home import open_store
from corpus.originals import Originals
from corpus.parse_pool import WorkerLimits, shared_pool
from index.backup import Backup
from index.backup_format import OnBytes
from index.compaction import Compactor
from index.embedder import Embedder
from index.generation import Recipes
from index.ingest import Ingester
from index.keeper import IndexKeeper, Snapshot
from index.lock import WriteLock
from index.migrations import INDEX_MIGRATIONS
from index.models.catalogue import DEFAULT_EMBEDDER
from index.open_embedder import open_embedder
from index.purging import Purger
from index.reindex import Reindexer
from index.removal import Remover
from index.reparse import Reparser
from index.restore import Restored, restore
from index.sync import Syncer
from index.verification import Verifier, verify_store
from retrieval.answering import Answerer
from retrieval.endpoint import LazyEndpoint
from retrieval.engines import Engines
from retrieval.library import Library
from retrieval.profile import Profile, built_in_profile, read_profile
from retrieval.reranker import Reranker
from retrieval.service import Service
from retrieval.settings import Settings
from retrieval.uploads import Uploads, carry_out

_MIGRATIONS = (CORPUS_MIGRATIONS, INDEX_MIGRATIONS)


@dataclass(frozen=True, slots=True)
class EngineWrappers:
    """What is put around the models as they are loaded, for instance a memory of what they computed."""

    embedder: Callable[[Embedder], Embedder]
    reranker: Callable[[Reranker], Reranker]


UNWRAPPED = EngineWrappers(lambda embedder: embedder, lambda reranker: reranker)


def open_service(settings: Settings, profile: Profile | None = None, models: "Models | None" = None) -> Service:
    """Open a home, made if need be. Models are loaded when first needed.

    `profile` None takes that of the settings; `models` are shared by those who open several homes. Raises
    BadInputError when the home cannot be a folder or the profile cannot be read, DamagedError when its store cannot be
    read.
    """
    home = _home(settings.home)
    profile = profile_of(settings) if profile is None else profile
    database = open_store(home, _MIGRATIONS)
    lock = WriteLock(home)
    keeper = IndexKeeper(home, database, lock)
    originals = Originals(home / "originals")
    models = models or Models(settings)
    recipes = Recipes(models.embedder, settings.model, profile.passage_tokens or settings.passage_tokens)
    endpoint = LazyEndpoint(settings)
    engines = Engines(partial(_embedder_for, recipes), models.reranker, endpoint.get)
    workers = WorkerLimits(settings.parse_workers, settings.parse_seconds, settings.parse_memory_mb)
    options = settings.parse_options()
    pool = shared_pool(options, workers)
    ingester = Ingester(database, originals, keeper, lock, recipes, pool)
    remover = Remover(database, keeper, lock, settings.lock_seconds)
    compactor = Compactor(home, database, keeper, lock, settings.lock_seconds)
    return Service(
        home=home,
        database=database,
        keeper=keeper,
        answerer=Answerer(database, keeper, engines, profile),
        library=Library(database, keeper, originals, pool),
        ingester=ingester,
        reindexer=Reindexer(home, database, keeper, lock, recipes),
        remover=remover,
        compactor=compactor,
        purger=Purger(home, database, originals, compactor, lock, settings.lock_seconds),
        backup=Backup(home, database, originals),
        syncer=Syncer(home, database, ingester, remover, lock, options.limits.max_bytes),
        reparser=Reparser(database, originals, ingester, lock),
        verifier=Verifier(home, database, keeper, lock, engines.embedder),
        uploads=Uploads(home / "uploads", database, partial(run_job, settings)),
        engines=engines,
        endpoint=endpoint,
        models=_described_models(settings),
        lock_seconds=settings.lock_seconds,
    )


def restore_home(settings: Settings, backup: Path, on_progress: OnBytes) -> Restored:
    """Make the home of the settings from a backup. See `index.restore.restore` for the errors."""
    return restore(backup, settings.home, on_progress)


def verify_home(settings: Settings, deep: bool, on_step: OnStep) -> tuple[Check, ...]:
    """All checks of a home; of one that cannot be opened, those of what can be read of its store.

    Raises what `open_service` and `Verifier.verify` do, except for damage, which is what is looked for.
    """
    try:
        service = open_service(settings)
    except DamagedError as error:
        return Check("opening", "damaged", 1, (str(error),)), *_checks_of_store(settings, deep, on_step)
    with service:
        return service.verify(deep, on_step)


def _checks_of_store(settings: Settings, deep: bool, on_step: OnStep) -> tuple[Check, ...]:
    home = _home(settings.home)
    try:
        database = open_store(home, _MIGRATIONS)
    except DamagedError:
        return ()  # which is the reason that the home cannot be opened
    try:
        return verify_store(home, database, deep, on_step)
    finally:
        database.close()


def profile_of(settings: Settings) -> Profile:
    """The profile that the settings name, or the built-in one, with the budget of the settings.

    Raises BadInputError when it cannot be read.
    """
    profile = built_in_profile() if settings.profile is None else read_profile(settings.profile)
    characters = settings.rerank_characters
    return profile if characters is None else replace(profile, rerank_characters=characters)


def run_job(settings: Settings, job: str) -> None:
    """Carry out a job in this process, which keeps its service open for the next one."""
    if settings not in _services_of_worker:
        _services_of_worker[settings] = open_service(settings)
    service = _services_of_worker[settings]
    carry_out(job, service.home / "uploads", service.database, service.ingester)


_services_of_worker: dict[Settings, Service] = {}


class Models:
    """The models, loaded as the settings say. Each is loaded once, by the first thread that needs it.

    A home that was built anew by another process asks for another embedder from then on; the former is kept, because
    questions that have begun may still need it.
    """

    def __init__(self, settings: Settings, wrappers: EngineWrappers = UNWRAPPED) -> None:
        self._settings = settings
        self._wrappers = wrappers
        self._lock = threading.Lock()
        self._embedders: dict[str, Embedder] = {}
        self._reranker: Reranker | None = None

    def embedder(self, name: str) -> Embedder:
        """The embedder of that name. Raises ModelError when the model is missing or altered."""
        with self._lock:
            if name not in self._embedders:
                self._embedders[name] = self._wrappers.embedder(open_embedder(name, self._settings.threads or None))
            return self._embedders[name]

    def reranker(self) -> Reranker:
        """Raises ModelError when the model is missing."""
        from retrieval.onnx_reranker import open_reranker

        with self._lock:
            if self._reranker is None:
                opened = open_reranker(self._settings.reranker, self._settings.threads or None)
                self._reranker = self._wrappers.reranker(opened)
            return self._reranker


def _embedder_for(recipes: Recipes, snapshot: Snapshot) -> Embedder:
    """The embedder that the snapshot's vectors are made by: another process may have built the home anew."""
    return recipes.fitting(snapshot.generation).embedder


def _described_models(settings: Settings) -> dict[str, dict[str, Any]]:
    """What is known of the models before any is loaded."""
    found = {
        "embedder": {"name": settings.model or DEFAULT_EMBEDDER},
        "reranker": _described_reranker(settings.reranker),
    }
    if settings.endpoint_model and settings.endpoint_url:
        found["endpoint"] = {"name": settings.endpoint_model}
    return found


def _described_reranker(name: str) -> dict[str, Any]:
    """The name and, where it is known, the fingerprint, which tells for what a calibration holds."""
    from retrieval.onnx_reranker import known_fingerprint

    fingerprint = known_fingerprint(name)
    return {"name": name} if fingerprint is None else fingerprint.as_dict()


def _home(path: Path) -> Path:
    home = path.expanduser().absolute()
    try:
        make_folder(home)
    except OSError as error:
        raise BadInputError(f"the home {str(home)!r} cannot be made: {error.strerror}") from error
    return home
