"""Evidence: the sentences, inside the best passages, that answer the question."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.sentences import sentence_spans
from corpus.types import Span
from index.words import WordSnapshot
from retrieval.passages import FoundPassage
from retrieval.ranking import Ranked
from retrieval.reranker import Reranker

_MOST_SENTENCES = 24  # read by the cross-encoder for one question


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage (`span` counts in the document) and how well it fits the question.

    `logit` is the cross-encoder's; `coverage` is the share, by weight, of the question's words that it holds.
    """

    found: FoundPassage
    span: Span
    logit: float | None
    coverage: float


def find_evidence(
    question: str, ranked: Sequence[Ranked], words: WordSnapshot, reranker: Reranker | None
) -> list[Evidence]:
    """The sentences of the passages, best first."""
    sentences = [
        (item.found, span)
        for item in ranked
        for span in sentence_spans(item.found.document_text, item.found.passage.span)
    ]
    weights = words.weights(question)
    scored = [(found, span, coverage(weights, words.terms(span.of(found.document_text)))) for found, span in sentences]
    if reranker is None:
        plain = [Evidence(found, span, None, share) for found, span, share in scored]
        return sorted(plain, key=lambda item: -item.coverage)
    # Passages are in order of relevance; within the bound, those of the first come first.
    read = scored[:_MOST_SENTENCES]
    logits = reranker.score(question, [_in_context(found, span) for found, span, _ in read])
    judged = [Evidence(found, span, logit, share) for (found, span, share), logit in zip(read, logits, strict=True)]
    return sorted(judged, key=lambda item: -(item.logit or 0.0))


def _in_context(found: FoundPassage, span: Span) -> str:
    """A sentence as the cross-encoder reads it: alone it often lacks what it is about, which the title says."""
    return f"{found.version.title}. {span.of(found.document_text)}"


def coverage(weights: dict[str, float], words: Sequence[str]) -> float:
    """The share of the question's words, by weight, that are among `words`; 0 for a question without words."""
    total = sum(weights.values())
    present = set(words)
    return sum(weight for word, weight in weights.items() if word in present) / total if total else 0.0
