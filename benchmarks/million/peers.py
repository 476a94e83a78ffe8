"""FAISS alone on the same vectors: exact, and HNSW. Each runs in a process of its own, for its memory."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

FACTORIES = {"exact, 16 bits": "SQfp16", "exact, 32 bits": "Flat", "HNSW32,SQ8": "HNSW32,SQ8"}
K = 10

_EF_SEARCH = 128
_TRAINED_WITH = 100_000
_ADDED_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Peer:
    """Seconds, bytes and milliseconds; `found` has the row numbers of the best ten for each question.

    `file_bytes` is what has to be written after every change, because FAISS writes an index as a whole.
    """

    build_seconds: float
    build_processor_seconds: float
    memory: dict[str, int]
    file_bytes: int
    add_milliseconds: list[float]
    milliseconds: list[float]
    found: npt.NDArray[np.int64]


def run(factory: str, vectors: Path, questions: npt.NDArray[np.float32]) -> Peer:
    """Build and search an index."""
    matrix = np.load(vectors, mmap_mode="r")
    before = memory()
    begun = time.perf_counter(), time.process_time()
    index = faiss.index_factory(matrix.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        index.train(matrix[:_TRAINED_WITH].astype(np.float32))
    for start in range(0, len(matrix), _ADDED_AT_ONCE):
        index.add(matrix[start : start + _ADDED_AT_ONCE].astype(np.float32))
    seconds = time.perf_counter() - begun[0], time.process_time() - begun[1]
    faiss.omp_set_num_threads(1)  # as Pincite searches
    if "HNSW" in factory:
        faiss.ParameterSpace().set_index_parameter(index, "efSearch", _EF_SEARCH)
    milliseconds, found = timed(lambda question: index.search(question[None], K)[1][0], questions)
    grown = {name: size - before[name] for name, size in memory().items()}
    added, _ = timed(lambda question: index.add(question[None]), questions[:50])
    size = len(faiss.serialize_index(index))
    return Peer(*seconds, grown, size, added, milliseconds, np.stack(found))


def exact(vectors: npt.NDArray[np.float16], questions: npt.NDArray[np.float32], rows: Any = None) -> Any:
    """The row numbers of the best ten for each question, computed in float32; among `rows`, if they are given."""
    best = np.full((len(questions), K), -2, np.float32), np.full((len(questions), K), -1, np.int64)
    chosen = np.arange(len(vectors)) if rows is None else rows
    for start in range(0, len(chosen), _ADDED_AT_ONCE):
        part = chosen[start : start + _ADDED_AT_ONCE]
        scores = np.concatenate((best[0], questions @ vectors[part].astype(np.float32).T), axis=1)
        numbers = np.concatenate((best[1], np.broadcast_to(part, (len(questions), len(part)))), axis=1)
        order = np.argpartition(-scores, K - 1, axis=1)[:, :K]
        best = np.take_along_axis(scores, order, 1), np.take_along_axis(numbers, order, 1)
    return best[1]


def recall(found: Any, expected: Any) -> float:
    """The share of the expected numbers that were found; -1 stands for none."""
    pairs = list(zip(found, expected, strict=True))
    wanted = [set(map(int, row)) - {-1} for _, row in pairs]
    hits = sum(len(set(map(int, one)) & want) for (one, _), want in zip(pairs, wanted, strict=True))
    return hits / max(1, sum(map(len, wanted)))


def timed(search: Callable[[Any], Any], questions: Any) -> tuple[list[float], list[Any]]:
    """Milliseconds of each search, after twenty that warm up, and what they found."""
    for question in questions[:20]:
        search(question)
    milliseconds, found = [], []
    for question in questions:
        begun = time.perf_counter()
        found.append(search(question))
        milliseconds.append((time.perf_counter() - begun) * 1000)
    return milliseconds, found


def memory() -> dict[str, int]:
    """Bytes of this process in memory: all, and those that are not pages of files."""
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()[1:]
    sizes = {line.split()[0].rstrip(":"): int(line.split()[1]) * 1024 for line in lines}
    return {"resident": sizes["Rss"], "anonymous": sizes["Anonymous"]}
