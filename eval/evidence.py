"""Gold evidence as spans of the texts that we extracted.

A quote is looked for without regard to white space, because extractors break lines and pages differently. Evidence
that is not found once is reported and takes no part in the measures of spans; its page still counts.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Literal

from corpus.types import Span
from eval.datasets.types import Evidence, Question
from eval.metrics.types import DocumentSpan

Status = Literal["resolved", "page_only", "unresolved", "ambiguous", "not_ingested", "text_differs"]
TextOf = Callable[[str], str | None]

_PREVIEW = 80


@dataclass(frozen=True, slots=True)
class SqueezedText:
    """A text without its white space; `offsets` has the place of every character that is left."""

    characters: str
    offsets: "array[int]"

    @classmethod
    def of(cls, text: str) -> "SqueezedText":
        """Squeeze a text, in time linear in its length."""
        offsets = array("L", (offset for offset, character in enumerate(text) if not character.isspace()))
        return cls("".join(text.split()), offsets)

    def find(self, quote: str) -> list[Span]:
        """Find at most two places of the quote: two are enough to call it ambiguous."""
        wanted = "".join(quote.split())
        places: list[Span] = []
        start = self.characters.find(wanted) if wanted else -1
        while start >= 0 and len(places) < 2:
            places.append(Span(self.offsets[start], self.offsets[start + len(wanted) - 1] + 1))
            start = self.characters.find(wanted, start + 1)
        return places


@dataclass(frozen=True, slots=True)
class EvidenceProblem:
    """Evidence that could not be placed, and why."""

    question: str
    document: str
    page: int | None
    quote: str
    status: Status


@dataclass(frozen=True, slots=True)
class EvidenceReport:
    """How many pieces of evidence came to which end, and those that could not be placed."""

    counts: Mapping[Status, int]
    problems: tuple[EvidenceProblem, ...]

    def as_dict(self) -> dict[str, object]:
        """Return the object `evidence_report` of a result file."""
        problems = [asdict(problem) for problem in self.problems]
        return {"total": sum(self.counts.values()), "counts": dict(self.counts), "problems": problems}


@dataclass(frozen=True, slots=True)
class ResolvedEvidence:
    """The gold spans by question id, the place of every piece of evidence in the order of the set, and the report."""

    spans: Mapping[str, tuple[DocumentSpan, ...]]
    places: Mapping[str, tuple[DocumentSpan | None, ...]]
    report: EvidenceReport


def resolve(questions: Iterable[Question], text_of: TextOf) -> ResolvedEvidence:
    """Place the evidence of all questions; `text_of` gives our text of a document of the set, None without one."""
    resolver = _Resolver(text_of)
    counts: Counter[Status] = Counter()
    spans: dict[str, tuple[DocumentSpan, ...]] = {}
    places: dict[str, tuple[DocumentSpan | None, ...]] = {}
    problems: list[EvidenceProblem] = []
    for question in questions:
        placed = [(evidence, *resolver.place(evidence)) for evidence in question.evidence]
        counts.update(status for _, status, _ in placed)
        places[question.id] = tuple(span for _, _, span in placed)
        spans[question.id] = tuple(span for _, _, span in placed if span)
        problems += [_problem(question, evidence, status) for evidence, status, _ in placed if _is_problem(status)]
    return ResolvedEvidence(spans, places, EvidenceReport(dict(counts), tuple(problems)))


class _Resolver:
    def __init__(self, text_of: TextOf) -> None:
        # Questions about one document follow each other; whole texts are fetched and squeezed once.
        self._text_of = lru_cache(maxsize=16)(text_of)
        self._squeezed = lru_cache(maxsize=16)(SqueezedText.of)

    def place(self, evidence: Evidence) -> tuple[Status, DocumentSpan | None]:
        if evidence.span is None and not evidence.quote:
            return "page_only", None
        text = self._text_of(evidence.document)
        if text is None:
            return "not_ingested", None
        status, span = self._in_text(evidence, text)
        return status, DocumentSpan(evidence.document, span.start, span.end) if span else None

    def _in_text(self, evidence: Evidence, text: str) -> tuple[Status, Span | None]:
        if evidence.span is not None:
            span = evidence.span
            return ("resolved", span) if text[span.start : span.end] == evidence.quote else ("text_differs", None)
        places = self._squeezed(text).find(evidence.quote or "")
        if len(places) == 1:
            return "resolved", places[0]
        return ("ambiguous" if places else "unresolved"), None


def _is_problem(status: Status) -> bool:
    return status not in ("resolved", "page_only")


def _problem(question: Question, evidence: Evidence, status: Status) -> EvidenceProblem:
    quote = (evidence.quote or "")[:_PREVIEW]
    return EvidenceProblem(question.id, evidence.document, evidence.page, quote, status)
