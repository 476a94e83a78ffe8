"""What is answered from the evidence: its own sentences, or what a model writes and the code has verified."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from corpus.store import text_of
from index.keeper import Snapshot
from retrieval.answer_text import answer_from, exact_answer, pieces_of
from retrieval.citations import cite
from retrieval.conflicts import find_conflicts, settled, told
from retrieval.engines import Engines
from retrieval.evidence import Evidence
from retrieval.generation import generate
from retrieval.other_places import places_of_quote
from retrieval.places import Places
from retrieval.retriever import Retrieved
from retrieval.runs import answering_runs
from retrieval.types import Answer, Citation, Conflict, QueryRequest


@dataclass(frozen=True, slots=True)
class Response:
    """The answer and its citations; `chosen` is what is cited. `reason` says why there is none after all."""

    answer: Answer | None = None
    citations: tuple[Citation, ...] = ()
    chosen: list[Evidence] = field(default_factory=list)
    conflicts: tuple[Conflict, ...] = ()
    warnings: tuple[str, ...] = ()
    reason: str | None = None


def quoted(
    connection: sa.Connection, snapshot: Snapshot, request: QueryRequest, retrieved: Retrieved, engines: Engines
) -> Response:
    """The runs of sentences that answer, with what contradicts them."""
    contradictions = find_conflicts(request.question, retrieved.evidence, snapshot.words)
    runs, superseded = settled(answering_runs(request.question, retrieved.evidence), contradictions)
    pieces = pieces_of(runs)
    chosen = [item for piece in pieces for item in piece.evidence] + superseded
    citations = _cited(connection, chosen)
    exact = exact_answer(request.question, pieces, citations, engines.reader)
    answer = answer_from(pieces, citations, exact)
    return Response(answer, citations, chosen, told(contradictions, chosen, citations))


def written(
    connection: sa.Connection, snapshot: Snapshot, request: QueryRequest, retrieved: Retrieved, engines: Engines
) -> Response:
    """What a model writes, as far as it was verified. Raises EndpointError."""
    found = [item.found for item in retrieved.ranked]
    generated = generate(request.question, found, engines.writer(), snapshot.words.terms)
    citations = _cited(connection, generated.evidence)
    answer = generated.answer() if citations else None
    return Response(answer, citations, generated.evidence, (), generated.warnings, generated.reason)


def _cited(connection: sa.Connection, chosen: Sequence[Evidence]) -> tuple[Citation, ...]:
    """The citations, checked against the texts that the store gives now; each text is read once."""
    places = Places(connection)
    numbers = {item.found.version.number for item in chosen}
    texts = {number: text_of(connection, number) for number in numbers}
    found = [places.of(item.found.version, item.span) for item in chosen]
    citations = cite(chosen, [texts[item.found.version.number] for item in chosen], found)
    return tuple(
        replace(citation, also_in=places_of_quote(item, places))
        for citation, item in zip(citations, chosen, strict=True)
    )
