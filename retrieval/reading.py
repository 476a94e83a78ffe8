"""What the cross-encoder reads: sentences, passage by passage, and the passages in front as wholes.

Passages are read round by round, until the order is settled or the budget is spent.
"""

from collections.abc import Iterator, Mapping, Sequence

from index.words import WordSnapshot
from retrieval.asked_part import asked_part
from retrieval.evidence import Asked, Evidence, titled
from retrieval.passages import FoundPassage
from retrieval.profile import Profile
from retrieval.ranking import Ranked, between, passage_logits
from retrieval.reranker import Reranker

_ROUND = 4  # passages; their sentences keep every core busy
# The passage in front answers (its logit), and no other comes near: further ones change the order no more (measured).
_SETTLED_LOGIT = 2.0
_SETTLED_LEAD = 4.0
_USUAL_SENTENCE = 120  # characters
_LONGEST_QUESTION = 1_000  # characters; the cross-encoder reads no more of one
_AS_WHOLES = 2  # passages; further ones change nothing (measured: decision 30)


def read_passage_sentences(
    question: str, found: Sequence[FoundPassage], words: WordSnapshot, reranker: Reranker, profile: Profile
) -> list[Evidence]:
    """The sentences of the best passages, best first; `profile.rerank_depth` passages at most.

    No further round begins when the order is settled. A round takes no more passages than the rest of
    `profile.rerank_characters` allows if they are as long as those before; one passage is always read. What
    `with_wholes` will read is part of the budget.
    """
    evidence: list[Evidence] = []
    asked = Asked(question, words)
    length = min(len(asked.text), _LONGEST_QUESTION)
    budget = profile.rerank_characters - sum(length + len(item.text) for item in found[:_AS_WHOLES])
    for part in _rounds(length, found[: profile.rerank_depth], evidence, budget):
        evidence += asked.evidence(part, reranker)
        if _is_settled(passage_logits(evidence)):
            break
    return sorted(evidence, key=lambda item: -(item.logit or 0.0))


def with_wholes(
    question: str, ranked: Sequence[Ranked], logits: Mapping[int, float], reranker: Reranker
) -> dict[int, float]:
    """The logits by passage, with what the passages in front are worth as wholes; not read where the order is settled.

    What a question that asks for an explanation wants is said by no single sentence.
    """
    if _is_settled(logits):
        return dict(logits)
    front = [item.found for item in ranked[:_AS_WHOLES] if item.found.passage.number in logits]
    texts = [titled(item, item.passage.span.start, item.text) for item in front]
    wholes = reranker.score(asked_part(question), texts)
    numbers = [item.passage.number for item in front]
    return {**logits, **{number: between(logits[number], whole) for number, whole in zip(numbers, wholes, strict=True)}}


def _rounds(
    asked: int, found: Sequence[FoundPassage], evidence: Sequence[Evidence], budget: int
) -> Iterator[Sequence[FoundPassage]]:
    position, size = 0, _first_round(asked, found[:_ROUND], budget)
    while position < len(found) and size > 0:
        yield found[position : position + size]
        position += size
        spent = sum(_characters(asked, item) for item in evidence)
        size = min(_ROUND, int((budget - spent) * position / spent)) if spent else _ROUND


def _first_round(asked: int, found: Sequence[FoundPassage], budget: int) -> int:
    """As many of the first passages as the budget allows if their sentences are of usual length, and at least one."""
    left, size = budget, 0
    for item in found:
        sentences = len(item.text) // _USUAL_SENTENCE + 1
        left -= len(item.text) + sentences * (asked + len(item.version.title))
        size += 1 if left >= 0 or size == 0 else 0
    return size


def _characters(asked: int, item: Evidence) -> int:
    """What the cross-encoder reads for a sentence: the question (`asked` characters), the title, the sentence."""
    return asked + len(item.found.version.title) + len(item.span)


def _is_settled(logits: Mapping[int, float]) -> bool:
    if len(logits) < 2:
        return False
    first, second = sorted(logits.values(), reverse=True)[:2]
    return first > _SETTLED_LOGIT and first - second > _SETTLED_LEAD
