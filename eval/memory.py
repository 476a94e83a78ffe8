"""A memory of what the models computed: vectors and rerank scores of earlier runs, so that ablations are cheap.

Everything is kept under a hash of the model's fingerprint and of the texts; another model finds nothing of it. Losing
the file costs time and nothing else, so it is written without waiting for the disk.
"""

import hashlib
import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from corpus.errors import DamagedError
from index.embedder import Embedder, Fingerprint, FloatMatrix, FloatVector
from retrieval.assemble import EngineWrappers
from retrieval.reranker import Reranker, RerankerFingerprint

_ASKED_AT_ONCE = 500  # SQLite bounds the parameters of a statement

Item = TypeVar("Item")


class Memory:
    """Values by key in one SQLite file; `hits` counts what was found, by kind. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self.hits: Counter[str] = Counter()
        try:
            self._connection = sqlite3.connect(path, timeout=60, check_same_thread=False, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS remembered (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
            )
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def recall_or_compute(
        self, kind: str, keys: Sequence[bytes], compute: Callable[[list[int]], Sequence[bytes]]
    ) -> list[bytes]:
        """The values of the keys; `compute` gets the positions of those that are not known."""
        with self._lock:
            known = self._known(keys)
        missing = [position for position, key in enumerate(keys) if key not in known]
        self.hits[kind] += len(keys) - len(missing)
        if missing:
            computed = {keys[position]: value for position, value in zip(missing, compute(missing), strict=True)}
            known |= computed
            with self._lock:
                self._remember(computed)
        return [known[key] for key in keys]

    def close(self) -> None:
        """Give back the file."""
        self._connection.close()

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        try:
            for start in range(0, len(keys), _ASKED_AT_ONCE):
                part = keys[start : start + _ASKED_AT_ONCE]
                marks = ",".join("?" * len(part))
                found |= dict(
                    self._connection.execute(f"SELECT key, value FROM remembered WHERE key IN ({marks})", part)
                )
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error
        return found

    def _remember(self, values: Mapping[bytes, bytes]) -> None:
        try:
            with self._connection:
                self._connection.execute("BEGIN")
                self._connection.executemany("INSERT OR IGNORE INTO remembered VALUES (?, ?)", values.items())
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: sqlite3.DatabaseError) -> DamagedError:
        return DamagedError(f"the memory of evaluations {str(self._path)!r} cannot be used ({error}): remove that file")


class RememberingEmbedder:
    """An embedder that computes no vector twice; see `index.embedder.Embedder`."""

    def __init__(self, inner: Embedder, memory: Memory) -> None:
        self._inner = inner
        self._memory = memory
        self._prefix = _prefix(inner.fingerprint)

    @property
    def fingerprint(self) -> Fingerprint:
        """That of the embedder."""
        return self._inner.fingerprint

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Those of the embedder."""
        return self._inner.token_spans(text)

    def max_passage_tokens(self) -> int:
        """That of the embedder."""
        return self._inner.max_passage_tokens()

    def embed_question(self, question: str) -> FloatVector:
        """A unit vector of shape (dimension,)."""
        key = _key(self._prefix, "question", question)
        values = self._memory.recall_or_compute(
            "vectors", [key], lambda _: [self._inner.embed_question(question).tobytes()]
        )
        return np.frombuffer(values[0], dtype=np.float32).copy()

    def embed_passages(self, passages: Sequence[str]) -> FloatMatrix:
        """Unit vectors of shape (len(passages), dimension), in the order given."""
        keys = [_key(self._prefix, "passage", passage) for passage in passages]
        values = self._memory.recall_or_compute("vectors", keys, lambda missing: self._computed(passages, missing))
        shape = (len(passages), self.fingerprint.dimension)
        return np.frombuffer(b"".join(values), dtype=np.float32).reshape(shape).copy()

    def _computed(self, passages: Sequence[str], missing: list[int]) -> list[bytes]:
        matrix = self._inner.embed_passages([passages[position] for position in missing])
        return [row.tobytes() for row in matrix]


class RememberingReranker:
    """A cross-encoder that reads no pair twice; see `retrieval.reranker.Reranker`."""

    def __init__(self, inner: Reranker, memory: Memory) -> None:
        self._inner = inner
        self._memory = memory
        self._prefix = _prefix(inner.fingerprint)

    @property
    def fingerprint(self) -> RerankerFingerprint:
        """That of the cross-encoder."""
        return self._inner.fingerprint

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """A logit per text, in the order given."""
        keys = [_key(self._prefix, question, text) for text in texts]
        values = self._memory.recall_or_compute(
            "rerank_scores", keys, lambda missing: self._computed(question, texts, missing)
        )
        return [float(score) for score in np.frombuffer(b"".join(values), dtype=np.float64)]

    def _computed(self, question: str, texts: Sequence[str], missing: list[int]) -> list[bytes]:
        scores = self._inner.score(question, [texts[position] for position in missing])
        return [np.float64(score).tobytes() for score in scores]


def wrappers(memory: Memory) -> EngineWrappers:
    """What makes a service remember."""
    return EngineWrappers(
        lambda embedder: RememberingEmbedder(embedder, memory), lambda reranker: RememberingReranker(reranker, memory)
    )


def _prefix(fingerprint: Fingerprint | RerankerFingerprint) -> bytes:
    return json.dumps(fingerprint.as_dict(), sort_keys=True).encode()


def _key(prefix: bytes, *texts: str) -> bytes:
    digest = hashlib.blake2b(prefix, digest_size=16)
    for text in texts:
        data = text.encode("utf-8", "surrogatepass")
        # Lengths in front: ("ab", "c") and ("a", "bc") are different pairs.
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()
