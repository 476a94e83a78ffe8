"""How close the made vectors come to the real ones: neighbours, questions, and spectrum."""

import faiss
import numpy as np
import numpy.typing as npt

from benchmarks.million.real import Real
from index.vectors import HalfMatrix

_ASKED = 1_000
_NEIGHBOUR = 10
_SHARES = (10, 50, 90)
_RANKS = (1, 2, 5, 10, 20, 50, 100, 200)

Matrix = npt.NDArray[np.float32]


def compare(real: Real, made: HalfMatrix) -> None:
    """Print the figures of both, at the size of the real ones and at smaller and larger ones."""
    chance = np.random.default_rng(7)
    questions = real.question_vectors[:_ASKED].astype(np.float32)
    print(f"{len(real.vectors)} real vectors, {len(made)} made ones; percentiles {_SHARES}")
    for name, vectors in (("real", real.vectors), ("made", made)):
        for size in sorted({len(real.vectors) // 8, len(real.vectors), len(made)}):
            if size <= len(vectors):
                chosen = np.sort(chance.choice(len(vectors), size, replace=False))
                _print_cosines(f"{name}, {size}", vectors[chosen].astype(np.float32), questions)
    chosen = np.sort(chance.choice(len(made), len(real.vectors), replace=False))
    for name, sample in (("real", real.vectors), ("made", made[chosen])):
        print(f"{name}: share of the variance in the first {_RANKS} directions {_spectrum(sample.astype(np.float32))}")


def _print_cosines(name: str, vectors: Matrix, questions: Matrix) -> None:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    nearest = index.search(vectors[:: max(1, len(vectors) // _ASKED)], 2)[0][:, 1]
    tenth = index.search(questions, _NEIGHBOUR)[0][:, -1]
    print(f"{name}: cosine to the nearest {_percentiles(nearest)}, of a question to its tenth {_percentiles(tenth)}")


def _percentiles(values: Matrix) -> list[float]:
    return [round(float(value), 3) for value in np.percentile(values, _SHARES)]


def _spectrum(vectors: Matrix) -> list[float]:
    centred = vectors - vectors.mean(axis=0)
    shares = np.linalg.eigvalsh(centred.T @ centred)[::-1]
    summed = np.cumsum(shares) / shares.sum()
    return [round(float(summed[rank - 1]), 3) for rank in _RANKS]
