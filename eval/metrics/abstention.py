"""Abstaining: decisions and confidences against the labels answerable and unanswerable.

Arrays of shape (questions,). None where the labels are of one kind only.
"""

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Confidences = npt.NDArray[np.float64]


def abstain_f1(answerable: Flags, abstained: Flags) -> float | None:
    """Compute the F1 of abstaining, where abstaining is right on unanswerable questions."""
    if not _has_both(answerable):
        return None
    right = np.count_nonzero(abstained & ~answerable)
    return float(2 * right / (np.count_nonzero(abstained) + np.count_nonzero(~answerable)))


def answerability_auroc(answerable: Flags, confidence: Confidences) -> float | None:
    """Compute the chance that an answerable question has more confidence than an unanswerable one; ties half.

    The area under the ROC curve by the rank sum of Mann and Whitney.
    """
    if not _has_both(answerable):
        return None
    positives = np.count_nonzero(answerable)
    negatives = len(answerable) - positives
    rank_sum = _average_ranks(confidence)[answerable].sum()
    return float((rank_sum - positives * (positives + 1) / 2) / (positives * negatives))


def _has_both(answerable: Flags) -> bool:
    return bool(answerable.any() and not answerable.all())


def _average_ranks(values: Confidences) -> Confidences:
    """Rank from 1 upwards; equal values share the mean of their ranks."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Confidences = np.cumsum(sizes) - (sizes - 1) / 2
    return ranks[group]
