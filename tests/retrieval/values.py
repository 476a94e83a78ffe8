"""Passages of documents that were never stored, for tests of what is computed from them."""

from corpus.identity import passage_id, version_digest
from corpus.records import DocumentVersion, Given, Passage, ReadReport, Shape
from corpus.types import ParsedDocument, Span
from retrieval.passages import FoundPassage
from retrieval.search import Candidate


def version_for(document: ParsedDocument, number: int = 1) -> DocumentVersion:
    return DocumentVersion(
        number=number,
        document=number,
        document_id=f"doc_{number}",
        collection="default",
        uri=f"text:{number}",
        external_id=str(number),
        digest=version_digest(document.text, "1"),
        parser_version="1",
        original="0" * 64,
        name=f"{number}.txt",
        media_type=document.media_type,
        title=document.title,
        metadata=document.metadata,
        page_starts=document.page_starts,
        sections=document.sections,
        shape=Shape(tables=document.tables),
        report=ReadReport(),
        given=Given(),
        parent_id=None,
        created_at="2026-01-01T00:00:00+00:00",
        added_seq=1,
        removed_seq=None,
    )


def found_in(
    document: ParsedDocument, span: Span | None = None, number: int = 1, fused: float = 1.0, dense: float | None = None
) -> FoundPassage:
    """A passage of a document, the whole of it if no span is given."""
    span = Span(0, len(document.text)) if span is None else span
    version = version_for(document)
    name = passage_id(version.document_id, f"{version.digest}{number}", span)
    passage = Passage(number, name, 1, version.document, version.number, span)
    return FoundPassage(Candidate(number, dense, None, fused), passage, version, document.text)


def found_text(text: str, number: int = 1, fused: float = 1.0, dense: float | None = None) -> FoundPassage:
    return found_in(ParsedDocument(text, "text/plain", "Notes"), None, number, fused, dense)
