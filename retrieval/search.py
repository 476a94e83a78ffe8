"""From a question to ranked passage numbers: two searches under one filter, then fusion."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from index.embedder import Embedder, FloatVector
from index.keeper import Snapshot
from index.vectors import Scope
from retrieval.fusion import fuse, fuse_ranks
from retrieval.modes import Mode
from retrieval.profile import Profile


@dataclass(slots=True)
class Timings:
    """Milliseconds of each stage of one question."""

    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the duration of the block to the stage `name`."""
        begun = perf_counter()
        try:
            yield
        finally:
            passed = (perf_counter() - begun) * 1000
            self.stages[name] = round(self.stages.get(name, 0.0) + passed, 3)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that a search found, with its scores; `fused` is what it is ranked by.

    The ranks count from 1; None where a search does not have it among its first.
    """

    passage: int
    dense: float | None
    lexical: float | None
    fused: float
    dense_rank: int | None = None
    lexical_rank: int | None = None
    fused_rank: int | None = None


def find_candidates(
    snapshot: Snapshot,
    embedder: Embedder | None,
    question: str,
    mode: Mode,
    scope: Scope,
    profile: Profile,
    timings: Timings,
) -> list[Candidate]:
    """Candidates in the order of their fused score, then of their number. `embedder` is needed unless lexical."""
    vector: FloatVector | None = None
    dense: dict[int, float] = {}
    lexical: dict[int, float] = {}
    if mode != "lexical" and embedder is not None:
        with timings.stage("embed"):
            vector = embedder.embed_question(question)
        with timings.stage("dense"):
            dense = dict(snapshot.vectors.search(vector, profile.candidates, scope))
    if mode != "dense":
        with timings.stage("lexical"):
            lexical = dict(snapshot.words.search(question, profile.candidates, scope))
    with timings.stage("fuse"):
        known = dense
        if vector is not None and mode == "hybrid":
            # What only the words found has a cosine, too; without it, fusion would take it for the worst.
            known = dense | snapshot.vectors.scores(vector, [number for number in lexical if number not in dense])
        fused = fuse_ranks(dense, lexical) if profile.fusion == "rrf" else _fused(known, lexical, mode, profile)
    ranked = sorted(fused, key=lambda number: (-fused[number], number))
    ranks = [_ranks(found) for found in (dense, lexical, ranked)]
    return [
        Candidate(number, known.get(number), lexical.get(number), fused[number], *(rank.get(number) for rank in ranks))
        for number in ranked
    ]


def _ranks(found: Iterable[int]) -> dict[int, int]:
    return {number: rank for rank, number in enumerate(found, start=1)}


def _fused(dense: dict[int, float], lexical: dict[int, float], mode: Mode, profile: Profile) -> dict[int, float]:
    weight = {"dense": 1.0, "lexical": 0.0, "hybrid": profile.dense_weight}[mode]
    return fuse(dense, lexical, weight)
