"""What the passages and vectors of a home are made with: an embedding model, and a length of passages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from corpus.records import DocumentVersion, NewVersion
from corpus.splitter import PassageSize, split
from corpus.types import ParsedDocument, Span
from index.embedder import Embedder
from index.embedding_text import embedding_text

DEFAULT_PASSAGE_TOKENS: Final = 200


def passage_text(version: DocumentVersion | NewVersion, text: str, span: Span, passage_size: Mapping[str, int]) -> str:
    """The passage `span` of a version's text as a generation with this `passage_size` embeds it."""
    return embedding_text(version.title if is_titled(passage_size) else "", text, version.shape.tables, span)


def is_titled(passage_size: Mapping[str, int]) -> bool:
    """Whether a generation with this `passage_size` embeds passages with the title of their document."""
    return bool(passage_size.get("title"))


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """`model` is what the embedder was opened by; `passage_tokens` the length that the splitter aims at.

    `with_title`: passages are embedded with the title of their document. Generations of older versions are not.
    """

    model: str
    embedder: Embedder
    passage_tokens: int
    with_title: bool = True

    @property
    def passage_size(self) -> dict[str, int]:
        """The length of passages, and whether titles stand in front, as generations note it."""
        return {"target_tokens": self.passage_tokens, **({"title": 1} if self.with_title else {})}

    def text_to_embed(self, version: DocumentVersion | NewVersion, text: str, span: Span) -> str:
        """The passage `span` of a version's text as it is embedded."""
        return passage_text(version, text, span, self.passage_size)

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
