"""A million passages of 384 dimensions on one machine: how they are made, and what questions and changes cost then.

    python -m benchmarks.million real DATA... [--work build/million] [--most 30000]
    python -m benchmarks.million build --home HOME [--work build/million] [--passages 1000000]
    python -m benchmarks.million shape [--work build/million]
    python -m benchmarks.million measure --home HOME [--work build/million] [--questions 300] [--added 100000]
        [--removed 10000] [--no-hnsw]

`real` embeds passages and questions of evaluation sets in BEIR form; `build` makes a home of as many passages as are
asked for (see `recipe`); `shape` compares the made vectors with the real ones; `measure` asks and changes that home
(by default 100,000 passages more, 10,000 documents less), beside FAISS alone. Where a busy machine spoils a figure, the
processor seconds stand beside it.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.million.build import build
from benchmarks.million.measure import measure
from benchmarks.million.real import load, prepare
from benchmarks.million.recipe import make_vectors, neighbours_of, plan
from benchmarks.million.shape import compare


def main() -> None:
    """Run one of the four steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["real", "build", "shape", "measure"])
    parser.add_argument("sets", nargs="*", type=Path)
    parser.add_argument("--work", type=Path, default=Path("build/million"))
    parser.add_argument("--home", type=Path)
    parser.add_argument("--most", type=int, default=30_000)
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--added", type=int, default=100_000)
    parser.add_argument("--removed", type=int, default=10_000)
    parser.add_argument("--no-hnsw", action="store_true")
    given = parser.parse_args()
    if given.step in ("build", "measure") and given.home is None:
        parser.error("--home is needed")
    if given.step == "real":
        prepare(given.sets, given.work, given.most)
    elif given.step == "build":
        make(given.work, given.home, given.passages)
    elif given.step == "shape":
        compare(load(given.work), np.load(given.work / "made.npy", mmap_mode="r"))
    else:
        counts = given.questions, given.added, given.removed
        measure(given.work, given.home, *counts, with_hnsw=not given.no_hnsw)


def make(work: Path, home: Path, passages: int) -> None:
    """Vectors into `work`, everything into the home."""
    real = load(work)
    made = plan(neighbours_of(real.vectors), passages, seed=0)
    matrix = np.concatenate(list(make_vectors(real.vectors, made)))
    np.save(work / "made.npy", matrix)
    clock = build(home, real, made, matrix)
    print(f"{passages} passages from {len(real.passages)} real ones: wall (processor) {clock}")


if __name__ == "__main__":
    main()
