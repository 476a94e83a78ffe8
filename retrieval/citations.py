"""Citations: a quote and where it stands, read again from the store before it is called verified."""

from collections.abc import Sequence

from corpus.types import Span, pages_of, section_at
from retrieval.evidence import Evidence
from retrieval.types import Answer, AnswerSpan, Citation

_CONTEXT = 32  # characters of prefix and suffix


def cite(evidence: Sequence[Evidence], stored_texts: Sequence[str]) -> tuple[Citation, ...]:
    """One citation for each piece of evidence.

    `stored_texts` are the texts of the cited versions as the store gives them now, one for each piece.
    """
    pairs = zip(evidence, stored_texts, strict=True)
    return tuple(_citation(f"c{number}", item, text) for number, (item, text) in enumerate(pairs, start=1))


def answer_from(citations: Sequence[Citation]) -> Answer:
    """The quotes one after the other, each on one line and supported by its citations.

    Quotes that say the same, as copies of a document do, are given once with all their citations.
    """
    by_text: dict[str, list[str]] = {}
    for citation in citations:
        by_text.setdefault(" ".join(citation.quote.split()), []).append(citation.id)
    spans, position = [], 0
    for text, supporting in by_text.items():
        spans.append(AnswerSpan(position, position + len(text), tuple(supporting)))
        position += len(text) + 1
    return Answer("extractive", " ".join(by_text), tuple(spans))


def _citation(name: str, item: Evidence, stored_text: str) -> Citation:
    version, span = item.found.version, item.span
    quote = span.of(item.found.document_text)
    first_page, last_page = pages_of(version.page_starts, span)
    return Citation(
        id=name,
        document_id=version.document_id,
        document_title=version.title,
        document_uri=version.uri,
        document_version=version.digest,
        passage_id=item.found.passage.id,
        quote=quote,
        start=span.start,
        end=span.end,
        page_start=first_page,
        page_end=last_page,
        section_path=section_at(version.sections, span.start),
        verified=_stands(stored_text, span, quote),
        prefix=stored_text[max(0, span.start - _CONTEXT) : span.start],
        suffix=stored_text[span.end : span.end + _CONTEXT],
    )


def _stands(text: str, span: Span, quote: str) -> bool:
    return text[span.start : span.end] == quote
