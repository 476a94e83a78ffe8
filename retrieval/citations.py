"""Citations: a quote and where it stands, read again from the store before it is called verified."""

from collections.abc import Sequence

from corpus.document_dates import written_date
from corpus.types import Span
from retrieval.evidence import Evidence
from retrieval.places import Place
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
        document_id=version.document_id,
        document_title=version.title,
        document_uri=version.uri,
        document_version=version.digest,
        document_date=written_date(version),
        media_type=version.media_type,
        passage_id=item.found.passage.id,
        quote=quote,
        start=span.start,
        end=span.end,
        page_start=place.page_start,
        page_end=place.page_end,
        page_label_start=place.page_label_start,
        page_label_end=place.page_label_end,
        cells=place.cells,
        section_path=place.section_path,
        verified=_stands(stored_text, span, quote),
        prefix=stored_text[max(0, span.start - _CONTEXT) : span.start],
        suffix=stored_text[span.end : span.end + _CONTEXT],
    )


def _stands(text: str, span: Span, quote: str) -> bool:
    return text[span.start : span.end] == quote
