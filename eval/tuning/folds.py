"""Folds of questions for cross-validation, and which questions are kept out of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.errors import BadInputError
from eval.datasets.types import Dataset, sample

# A question is known by the number of its set and its id: two sets may use the same ids.
Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Parts:
    """A set without its held-out questions, and with nothing but them; None where there are none."""

    tuning: Dataset
    held_out: Dataset | None


def parted(dataset: Dataset, limit: int | None) -> Parts:
    """Part a set; of either part a fixed sample of `limit` questions. Raises BadInputError when all are held out."""
    usable = [question for question in dataset.questions if not question.held_out]
    kept_out = [question for question in dataset.questions if question.held_out]
    if not usable:
        raise BadInputError(f"all questions of {dataset.name!r} are held out: there is none to tune with")
    return Parts(
        replace(dataset, questions=sample(usable, limit, 0)),
        replace(dataset, questions=sample(kept_out, limit, 0)) if kept_out else None,
    )


def folds_of(keys: Sequence[Key], folds: int) -> dict[Key, int]:
    """Give every question a fold: within each set in the order of a hash, so that the folds have equal shares of it.

    Raises BadInputError when there are fewer questions than folds.
    """
    if not 2 <= folds <= len(keys):
        raise BadInputError(f"{len(keys)} questions can be parted into 2 to {len(keys)} folds, not into {folds}")
    ordered = sorted(keys, key=lambda key: (key[0], hashlib.sha256(key[1].encode()).digest()))
    # Numbered through: the sets' remainders do not all fall to the first folds.
    return {key: number % folds for number, key in enumerate(ordered)}
