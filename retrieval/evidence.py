"""Evidence: the sentences of the best passages, and how well each fits the question.

The cross-encoder reads sentences rather than whole passages: measured, it then puts passages in better order, and what
it has read is the evidence at once. See docs/decisions/0008-reading-sentences.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.types import Span, section_at
from index.embedding_text import header_of
from index.words import WordSnapshot
from retrieval.asked_part import asked_part
from retrieval.passages import FoundPassage
from retrieval.reranker import Reranker
from retrieval.sentence_bodies import shown_sentences
from retrieval.table_rows import row_in_words

_MOST_SENTENCES = 24  # read of one passage; tables have a sentence a row


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage (`span` counts in the document) and how well it fits the question.

    `logit` is the cross-encoder's; `coverage` is the share, by weight, of the question's words that it holds.
    """

    found: FoundPassage
    span: Span
    logit: float | None
    coverage: float


class Asked:
    """A question as sentences are held against it: the part of it that asks, `text`, and the weights of its words.

    In a passage, a question's words are those that it has by the rules of the passage's language. Those of a language
    are looked up once, in however many rounds passages are read.
    """

    def __init__(self, question: str, words: WordSnapshot) -> None:
        self.text = asked_part(question)
        self._words = words
        self._weights: dict[str, dict[str, float]] = {}

    def evidence(self, found: Sequence[FoundPassage], reranker: Reranker | None) -> list[Evidence]:
        """The sentences of the passages, best first: by the cross-encoder's logit, or without one by coverage."""
        sentences = [
            (item, span)
            for item in found
            for span in shown_sentences(item.document_text, _body(item))[:_MOST_SENTENCES]
        ]
        logits: list[float] | list[None] = [None] * len(sentences)
        if reranker is not None:
            logits = reranker.score(self.text, [_in_context(item, span) for item, span in sentences])
        evidence = [
            Evidence(item, span, logit, self._coverage(item, span))
            for (item, span), logit in zip(sentences, logits, strict=True)
        ]
        return sorted(evidence, key=lambda item: -(item.coverage if item.logit is None else item.logit))

    def _coverage(self, found: FoundPassage, span: Span) -> float:
        language = found.version.language
        if language not in self._weights:
            self._weights[language] = self._words.weights(self.text, language)
        return coverage(self._weights[language], self._words.terms(span.of(found.document_text), language))


def find_evidence(
    question: str, found: Sequence[FoundPassage], words: WordSnapshot, reranker: Reranker | None
) -> list[Evidence]:
    """The sentences of the passages, best first; see `Asked.evidence`."""
    return Asked(question, words).evidence(found, reranker)


def _body(found: FoundPassage) -> Span:
    """The passage without the heading that it begins with: a heading names a topic and answers nothing."""
    span, text = found.passage.span, found.document_text
    paths = [section.path for section in found.version.sections if section.start == span.start]
    headings = [heading for path in paths for heading in path[-1:]]  # what follows a function has no heading
    line_end = text.find("\n", span.start, span.end)
    line_end = span.end if line_end < 0 else line_end
    # Where a bookmark's title is not on the page, its section begins with a line that is no heading.
    if any(_letters(heading) and _letters(heading) in _letters(text[span.start : line_end]) for heading in headings):
        return Span(line_end, span.end)
    return span


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _in_context(found: FoundPassage, span: Span) -> str:
    """A sentence as the cross-encoder reads it: alone it often lacks what it is about.

    Title and heading say that, and of a table's row the names of its columns.
    """
    text = found.document_text
    header = header_of(text, found.version.shape.tables, span.start)
    sentence = span.of(text) if header is None else row_in_words(header.of(text), span.of(text))
    return titled(found, span.start, sentence)


def titled(found: FoundPassage, offset: int, text: str) -> str:
    """A text behind the title of its document and the heading above `offset`."""
    heading = section_at(found.version.sections, offset)[-1:]
    return ". ".join(filter(None, (found.version.title, *heading, text)))


def coverage(weights: dict[str, float], words: Sequence[str]) -> float:
    """The share of the question's words, by weight, that are among `words`; 0 for a question without words."""
    total = sum(weights.values())
    present = set(words)
    return sum(weight for word, weight in weights.items() if word in present) / total if total else 0.0
