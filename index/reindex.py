"""Building a home's vectors anew, with another model or another passage size, from the stored texts.

Everything is computed beside the old passages while questions go on; one transaction then puts the new passages and
the new generation in force, and every process sees both from the same `seq` on. Old passages stay in the store.
"""

from collections.abc import Callable
from dataclasses import dataclass

from corpus.collections import collection_names
from corpus.database import Database, current_seq, next_seq
from corpus.passages import replace_passages
from corpus.records import DocumentVersion
from corpus.store import text_of, versions_in_force
from corpus.types import ParsedDocument, Span
from index.embedder import Embedder
from index.embedding_text import embedding_text
from index.ingest import passage_spans
from index.keeper import IndexKeeper
from index.lock import WriteLock
from index.results import OnProgress, Progress
from index.store import add_generation, add_vectors
from index.vectors import HalfMatrix, rounded


@dataclass(frozen=True, slots=True, eq=False)
class _Rebuilt:
    """A document version's new passages and their vectors."""

    version: DocumentVersion
    spans: tuple[Span, ...]
    vectors: HalfMatrix


class Reindexer:
    """Replaces all passages and vectors of one home."""

    def __init__(
        self,
        database: Database,
        keeper: IndexKeeper,
        lock: WriteLock,
        embedder: Callable[[], Embedder],
        target_tokens: int,
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._lock = lock
        self._embedder = embedder
        self._target_tokens = target_tokens

    def reindex(self, on_progress: OnProgress, lock_seconds: float) -> int:
        """The `seq` from which the home answers with the new vectors. Raises LockedError, ModelError."""
        with self._lock.held(lock_seconds):
            self._keeper.catch_up()
            rebuilt = self._rebuild(on_progress)
            seq = self._switch(rebuilt)
            self._keeper.publish()
        return seq

    def _rebuild(self, on_progress: OnProgress) -> list[_Rebuilt]:
        with self._database.read() as connection:
            seq = current_seq(connection)
            names = [name for name, _ in collection_names(connection)]
            versions = [version for name in names for version in versions_in_force(connection, name, seq)]
        return [self._rebuild_one(version, on_progress) for version in versions]

    def _rebuild_one(self, version: DocumentVersion, on_progress: OnProgress) -> _Rebuilt:
        with self._database.read() as connection:
            text = text_of(connection, version.number)
        document = ParsedDocument(text, version.media_type, page_starts=version.page_starts, sections=version.sections)
        embedder = self._embedder()
        spans = passage_spans(document, embedder, self._target_tokens)
        on_progress(Progress(version.title, 0, len(spans)))
        return _Rebuilt(
            version,
            spans,
            rounded(embedder.embed_passages([embedding_text(text, version.shape.tables, span) for span in spans])),
        )

    def _switch(self, rebuilt: list[_Rebuilt]) -> int:
        with self._database.write() as connection:
            seq = next_seq(connection)
            fingerprint = self._embedder().fingerprint.as_dict()
            size = {"target_tokens": self._target_tokens}
            generation = add_generation(connection, seq, fingerprint, size)
            for item in rebuilt:
                passages = replace_passages(connection, seq, item.version, item.spans)
                add_vectors(connection, generation.number, passages, item.vectors)
        return seq
