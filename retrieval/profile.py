"""The weights and depths of retrieval, as one value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """How a question is answered.

    `candidates`: passages taken from each of the two searches. `dense_weight`: share of the cosine in the fused
    score, BM25 has the rest. `rerank_depth`: passages whose sentences the cross-encoder reads; `rerank_weight`: its
    share in their final score. `evidence_passages`: passages in which evidence is looked for without it.
    `min_confidence`: below it the answer is declined.
    """

    candidates: int = 100
    dense_weight: float = 0.5
    rerank: bool = True
    rerank_depth: int = 8
    rerank_weight: float = 0.7
    evidence_passages: int = 3
    min_confidence: float = 0.15


DEFAULT_PROFILE = Profile()
