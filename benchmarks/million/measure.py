"""The table: the made home beside FAISS alone, each in a process of its own, on the same vectors and questions."""

import multiprocessing
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from benchmarks.million.asking import THOUSANDTHS, Asked, ask
from benchmarks.million.changing import add_single, grow, remove
from benchmarks.million.peers import FACTORIES, Peer, exact, recall, run
from benchmarks.million.real import load
from benchmarks.million.recipe import PASSAGES_PER_DOCUMENT

_MEGABYTE = 1_000_000
_PINCITE = str(Path(sys.executable).parent / "pincite")

T = TypeVar("T")


def measure(work: Path, home: Path, count: int, added: int, removed: int, *, with_hnsw: bool) -> None:
    """Print all figures. The home is changed."""
    real = load(work)
    questions, vectors = real.questions[:count], real.question_vectors[:count].astype(np.float32)
    made = np.load(work / "made.npy", mmap_mode="r")
    print(f"{len(made)} passages of {made.shape[1]} dimensions, {len(questions)} questions", flush=True)
    for name, factory in FACTORIES.items():
        if with_hnsw or "HNSW" not in factory:
            _print_peer(name, _apart(run, factory, work / "made.npy", vectors), exact(made, vectors))
    begun = time.perf_counter()
    subprocess.run([_PINCITE, "--home", str(home), "ask", questions[0], "--json"], check=True, capture_output=True)
    print(f"open to first answer, `pincite ask` in a new process: {time.perf_counter() - begun:.2f} s", flush=True)
    asked = _apart(ask, home, questions, vectors, list(THOUSANDTHS))
    _print_asked("Pincite", asked)
    for name in THOUSANDTHS:
        expected = exact(made, vectors, _rows(asked, name, len(made)))
        found = [[number - 1 for number in row] for row in asked.nearest[name]]
        print(f"recall@10, filter {name}: {recall(found, expected):.4f}", flush=True)
    _print_changes(work, home, len(made), added, removed)
    _print_asked(f"Pincite after {added} passages in small batches", _apart(ask, home, questions, vectors, ["none"]))


def _print_changes(work: Path, home: Path, passages: int, added: int, removed: int) -> None:
    documents = passages // PASSAGES_PER_DOCUMENT
    print(f"one document added and found, with its embedding: {_quantiles(_apart(add_single, home))}", flush=True)
    seconds = _apart(remove, home, documents, removed)
    print(f"{removed} documents removed: {seconds:.2f} s", flush=True)
    grown = _apart(grow, work, home, added, documents)
    print(
        f"{added} passages in small batches: a batch until it is found {_quantiles(grown.milliseconds)}, in all "
        f"{sum(grown.milliseconds) / 1000:.0f} s ({grown.processor_seconds:.0f} s of processor), "
        f"{grown.bytes_written / _MEGABYTE:.0f} MB written, {grown.bytes_written / added:.0f} bytes a passage",
        flush=True,
    )


def _rows(asked: Asked, name: str, passages: int) -> npt.NDArray[np.int64] | None:
    """The rows of the vectors whose documents a filter passes; a home numbers documents and passages from 1 on."""
    if name not in asked.allowed:
        return None
    numbers = asked.allowed[name]
    rows = (numbers[:, None] - 1) * PASSAGES_PER_DOCUMENT + np.arange(PASSAGES_PER_DOCUMENT)
    flat: npt.NDArray[np.int64] = rows.ravel()
    return flat[flat < passages]


def _print_peer(name: str, peer: Peer, expected: Any) -> None:
    print(
        f"FAISS {name}: built in {peer.build_seconds:.0f} s ({peer.build_processor_seconds:.0f} s of processor), "
        f"memory {peer.memory['anonymous'] / _MEGABYTE:.0f} MB, search {_quantiles(peer.milliseconds)}, recall@10 "
        f"{recall(peer.found, expected):.4f}, one added {_quantiles(peer.add_milliseconds)}, file of "
        f"{peer.file_bytes / _MEGABYTE:.0f} MB",
        flush=True,
    )


def _print_asked(name: str, asked: Asked) -> None:
    sizes = ", ".join(f"{kind} {size / _MEGABYTE:.0f} MB" for kind, size in asked.memory.items())
    print(f"{name}: opened in {asked.open_seconds:.2f} s, {sizes}")
    for kind, stages in asked.stages.items():
        print(f"  filter {kind}: " + "; ".join(f"{stage} {_quantiles(values)}" for stage, values in stages.items()))


def _quantiles(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    return f"p50 {statistics.median(ordered):.1f} p95 {ordered[int(0.95 * len(ordered))]:.1f} ms"


def _apart(function: Callable[..., T], *arguments: Any) -> T:
    """Call the function in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()
