"""Citations: a quote and where it stands, read again from the store before it is called verified."""

from collections.abc import Sequence

from corpus.types import Span
from retrieval.evidence import Evidence
from retrieval.places import Place, place_fields
from retrieval.types import Citation

_CONTEXT = 32  # characters of prefix and suffix


def cite(evidence: Sequence[Evidence], stored_texts: Sequence[str], places: Sequence[Place]) -> tuple[Citation, ...]:
    """One citation for each piece of evidence.

    `stored_texts` are the texts of the cited versions as the store gives them now, `places` where the pieces stand in
    them, one for each piece.
    """
    triples = zip(evidence, stored_texts, places, strict=True)
    return tuple(_citation(f"c{number}", *triple) for number, triple in enumerate(triples, start=1))


def _citation(name: str, item: Evidence, stored_text: str, place: Place) -> Citation:
    version, span = item.found.version, item.span
    quote = span.of(item.found.document_text)
    return Citation(
        id=name,
        passage_id=item.found.passage.id,
        quote=quote,
        **place_fields(version, span, place),
        verified=_stands(stored_text, span, quote),
        prefix=stored_text[max(0, span.start - _CONTEXT) : span.start],
        suffix=stored_text[span.end : span.end + _CONTEXT],
    )


def _stands(text: str, span: Span, quote: str) -> bool:
    return text[span.start : span.end] == quote
