"""Returned passages against gold spans, as Smith and Troynikov (2024) score chunkings.

The measures are called after tokens and count characters, as the published code does. What stands in several passages
counts once (the published code counts it as returned several times; without overlap both are the same). None without
gold spans; nothing returned scores 0.
"""

from collections.abc import Sequence

from eval.metrics.characters import distinct_characters, overlap_of_unions, shared_characters
from eval.metrics.types import DocumentSpan


def token_recall(passages: Sequence[DocumentSpan], gold: Sequence[DocumentSpan]) -> float | None:
    """Compute the part of the gold characters that stand in the passages."""
    if not gold:
        return None
    return shared_characters(passages, gold) / distinct_characters(gold)


def token_precision(passages: Sequence[DocumentSpan], gold: Sequence[DocumentSpan]) -> float | None:
    """Compute the part of the returned characters that are gold."""
    if not gold:
        return None
    returned = distinct_characters(passages)
    return shared_characters(passages, gold) / returned if returned else 0.0


def token_iou(passages: Sequence[DocumentSpan], gold: Sequence[DocumentSpan]) -> float | None:
    """Compute the gold characters found / (the characters returned + the gold characters missed)."""
    if not gold:
        return None
    return overlap_of_unions(passages, gold)
