"""A thousand files of mixed kinds through one and through two reading processes, in turn: files a second, and memory.

    python -m benchmarks.parse_throughput FOLDER... [--files 1000] [--rounds 2]

The files are those below the folders that are not larger than a megabyte, in an order by the hash of their names. The
texts are thrown away: this measures reading alone. Memory is that of the workers together, at every tenth of a round.
"""

import argparse
import hashlib
import multiprocessing
import os
import statistics
import sys
import time
from collections import Counter, deque
from pathlib import Path

from corpus.errors import UnreadableError
from corpus.parse_pool import ParsePool, Pending, WorkerLimits
from corpus.parsers import ParseOptions
from corpus.sources import find_files
from corpus.types import ParsedDocument

_LARGEST = 1_000_000
_MEGABYTE = 1_000_000


def chosen(folders: list[Path], count: int) -> list[Path]:
    """The first `count` files by the hash of their names."""
    files = [path for path in find_files(folders) if path.stat().st_size <= _LARGEST]
    return sorted(files, key=lambda path: hashlib.sha256(path.name.encode()).digest())[:count]


def read_all(files: list[Path], workers: int) -> tuple[float, list[int], int]:
    """Seconds without the start of the workers, their memory in megabytes along the way, and the number of texts."""
    pool = ParsePool(ParseOptions(ocr="off"), WorkerLimits(count=workers))
    for number in range(4 * workers):  # every worker has started
        pool.parse(b"A note.", f"{number}.txt").result()
    texts, memory = 0, []
    ahead: deque[Pending[ParsedDocument]] = deque()
    begun = time.perf_counter()
    for number, path in enumerate(files):
        ahead.append(pool.parse(path.read_bytes(), path.name))
        if len(ahead) > 2 * workers:
            texts += _is_text(ahead.popleft())
        if number % (len(files) // 10 or 1) == 0:
            memory.append(_memory_of_workers())
    texts += sum(map(_is_text, ahead))
    seconds = time.perf_counter() - begun
    pool.close()
    return seconds, memory, texts


def _is_text(pending: "Pending[ParsedDocument]") -> bool:
    try:
        return bool(pending.result().text)
    except UnreadableError:
        return False


def _memory_of_workers() -> int:
    pages = 0
    for process in multiprocessing.active_children():
        try:
            pages += int(Path(f"/proc/{process.pid}/statm").read_text("ascii").split()[1])
        except OSError:  # replaced this moment
            continue
    return pages * os.sysconf("SC_PAGE_SIZE") // _MEGABYTE


def main() -> None:
    """Print a line a run and the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    files = chosen(given.folders, given.files)
    kinds = Counter(path.suffix.lower() or "none" for path in files)
    print(f"{len(files)} files:", ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    taken: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(given.rounds):
        for workers in taken:
            seconds, memory, texts = read_all(files, workers)
            taken[workers].append(seconds)
            rate = len(files) / seconds
            print(f"{workers} worker(s): {seconds:6.1f} s, {rate:5.1f} files/s, {texts} texts, memory {memory} MB")
    one, two = (statistics.median(values) for values in taken.values())
    print(f"two workers: {one / two:.2f} times the throughput of one")


if __name__ == "__main__":
    sys.exit(main())
