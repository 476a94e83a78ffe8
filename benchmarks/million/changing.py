"""Changing the made home: single documents, many in small batches, and many removed at once."""

import random
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.million.build import documents, open_home, store_group
from benchmarks.million.real import default_recipe, load
from benchmarks.million.recipe import make_vectors, neighbours_of, plan
from corpus.sources import Source
from index.vectors import Scope
from retrieval.assemble import open_service
from retrieval.settings import Settings

_SINGLES = 30
_BATCH_DOCUMENTS = 6  # about as many passages as an ingestion stores together


@dataclass(frozen=True, slots=True)
class Grown:
    """Milliseconds of every batch until it is found, processor seconds of all, bytes written."""

    milliseconds: list[float]
    processor_seconds: float
    bytes_written: int


def add_single(folder: Path) -> list[float]:
    """Milliseconds until a text of one passage is ingested with the real model and found by a word of its own."""
    taken = []
    with open_service(Settings(home=folder)) as service:
        for number in range(_SINGLES):
            word = f"zebrafinch{number}"
            text = f"The {word} is a small bird that nobody has described before; this note is the first to do so."
            begun = time.perf_counter()
            (result,) = service.ingest([Source(f"text:{word}", word, text)])
            hits = service.library.snapshot().words.search(word, 1, Scope(1))
            taken.append((time.perf_counter() - begun) * 1000)
            if result.status != "added" or len(hits) != 1:
                raise RuntimeError(f"{word} was {result.status} and {len(hits)} passages have it")
    return taken


def grow(work: Path, folder: Path, passages: int, first: int) -> Grown:
    """Further passages in small batches, each published before the next; documents are numbered from `first` on."""
    real = load(work)
    made = plan(neighbours_of(real.vectors), passages, seed=1)
    matrix = np.concatenate(list(make_vectors(real.vectors, made)))
    versions, row, taken = documents(real, made, first, seed=1), 0, []
    home, recipe = open_home(folder), default_recipe()
    home.keeper.snapshot()
    before, processor = written(), 0.0
    while group := list(islice(versions, _BATCH_DOCUMENTS)):
        begun = time.perf_counter(), time.process_time()
        with home.lock.held(60):
            row += store_group(home, recipe, group, matrix[row:])
            home.keeper.publish()
        taken.append((time.perf_counter() - begun[0]) * 1000)
        processor += time.process_time() - begun[1]
    home.close()
    return Grown(taken, processor, written() - before)


def remove(folder: Path, held: int, removed: int) -> float:
    """Seconds to remove documents by chance, until the next state has none of them."""
    numbers = random.Random(3).sample(range(1, held + 1), removed)
    with open_service(Settings(home=folder)) as service:
        before = service.library.counts()
        begun = time.perf_counter()
        service.remover.remove_numbers(numbers)
        service.library.snapshot()
        seconds = time.perf_counter() - begun
        after = service.library.counts()
    if before[0] - after[0] != removed:
        raise RuntimeError(f"{before[0] - after[0]} documents are gone, not {removed}")
    return seconds


def written() -> int:
    """Bytes that this process has had written to the disk."""
    lines = Path("/proc/self/io").read_text("ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])
