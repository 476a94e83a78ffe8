"""What the passages and vectors of a home are made with: an embedding model, and a length of passages."""

from dataclasses import dataclass
from typing import Final

from corpus.records import DocumentVersion
from corpus.splitter import PassageSize, split
from corpus.types import ParsedDocument, Span
from index.embedder import Embedder

DEFAULT_PASSAGE_TOKENS: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """`model` is what the embedder was opened by; `passage_tokens` the length that the splitter aims at."""

    model: str
    embedder: Embedder
    passage_tokens: int

    @property
    def passage_size(self) -> dict[str, int]:
        """The length of passages as generations note it."""
        return {"target_tokens": self.passage_tokens}

    def spans(self, document: ParsedDocument) -> tuple[Span, ...]:
        """The passages of a document, no longer than the model reads."""
        size = PassageSize(max_tokens=self.embedder.max_passage_tokens(), target_tokens=self.passage_tokens)
        return tuple(split(document, self.embedder.token_spans, size))

    def stored_spans(self, version: DocumentVersion, text: str) -> tuple[Span, ...]:
        """The passages of a stored version; `text` is its own."""
        if not text.strip():
            return ()
        document = ParsedDocument(text, version.media_type, page_starts=version.page_starts, sections=version.sections)
        return self.spans(document)
