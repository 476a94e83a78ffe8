"""An answer's text out of pieces of evidence: rows of tables are said with the names of their columns."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.embedding_text import header_of
from retrieval.answer_strings import Reader
from retrieval.evidence import Evidence
from retrieval.table_rows import row_in_words
from retrieval.types import Answer, AnswerSpan, Citation, ExactAnswer


@dataclass(frozen=True, slots=True)
class Piece:
    """What is said, on one line, and the evidence for it: of a table, the row and then its header."""

    text: str
    evidence: tuple[Evidence, ...]


def pieces_of(chosen: Sequence[Evidence]) -> list[Piece]:
    """What the pieces of evidence say, in their order."""
    return [_piece(item) for item in chosen]


def _piece(item: Evidence) -> Piece:
    text = item.found.document_text
    header = header_of(text, item.found.version.shape.tables, item.span.start)
    if header is None:
        return Piece(" ".join(item.span.of(text).split()), (item,))
    said = row_in_words(header.of(text), item.span.of(text))
    return Piece(said, (item, replace(item, span=header)))


def answer_from(pieces: Sequence[Piece], citations: Sequence[Citation], exact: ExactAnswer | None = None) -> Answer:
    """The pieces one after the other, each supported by its citations.

    `citations` are those of the pieces' evidence, in their order. What is said twice, as in copies of a document, is
    given once with all its citations.
    """
    by_text: dict[str, list[str]] = {}
    names = iter([citation.id for citation in citations])
    for piece in pieces:
        by_text.setdefault(piece.text, []).extend(next(names) for _ in piece.evidence)
    spans, position = [], 0
    for text, supporting in by_text.items():
        spans.append(AnswerSpan(position, position + len(text), tuple(supporting)))
        position += len(text) + 1
    return Answer("extractive", " ".join(by_text), tuple(spans), exact)


def exact_answer(
    question: str, pieces: Sequence[Piece], citations: Sequence[Citation], reader: Reader
) -> ExactAnswer | None:
    """The words of the first citation that are the answer itself; None where the reader finds none.

    Words that reach over several cells of a row do not stand in the answer's text, and are passed over.
    """
    if not citations:
        return None
    first = citations[0]
    for found in reader.read(question, first.quote):
        text = found.span.of(first.quote)
        said = " ".join(text.split())
        shown = _place_in(pieces[0], first.quote[: found.span.start], said)
        if shown is not None:
            return ExactAnswer(
                text=text,
                start=first.start + found.span.start,
                end=first.start + found.span.end,
                citation=first.id,
                kind=found.kind,
                answer_start=shown,
                answer_end=shown + len(said),
            )
    return None


def _place_in(piece: Piece, before: str, said: str) -> int | None:
    """Where the words stand in a piece's text, in which white space is single blanks and cells of a row have names."""
    if len(piece.evidence) == 1:
        return len(" ".join(f"{before}|".split())) - 1
    words = re.escape(said)
    # The beginning of a cell, else whole words, else any.
    searches = (re.search(form, piece.text) for form in (rf": {words}(?!\w)", rf"(?<!\w){words}(?!\w)", words))
    return next((found.end() - len(said) for found in searches if found), None)
