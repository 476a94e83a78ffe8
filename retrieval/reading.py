"""Which passages the cross-encoder reads: round by round, until the order is settled or the budget is spent."""

from collections.abc import Iterator, Sequence

from index.words import WordSnapshot
from retrieval.evidence import Evidence, find_evidence
from retrieval.passages import FoundPassage
from retrieval.profile import Profile
from retrieval.ranking import passage_logits
from retrieval.reranker import Reranker

_ROUND = 4  # passages; their sentences keep every core busy
# The passage in front answers (its logit), and no other comes near: further ones change the order no more (measured).
_SETTLED_LOGIT = 2.0
_SETTLED_LEAD = 4.0


def read_passage_sentences(
    question: str, found: Sequence[FoundPassage], words: WordSnapshot, reranker: Reranker, profile: Profile
) -> list[Evidence]:
    """The sentences of the best passages, best first; `profile.rerank_depth` passages at most.

    No further round begins when the order is settled. A round takes no more passages than the rest of
    `profile.rerank_characters` allows if they are as long as those before; the first round is always read.
    """
    evidence: list[Evidence] = []
    for part in _rounds(question, found[: profile.rerank_depth], evidence, profile.rerank_characters):
        evidence += find_evidence(question, part, words, reranker)
        if _is_settled(evidence):
            break
    return sorted(evidence, key=lambda item: -(item.logit or 0.0))


def _rounds(
    question: str, found: Sequence[FoundPassage], evidence: Sequence[Evidence], budget: int
) -> Iterator[Sequence[FoundPassage]]:
    position, size = 0, _ROUND
    while position < len(found) and size > 0:
        yield found[position : position + size]
        position += size
        spent = sum(_characters(question, item) for item in evidence)
        size = min(_ROUND, int((budget - spent) * position / spent)) if spent else _ROUND


def _characters(question: str, item: Evidence) -> int:
    """What the cross-encoder reads for a sentence: the question, the title in front, the sentence."""
    return len(question) + len(item.found.version.title) + len(item.span)


def _is_settled(evidence: Sequence[Evidence]) -> bool:
    logits = sorted(passage_logits(evidence).values(), reverse=True)
    if len(logits) < 2:
        return False
    return logits[0] > _SETTLED_LOGIT and logits[0] - logits[1] > _SETTLED_LEAD
