"""The shortest runs of sentences that answer, one in each of the passages that support the answer best.

Neighbours of the best sentence belong to the answer when they fit the question nearly as well. How near that is,
depends on how far the best sentence stands above the others that were read, and on what is asked for: an explanation
takes more sentences than a name or a number. See docs/decisions/0026-runs-of-sentences.md.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from statistics import median

from corpus.types import Span, section_at
from index.embedding_text import header_of
from retrieval.answer_types import expected_type, words_of
from retrieval.evidence import Evidence

_MOST_RUNS = 3
_SHARE = 0.25  # of the distance from the best score to the median, that a score may be below the best one
# The most that it may be, in logits.
_OF_AN_EXPLANATION = 3.0
_ELSE = 2.0
_LARGEST_GAP = 2  # sentences between two of a run


def answering_runs(question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """At most three pieces of evidence, best first, each grown to the run of sentences around it.

    `evidence` are the sentences read, best first. A run stays inside one passage and one section; a table's row stays
    alone.
    """
    if not evidence:
        return []
    least = _score(evidence[0]) - _margin(question, [_score(item) for item in evidence])
    near = [item for item in evidence if _score(item) >= least]
    # A dictionary keeps the order in which passages appear: best first.
    best_of: dict[int, Evidence] = {}
    for item in near:
        best_of.setdefault(item.found.passage.number, item)
    return [_grown(best, evidence, near) for best in list(best_of.values())[:_MOST_RUNS]]


def _score(item: Evidence) -> float:
    return item.coverage if item.logit is None else item.logit


def _margin(question: str, scores: Sequence[float]) -> float:
    return min(_most(question), _SHARE * (scores[0] - median(scores)))


def _most(question: str) -> float:
    explains = expected_type(question) is None and not {"how", "why"}.isdisjoint(words_of(question))
    return _OF_AN_EXPLANATION if explains else _ELSE


def _grown(best: Evidence, evidence: Sequence[Evidence], near: Sequence[Evidence]) -> Evidence:
    """The best sentence with those around it that are near enough, and what stands between them."""
    if _is_row(best):
        return best
    neighbours = sorted((item for item in evidence if _belongs(item, best)), key=lambda item: item.span)
    wanted = {item.span for item in near}
    at = neighbours.index(best)
    first = _reach([item.span in wanted for item in reversed(neighbours[:at])])
    last = _reach([item.span in wanted for item in neighbours[at + 1 :]])
    return replace(best, span=Span(neighbours[at - first].span.start, neighbours[at + last].span.end))


def _belongs(item: Evidence, best: Evidence) -> bool:
    """Whether a sentence may be in one run with the best one."""
    if item.found is not best.found or _is_row(item):
        return False
    sections = best.found.version.sections
    return section_at(sections, item.span.start) == section_at(sections, best.span.start)


def _is_row(item: Evidence) -> bool:
    return header_of(item.found.document_text, item.found.version.shape.tables, item.span.start) is not None


def _reach(wanted: Sequence[bool]) -> int:
    """How many sentences, counted from the best one outwards, the run takes."""
    taken = position = 0
    for is_wanted, group in groupby(wanted):
        length = len(list(group))
        position += length
        if is_wanted:
            taken = position
        elif length > _LARGEST_GAP:
            break
    return taken
