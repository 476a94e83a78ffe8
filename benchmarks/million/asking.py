"""Asking the made home: one process that opens it and answers, with the time of each stage and its memory."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.million.build import COLLECTION, open_home
from benchmarks.million.peers import K, memory
from corpus.collections import collection_number
from index.embedder import Embedder, Fingerprint, FloatMatrix, FloatVector
from index.metadata_index import MetadataKeeper
from index.vectors import Scope
from retrieval.filters import compile_filter
from retrieval.passages import TextCache, read_passages
from retrieval.profile import DEFAULT_PROFILE
from retrieval.search import Timings, find_candidates

THOUSANDTHS = {"none": 1000, "50 %": 500, "10 %": 100, "1 %": 10, "0.1 %": 1}
_RETURNED = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """`stages`: milliseconds of each question by stage. `nearest`: passage numbers of the best ten by vectors.

    `allowed`: the numbers of the documents that each filter passes.
    """

    open_seconds: float
    memory: dict[str, int]
    stages: dict[str, dict[str, list[float]]]
    nearest: dict[str, list[list[int]]]
    allowed: dict[str, npt.NDArray[np.int64]]


class GivenVectors(Embedder):
    """Gives the vectors that were computed before, one question after the other."""

    def __init__(self, vectors: dict[str, FloatVector]) -> None:
        self._vectors = vectors

    @property
    def fingerprint(self) -> Fingerprint:
        """Nothing here asks for it."""
        raise NotImplementedError

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Nothing here asks for it."""
        raise NotImplementedError

    def max_passage_tokens(self) -> int:
        """Nothing here asks for it."""
        raise NotImplementedError

    def embed_question(self, question: str) -> FloatVector:
        """The vector that was given for it."""
        return self._vectors[question]

    def embed_passages(self, passages: Any) -> FloatMatrix:
        """Nothing here asks for it."""
        raise NotImplementedError


def ask(folder: Path, questions: list[str], vectors: npt.NDArray[np.float32], filters: list[str]) -> Asked:
    """Open the home, warm up with twenty questions, then ask all of them under each filter."""
    begun = time.perf_counter()
    home = open_home(folder)
    snapshot = home.keeper.snapshot()
    opened = time.perf_counter() - begun
    embedder = GivenVectors(dict(zip(questions, vectors, strict=True)))
    texts, metadata = TextCache(), MetadataKeeper()
    stages: dict[str, dict[str, list[float]]] = {}
    nearest: dict[str, list[list[int]]] = {}
    allowed: dict[str, npt.NDArray[np.int64]] = {}
    for name in filters:
        stages[name], nearest[name] = {}, []
        for position, question in enumerate([*questions[:20], *questions]):
            timings = Timings()
            with timings.stage("all"), home.database.read() as connection:
                with timings.stage("filter"):
                    scope = _scope(connection, snapshot.seq, metadata, name)
                found = find_candidates(snapshot, embedder, question, "hybrid", scope, DEFAULT_PROFILE, timings)
                with timings.stage("fetch"):
                    read_passages(connection, found, _RETURNED, scope, snapshot.seq, texts)
            if position >= 20:
                for stage, milliseconds in timings.stages.items():
                    stages[name].setdefault(stage, []).append(milliseconds)
        nearest[name] = [[hit.number for hit in snapshot.vectors.search(vector, K, scope)] for vector in vectors]
        if scope.documents is not None:
            allowed[name] = np.flatnonzero(scope.documents)
    taken = memory()
    home.close()
    return Asked(opened, taken, stages, nearest, allowed)


def _scope(connection: Any, seq: int, metadata: MetadataKeeper, name: str) -> Scope:
    number = collection_number(connection, COLLECTION)
    if name == "none":
        return Scope(number)
    selection = compile_filter({"type": "lt", "key": "thousandth", "value": THOUSANDTHS[name]})
    return Scope(number, metadata.at(connection, seq).select(number, selection))
