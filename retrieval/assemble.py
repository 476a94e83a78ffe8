"""The composition root: the only place that names concrete classes."""

import threading
from functools import partial
from pathlib import Path

from corpus.database import CORPUS_MIGRATIONS, Database
from corpus.errors import BadInputError
from corpus.originals import Originals
from corpus.parsers import ParseLimits
from index.embedder import Embedder
from index.generation import check_generation
from index.ingest import Ingester
from index.keeper import IndexKeeper, Snapshot
from index.lock import WriteLock
from index.migrations import INDEX_MIGRATIONS
from index.open_embedder import open_embedder
from index.reindex import Reindexer
from index.removal import Remover
from retrieval.answering import Answerer, Engines
from retrieval.library import Library
from retrieval.profile import DEFAULT_PROFILE, Profile
from retrieval.reranker import Reranker
from retrieval.service import Service
from retrieval.settings import Settings
from retrieval.uploads import Uploads, carry_out

_MEGABYTE = 1_000_000


def open_service(settings: Settings, profile: Profile = DEFAULT_PROFILE) -> Service:
    """Open a home, made if need be. Models are loaded when first needed.

    Raises BadInputError when the home cannot be a folder, DamagedError when its store cannot be read.
    """
    home = _home(settings.home)
    database = Database(f"sqlite:///{home / 'store.db'}", (CORPUS_MIGRATIONS, INDEX_MIGRATIONS))
    lock = WriteLock(home)
    keeper = IndexKeeper(home, database, lock)
    originals = Originals(home / "originals")
    lazy = _LazyEngines(settings)
    engines = Engines(lazy.embedder_for, lazy.reranker)
    limits = ParseLimits(max_bytes=settings.max_file_mb * _MEGABYTE, max_pages=settings.max_pages)
    return Service(
        home=home,
        database=database,
        answerer=Answerer(database, keeper, engines, profile),
        library=Library(database, keeper, originals),
        ingester=Ingester(database, originals, keeper, lock, lazy.embedder, settings.passage_tokens, limits),
        reindexer=Reindexer(database, keeper, lock, lazy.embedder, settings.passage_tokens),
        remover=Remover(database, keeper, lock, settings.lock_seconds),
        uploads=Uploads(home / "uploads", database, partial(run_job, settings)),
        engines=engines,
        model_names={"embedder": settings.model, "reranker": settings.reranker},
        lock_seconds=settings.lock_seconds,
    )


def run_job(settings: Settings, job: str) -> None:
    """Carry out a job in this process, which keeps its service open for the next one."""
    if settings not in _services_of_worker:
        _services_of_worker[settings] = open_service(settings)
    service = _services_of_worker[settings]
    carry_out(job, service.home / "uploads", service.database, service.ingester)


_services_of_worker: dict[Settings, Service] = {}


class _LazyEngines:
    """Each model is loaded once, by the first thread that needs it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._embedder: Embedder | None = None
        self._reranker: Reranker | None = None

    def embedder(self) -> Embedder:
        """Raises ModelError when the model is missing or altered."""
        with self._lock:
            if self._embedder is None:
                self._embedder = open_embedder(self._settings.model, self._settings.threads or None)
            return self._embedder

    def embedder_for(self, snapshot: Snapshot) -> Embedder:
        """The embedder, if the snapshot's vectors are its own: another process may have built the home anew."""
        embedder = self.embedder()
        check_generation(snapshot.generation, embedder.fingerprint, self._settings.passage_tokens)
        return embedder

    def reranker(self) -> Reranker:
        """Raises ModelError when the model is missing."""
        from retrieval.onnx_reranker import open_reranker

        with self._lock:
            if self._reranker is None:
                self._reranker = open_reranker(self._settings.reranker, self._settings.threads or None)
            return self._reranker


def _home(path: Path) -> Path:
    home = path.expanduser().absolute()
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"the home {str(home)!r} cannot be made: {error.strerror}") from error
    return home
