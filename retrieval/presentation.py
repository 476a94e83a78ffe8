"""Passages as they are returned: with their places, scores and highlights."""

from collections.abc import Sequence

from corpus.types import Span
from retrieval.evidence import Evidence
from retrieval.other_places import places_of_passage
from retrieval.passages import FoundPassage
from retrieval.places import Places, place_fields
from retrieval.ranking import Ranked
from retrieval.types import Highlight, RankedPassage, Scores


def presented(ranked: Sequence[Ranked], evidence: Sequence[Evidence], places: Places) -> tuple[RankedPassage, ...]:
    """The passages with their places; the best evidence in each is highlighted."""
    best_of: dict[int, Span] = {}
    for item in evidence:
        best_of.setdefault(item.found.passage.number, item.span)
    return tuple(
        _passage(position, item, best_of.get(item.found.passage.number), places)
        for position, item in enumerate(ranked, start=1)
    )


def _passage(position: int, item: Ranked, best: Span | None, places: Places) -> RankedPassage:
    found: FoundPassage = item.found
    place = places.of(found.version, found.passage.span)
    version, span, scores = found.version, found.passage.span, found.candidate
    highlights = (Highlight(best.start - span.start, best.end - span.start),) if best else ()
    return RankedPassage(
        id=found.passage.id,
        rank=position,
        score=round(item.score, 6),
        scores=Scores(scores.dense, scores.lexical, scores.fused, item.logit),
        text=found.text,
        **place_fields(version, span, place),
        metadata=version.metadata,
        highlights=highlights,
        also_in=places_of_passage(found, places),
    )
