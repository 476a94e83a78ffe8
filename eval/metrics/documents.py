"""Rankings of documents against graded judgements, as trec_eval computes them.

Linear gain; a grade above 0 is relevant; scores are compared as 32-bit floats, and ties fall to the higher id; a
missing question has an empty ranking and scores 0. None where no document is relevant.
"""

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence


def best_passage_scores(passages: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Give every document the score of its best passage."""
    best: dict[str, float] = {}
    for document, score in passages:
        best[document] = max(score, best.get(document, score))
    return best


def trec_ranking(scores: Mapping[str, float]) -> list[str]:
    """Rank documents by score, then by id, both descending."""
    # Scores that differ only beyond 32 bits are ties there, and so are those that overflow to infinity.
    single = array("f", scores.values())
    return [document for _, document in sorted(zip(single, scores, strict=True), reverse=True)]


def document_scores(ranking: Sequence[str], judgements: Mapping[str, int]) -> dict[str, float | None]:
    """Compute all measures of this family by the names of the result file."""
    return {
        "ndcg@10": ndcg(ranking, judgements, 10),
        "recall@10": recall(ranking, judgements, 10),
        "mrr@10": reciprocal_rank(ranking, judgements, 10),
        "map": average_precision(ranking, judgements),
    }


def ndcg(ranking: Sequence[str], judgements: Mapping[str, int], depth: int) -> float | None:
    """Compute nDCG at `depth` (Järvelin and Kekäläinen 2002, with the logarithm of rank + 1)."""
    ideal = _dcg(sorted(judgements.values(), reverse=True)[:depth])
    return _dcg([judgements.get(document, 0) for document in ranking[:depth]]) / ideal if ideal else None


def recall(ranking: Sequence[str], judgements: Mapping[str, int], depth: int) -> float | None:
    """Compute the part of the relevant documents that stand among the first `depth`."""
    relevant = _relevant(judgements)
    return len(relevant.intersection(ranking[:depth])) / len(relevant) if relevant else None


def reciprocal_rank(ranking: Sequence[str], judgements: Mapping[str, int], depth: int) -> float | None:
    """Compute 1 / rank of the first relevant document, 0 where none is among the first `depth`."""
    relevant = _relevant(judgements)
    if not relevant:
        return None
    ranks = (rank for rank, document in enumerate(ranking[:depth], 1) if document in relevant)
    return next((1 / rank for rank in ranks), 0.0)


def average_precision(ranking: Sequence[str], judgements: Mapping[str, int]) -> float | None:
    """Compute the mean precision at the ranks of the relevant documents, 0 for those not returned."""
    relevant = _relevant(judgements)
    if not relevant:
        return None
    hits = (rank for rank, document in enumerate(ranking, 1) if document in relevant)
    return sum(found / rank for found, rank in enumerate(hits, 1)) / len(relevant)


def _relevant(judgements: Mapping[str, int]) -> set[str]:
    return {document for document, grade in judgements.items() if grade > 0}


def _dcg(grades: Sequence[int]) -> float:
    return sum(max(grade, 0) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
