"""What the measures compare: the gold data of a question, and what was returned for it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentSpan:
    """Characters `start` to `end` (end exclusive) of the canonical text of a document of the set."""

    document: str
    start: int
    end: int

    def __len__(self) -> int:
        return max(0, self.end - self.start)

    def overlap(self, other: "DocumentSpan") -> int:
        """Count the characters that both spans hold."""
        if self.document != other.document:
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True, slots=True)
class PageRange:
    """The first and the last page, counted from 1, that a passage stands on; None for a text without pages."""

    document: str
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A returned passage; `document` is the id that the set gives it.

    `place` and `pages` are those of its places that hold most of the gold spans. `also_in` are the other documents
    in which it stands.
    """

    place: DocumentSpan
    pages: PageRange
    score: float
    text: str
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CitedSpan:
    """A citation; `document` is the id that the set gives it."""

    place: DocumentSpan
    pages: PageRange
    quote: str


@dataclass(frozen=True, slots=True)
class Gold:
    """What is right for a question; an empty field means that its measures do not apply.

    `pages` holds (document, page). `answers` is empty for unanswerable questions, whatever the set gives;
    `has_no_answer` says that the set labels the question so.
    """

    judgements: Mapping[str, int]
    spans: tuple[DocumentSpan, ...] = ()
    pages: frozenset[tuple[str, int]] = frozenset()
    answers: tuple[str, ...] = ()
    has_no_answer: bool = False
