"""Fusion of two result lists: a convex combination of scores, or of ranks.

Convex: scores are scaled to 0..1 within the candidates of one question, then added with weights that sum to 1: see
Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 42(1), 2023.
By ranks: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
Methods", SIGIR 2009; measured, it loses to the convex form.
"""

from collections.abc import Mapping

_RRF_CONSTANT = 60  # as in the paper


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float], dense_weight: float) -> dict[int, float]:
    """The fused score, 0..1, of every passage that either list holds.

    A passage that a list does not hold takes that list's lowest score, which is 0 for BM25: it had no word in
    common, or too few to be among the candidates.
    """
    scaled_dense = scaled(dense, min(dense.values(), default=0.0))
    scaled_lexical = scaled(lexical, 0.0)
    return {
        passage: dense_weight * scaled_dense.get(passage, 0.0) + (1 - dense_weight) * scaled_lexical.get(passage, 0.0)
        for passage in dense.keys() | lexical.keys()
    }


def scaled(scores: Mapping[int, float], floor: float) -> dict[int, float]:
    """Scores as shares of the way from `floor` to the best one; all 1 where there is no way between them."""
    width = max(scores.values(), default=0.0) - floor
    return {passage: (score - floor) / width if width > 0 else 1.0 for passage, score in scores.items()}


def fuse_ranks(dense: Mapping[int, float], lexical: Mapping[int, float]) -> dict[int, float]:
    """Reciprocal rank fusion: Σ 1 / (60 + rank) over the lists that hold a passage, as a share of the best possible.

    Passages of equal score in a list come in the order of their numbers.
    """
    best = 2 / (_RRF_CONSTANT + 1)
    fused = dict.fromkeys(dense.keys() | lexical.keys(), 0.0)
    for scores in (dense, lexical):
        ranked = sorted(scores, key=lambda passage: (-scores[passage], passage))
        for rank, passage in enumerate(ranked, start=1):
            fused[passage] += 1 / (_RRF_CONSTANT + rank) / best
    return fused
