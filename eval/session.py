"""Running sets with the models of this machine: scratch homes in the cache, and a memory of vectors and scores."""

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from eval.datasets.types import Dataset
from eval.memory import Memory, wrappers
from eval.records import RunResult, RunSettings
from eval.runner import run
from eval.scratch_home import OnProgress
from eval.versions import source_digest
from index.models.catalogue import DEFAULT_EMBEDDER
from index.recipe import DEFAULT_PASSAGE_TOKENS
from retrieval.assemble import UNWRAPPED, Models, open_service
from retrieval.profile import Profile
from retrieval.service import Service
from retrieval.settings import Settings


class Session:
    """Runs sets one after the other, with models that are loaded once.

    `fresh` uses nothing of earlier runs, neither homes nor journals, vectors or scores, and keeps nothing: so timings
    are those that users see. Close it at the end.
    """

    def __init__(self, settings: Settings, *, fresh: bool = False) -> None:
        self._settings = settings
        self._cache = settings.cache / "eval"
        self._memory = None if fresh else Memory(self._cache / "memory.db")
        self._own_cache: TemporaryDirectory[str] | None = None
        if fresh:
            self._cache.mkdir(parents=True, exist_ok=True)
            self._own_cache = TemporaryDirectory(prefix="fresh-", dir=self._cache, ignore_cleanup_errors=True)
            self._cache = Path(self._own_cache.name)
        self._models = Models(settings, wrappers(self._memory) if self._memory else UNWRAPPED)

    def run(self, dataset: Dataset, chosen: RunSettings, on_progress: OnProgress) -> RunResult:
        """Run a set with the profile of `chosen`; see `eval.runner.run`."""
        chosen = replace(chosen, index_digest=self._index_digest(chosen.profile))

        def open_home(home: Path) -> Service:
            return open_service(self._settings.model_copy(update={"home": home}), chosen.profile, self._models)

        before = Counter(self._memory.hits) if self._memory else Counter[str]()
        result = run(dataset, open_home, self._cache, chosen, on_progress)
        remembered = Counter(self._memory.hits) - before if self._memory else Counter[str]()
        return replace(result, cached={**result.cached, **remembered})

    def _index_digest(self, profile: Profile) -> str:
        """What, beside the documents, a scratch home depends on."""
        passage_tokens = profile.passage_tokens or self._settings.passage_tokens or DEFAULT_PASSAGE_TOKENS
        # Parsers and splitter decide what is in a home; a version number would be forgotten when one of them changes.
        parts = (self._settings.model or DEFAULT_EMBEDDER, str(passage_tokens), source_digest(("corpus", "index")))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._memory is not None:
            self._memory.close()
        if self._own_cache is not None:
            self._own_cache.cleanup()
