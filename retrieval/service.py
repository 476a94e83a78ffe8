"""The one service behind every door: the parts of an open home, and the verbs that users know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corpus.checks import Check, OnStep
from corpus.collections import collection_number
from corpus.database import Database
from corpus.document_languages import documents_by_language
from corpus.errors import BadInputError
from corpus.sources import Source
from index.backup import Backup
from index.compaction import Compactor
from index.ingest import Ingester
from index.keeper import IndexKeeper
from index.models.catalogue import find_model
from index.near_duplicates import Alike, groups_alike
from index.purging import Purger
from index.reindex import Reindexed, Reindexer
from index.removal import Remover
from index.reparse import Reparser
from index.results import FileResult, Progress, Reports
from index.shadow_builder import OnReindexProgress, ReindexProgress
from index.sync import Syncer
from index.sync_plan import SyncOrder
from index.verification import Verifier
from retrieval.answering import Answerer
from retrieval.endpoint import LazyEndpoint
from retrieval.engines import Engines
from retrieval.library import Library
from retrieval.types import QueryRequest, QueryResult
from retrieval.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Reindexing:
    """How far building a home anew has come: documents of those in force, and passages with vectors."""

    model: str
    passage_tokens: int
    documents_done: int
    documents_total: int
    passages_done: int


@dataclass(frozen=True, slots=True)
class Status:
    """What a home holds. `models` maps "embedder" and "reranker" to name and fingerprint.

    `uncovered_languages` counts the documents in languages that the embedder was not made for, by ISO 639-1 code; it is
    empty for a model of which that is not known. `reindexing` is None unless the home is being built anew, or was and
    that was broken off.
    """

    home: str
    documents: int
    passages: int
    index_version: int
    collections: tuple[str, ...]
    models: dict[str, dict[str, Any]]
    uncovered_languages: dict[str, int]
    reindexing: Reindexing | None


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that can be done with one home. Safe to use from several threads; close it at the end."""

    home: Path
    database: Database
    keeper: IndexKeeper
    answerer: Answerer
    library: Library
    ingester: Ingester
    reindexer: Reindexer
    remover: Remover
    compactor: Compactor
    purger: Purger
    backup: Backup
    syncer: Syncer
    reparser: Reparser
    verifier: Verifier
    uploads: Uploads
    engines: Engines
    endpoint: LazyEndpoint
    models: dict[str, dict[str, Any]]
    lock_seconds: float

    def query(self, request: QueryRequest) -> QueryResult:
        """Answer a question, or decline with a reason. See `Answerer.answer` for the errors."""
        return self.answerer.answer(request)

    def ingest(
        self,
        sources: Iterable[Source],
        collection: str = "default",
        on_result: Callable[[FileResult], None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> list[FileResult]:
        """Ingest in this process. See `Ingester.ingest` for the errors; a bad file is a result, not an error."""
        results: list[FileResult] = []

        def note(result: FileResult) -> None:
            results.append(result)
            if on_result is not None:
                on_result(result)

        self.ingester.ingest(sources, collection, note, on_progress or _ignore, self.lock_seconds)
        return results

    def sync(self, order: SyncOrder, reports: Reports) -> int:
        """Make a collection equal to a folder; returns how many of its documents are from elsewhere.

        See `Syncer.sync` for the errors; a bad file is a result, not an error.
        """
        return self.syncer.sync(order, reports, self.lock_seconds)

    def reparse(self, passwords: tuple[str, ...], reports: Reports) -> None:
        """Read the originals again that an older version of the parsers read. See `Reparser.reparse`."""
        self.reparser.reparse(passwords, reports, self.lock_seconds)

    def near_duplicates(self, collection: str, threshold: float) -> list[list[Alike]]:
        """Groups of documents whose texts are nearly the same. Raises NotFoundError, and BadInputError."""
        if not 0 < threshold <= 1:
            raise BadInputError(f"the threshold is {threshold}; it must be above 0 and not above 1")
        with self.database.read() as connection:
            collection_number(connection, collection)
            return groups_alike(connection, collection, threshold)

    def reindex(self, on_progress: OnReindexProgress | None = None) -> Reindexed:
        """Split and embed all texts anew as the settings say. See `Reindexer.reindex` for the errors."""
        return self.reindexer.reindex(on_progress or _ignore)

    def rollback(self, on_progress: OnReindexProgress | None = None) -> Reindexed:
        """Go back to the model and passage size of before. See `Reindexer.rollback` for the errors."""
        return self.reindexer.rollback(on_progress or _ignore)

    def discard_reindexing(self) -> bool:
        """Remove what a reindexing that was broken off left; returns whether there was something."""
        return self.reindexer.discard()

    def text(self, document_id: str, version: str | None = None) -> str:
        """The canonical text that a document's offsets count in."""
        return self.library.text(document_id, version)

    def document_ids(self, collection: str) -> dict[str, str]:
        """The caller's own name (`external_id`) of each document, by document id."""
        return self.library.external_ids(collection)

    def verify(self, deep: bool = False, on_step: OnStep | None = None) -> tuple[Check, ...]:
        """Check everything that the home holds; see `Verifier.verify`."""
        return self.verifier.verify(deep, on_step or _ignore_step, self.lock_seconds)

    def status(self) -> Status:
        """Counts, state and models; loads no model."""
        documents, passages, seq = self.library.counts()
        generation = self.library.snapshot().generation
        models = dict(self.models)
        if generation is not None:
            models["embedder"] = dict(generation.fingerprint)
        names = tuple(collection.name for collection in self.library.collections())
        uncovered = self._uncovered_languages(str(models["embedder"]["name"]), seq)
        return Status(str(self.home), documents, passages, seq, names, models, uncovered, self._reindexing())

    def _uncovered_languages(self, model: str, seq: int) -> dict[str, int]:
        known = find_model(model)
        if known is None:
            return {}
        with self.database.read() as connection:
            counted = documents_by_language(connection, seq)
        return {code: count for code, count in counted.most_common() if code not in known.languages}

    def _reindexing(self) -> Reindexing | None:
        state = self.reindexer.state()
        if state is None:
            return None
        tokens = state.generation.passage_size["target_tokens"]
        return Reindexing(state.generation.model, tokens, state.documents_done, state.documents_total, state.passages)

    def warm_up(self) -> None:
        """Load the models and the indexes now rather than with the first question. Raises ModelError."""
        self.engines.embedder(self.library.snapshot())
        self.engines.reranker()

    def close(self) -> None:
        """End the worker process, wait for a merge that is under way, and give back endpoint and database."""
        self.uploads.close()
        self.endpoint.close()
        self.keeper.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _ignore_step(_name: str, _checked: int) -> None:
    """A check that nobody watches."""


def _ignore(_progress: Progress | ReindexProgress) -> None:
    """Progress that nobody watches."""
