"""Homes for tests: a store and its indexes in a folder, filled by an embedder that takes no time."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np

from corpus.collections import collection_number
from corpus.database import CORPUS_MIGRATIONS
from corpus.files import make_folder
from corpus.home import open_store
from corpus.originals import Originals
from corpus.parse_pool import WorkerLimits, shared_pool
from corpus.parsers import ParseLimits, ParseOptions
from corpus.passages import passages_by_number
from corpus.sources import Source
from corpus.store import text_of
from index.backup import Backup
from index.compaction import Compactor
from index.embedder import Fingerprint, FloatMatrix, FloatVector
from index.generation import Recipes
from index.ingest import Ingester
from index.keeper import IndexKeeper, Snapshot
from index.lock import WriteLock
from index.migrations import INDEX_MIGRATIONS
from index.purging import Purger
from index.removal import Remover
from index.results import FileResult
from index.sync import Syncer
from index.tiers import Tiers
from index.vectors import Scope

DIMENSION = 32
MIGRATIONS = (CORPUS_MIGRATIONS, INDEX_MIGRATIONS)
_MAX_BYTES = 100_000
_WORD = re.compile(r"\w+|[^\w\s]")


@cache
def _direction(word: str) -> FloatVector:
    return np.random.default_rng(crc32(word.encode())).standard_normal(DIMENSION).astype(np.float32)


class HashEmbedder:
    """Every word is a direction that follows from its letters; a text is the sum of its words."""

    fingerprint = Fingerprint("hash", "0" * 64, DIMENSION, "sum", "", "", 64, "fp32")

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        return [word.span() for word in _WORD.finditer(text)]

    def max_passage_tokens(self) -> int:
        return 64

    def embed_question(self, question: str) -> FloatVector:
        total = sum((_direction(word.lower()) for word in _WORD.findall(question)), start=_direction(""))
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def embed_passages(self, passages: Sequence[str]) -> FloatMatrix:
        return np.stack([self.embed_question(passage) for passage in passages])


class RefusingEmbedder(HashEmbedder):
    """For what has to work without embedding anything again."""

    def embed_passages(self, passages: Sequence[str]) -> FloatMatrix:
        raise AssertionError(f"{len(passages)} passages are embedded")


@dataclass
class Home:
    """An open home, and the few things that tests do with one."""

    path: Path
    embedder: HashEmbedder = field(default_factory=HashEmbedder)
    target_tokens: int = 16
    tiers: Tiers = field(default_factory=Tiers)

    def __post_init__(self) -> None:
        make_folder(self.path)
        self.database = open_store(self.path, MIGRATIONS)
        self.lock = WriteLock(self.path)
        self.keeper = IndexKeeper(self.path, self.database, self.lock, self.tiers)
        self.originals = Originals(self.path / "originals")
        self.remover = Remover(self.database, self.keeper, self.lock, lock_seconds=10)
        self.compactor = Compactor(self.path, self.database, self.keeper, self.lock, lock_seconds=10)
        self.purger = Purger(self.path, self.database, self.originals, self.compactor, self.lock, lock_seconds=10)
        self.backup = Backup(self.path, self.database, self.originals)
        self.ingester = Ingester(
            self.database,
            self.originals,
            self.keeper,
            self.lock,
            self.recipes(),
            shared_pool(ParseOptions(ParseLimits(max_bytes=_MAX_BYTES)), WorkerLimits()),
        )
        self.syncer = Syncer(self.path, self.database, self.ingester, self.remover, self.lock, _MAX_BYTES)

    def recipes(self, passage_tokens: int | None = None) -> Recipes:
        """Those of the home's embedder, whatever it is by then."""
        return Recipes(lambda _name: self.embedder, "hash", passage_tokens or self.target_tokens)

    def ingest(self, *sources: Source, collection: str = "default", lock_seconds: float = 10) -> list[FileResult]:
        results: list[FileResult] = []
        self.ingester.ingest(sources, collection, results.append, lambda _progress: None, lock_seconds)
        return results

    def by_words(self, question: str, collection: str = "default", k: int = 1000) -> set[str]:
        """The texts of the passages that the word index finds."""
        snapshot = self.keeper.snapshot()
        hits = snapshot.words.search(question, k, self.scope(collection))
        return self._texts(snapshot, [hit.number for hit in hits])

    def by_vectors(self, question: str, collection: str = "default", k: int = 1000) -> set[str]:
        """The texts of the k nearest passages."""
        snapshot = self.keeper.snapshot()
        vector = self.embedder.embed_question(question)
        hits = snapshot.vectors.search(vector, k, self.scope(collection))
        return self._texts(snapshot, [hit.number for hit in hits])

    def answers(self, questions: Sequence[str]) -> list[object]:
        """Everything that the indexes say about some questions, to be compared."""
        snapshot = self.keeper.snapshot()
        scope = self.scope()
        return [
            (
                # Words give the same bits; the order of additions inside FAISS may differ between segments.
                [(hit.number, round(hit.score, 4)) for hit in snapshot.words.search(question, 50, scope)],
                {
                    hit.number: round(hit.score, 4)
                    for hit in snapshot.vectors.search(self.embedder.embed_question(question), 1000, scope)
                },
            )
            for question in questions
        ]

    def scope(self, collection: str = "default") -> Scope:
        with self.database.read() as connection:
            return Scope(collection_number(connection, collection))

    def _texts(self, snapshot: Snapshot, numbers: Sequence[int]) -> set[str]:
        with self.database.read() as connection:
            found = passages_by_number(connection, numbers, snapshot.seq)
            assert found.keys() == set(numbers), "an index knows passages that the store does not"
            texts = {passage.version: text_of(connection, passage.version) for passage in found.values()}
        return {passage.span.of(texts[passage.version]) for passage in found.values()}

    def close(self) -> None:
        self.keeper.close()
        self.database.close()


@contextmanager
def open_home(path: Path, embedder: HashEmbedder | None = None, tiers: Tiers | None = None) -> Iterator[Home]:
    home = Home(path, embedder or HashEmbedder(), tiers=tiers or Tiers())
    try:
        yield home
    finally:
        home.close()


def text_source(name: str, text: str, **fields: object) -> Source:
    """A text whose identity is its name."""
    return Source(uri=f"text:{name}", name=name, content=text, **fields)  # type: ignore[arg-type]
