"""Passages to ask a model about: runs of sentences of one section."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from corpus.sentences import sentence_spans
from corpus.types import ParsedDocument, Span
from eval.drafting.documents import ReadDocument
from eval.drafting.places import section_of

_LONGEST = 1_500
# Headings alone and remains of tables hold nothing to ask for.
_FEWEST_LETTERS = 40


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage and where it stands."""

    document: str
    section: str
    span: Span
    text: str
    rank: int = 0

    @property
    def key(self) -> str:
        """Where it begins."""
        return str(self.span.start)


def passages_of(document: ReadDocument) -> Iterator[Passage]:
    """Yield the passages of a document that have enough text to ask about."""
    parsed = document.parsed
    for section in _sections(parsed):
        for span in _runs(sentence_spans(parsed.text, section)):
            text = span.of(parsed.text)
            if sum(map(str.isalpha, text)) >= _FEWEST_LETTERS:
                yield Passage(document.id, section_of(parsed, span), span, text)


def _sections(document: ParsedDocument) -> Iterator[Span]:
    starts = {min(section.start, len(document.text)) for section in document.sections}
    return (Span(start, end) for start, end in pairwise(sorted({0, len(document.text)} | starts)))


def _runs(sentences: list[Span]) -> Iterator[Span]:
    """Join sentences as long as they stay within the longest passage; a longer sentence stands alone."""
    run: Span | None = None
    for sentence in sentences:
        if run is not None and sentence.end - run.start > _LONGEST:
            yield run
            run = None
        run = Span(run.start if run else sentence.start, sentence.end)
    if run is not None:
        yield run
