"""Questions and answers as values. The fields are those of the HTTP interface; pydantic lives at the doors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from corpus.types import Metadata
from retrieval.explained import Explanation
from retrieval.modes import AnswerKind, Mode, Recency


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said before a question, by who asks ("user") or by who answers ("assistant")."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A question. `rerank=None` and `min_confidence=None` let the profile decide.

    `filters` is the tree of `corpus.filters`. `min_version`: answer from this `seq` or a later one. `conversation`: the
    turns before the question, the oldest first. `explain` asks for the `explanation` of the result. `as_of`: leave out
    documents dated after that day (`retrieval.as_of`). `recency`: whether newer documents go before about equal ones.
    """

    question: str
    collection: str = "default"
    top_k: int = 8
    mode: Mode = "hybrid"
    rerank: bool | None = None
    filters: Mapping[str, Any] | None = None
    min_version: int | None = None
    answer: AnswerKind = "extractive"
    min_confidence: float | None = None
    conversation: tuple[Turn, ...] = ()
    explain: bool = False
    as_of: str | None = None
    recency: Recency = "none"
    recency_half_life_days: float = 365.0


@dataclass(frozen=True, slots=True)
class Highlight:
    """Code points relative to the text of the passage, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scores:
    """The score of every stage that saw the passage; None where it did not.

    `dense`: cosine. `lexical`: BM25. `fused`: 0..1. `rerank`: the cross-encoder's logit.
    """

    dense: float | None = None
    lexical: float | None = None
    fused: float | None = None
    rerank: float | None = None


@dataclass(frozen=True, slots=True)
class OtherPlace:
    """Where the same text stands once more; `start` and `end` count in that document's canonical text.

    `document_date`, here and below, is of when the document is (`corpus.document_dates`), ISO 8601.
    """

    document_id: str
    document_title: str
    document_uri: str
    document_version: str
    media_type: str
    passage_id: str
    start: int
    end: int
    page_start: int | None
    page_end: int | None
    page_label_start: str | None
    page_label_end: str | None
    cells: str | None
    section_path: tuple[str, ...]
    document_date: str | None = None


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage in the order of relevance; `start` and `end` count in the document's canonical text.

    `also_in` are the places of passages that say the same or a piece of it.
    """

    id: str
    rank: int
    score: float
    scores: Scores
    text: str
    document_id: str
    document_title: str
    document_uri: str
    document_version: str
    media_type: str
    start: int
    end: int
    page_start: int | None
    page_end: int | None
    page_label_start: str | None
    page_label_end: str | None
    cells: str | None
    section_path: tuple[str, ...]
    metadata: Metadata
    highlights: tuple[Highlight, ...] = ()
    also_in: tuple[OtherPlace, ...] = ()
    document_date: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer stands: `quote` is the slice `start`..`end` of the version's canonical text.

    `verified` says that the slice was read again from the store and is equal to the quote. `page_label_start` and
    `page_label_end` are what the document itself calls its pages, `cells` the range in a sheet ("A5:D7").
    `prefix` and `suffix` are the characters around it (W3C TextQuoteSelector). `also_in` are other places of the quote.
    """

    id: str
    document_id: str
    document_title: str
    document_uri: str
    document_version: str
    media_type: str
    passage_id: str
    quote: str
    start: int
    end: int
    page_start: int | None
    page_end: int | None
    page_label_start: str | None
    page_label_end: str | None
    cells: str | None
    section_path: tuple[str, ...]
    verified: bool
    prefix: str
    suffix: str
    also_in: tuple[OtherPlace, ...] = ()
    document_date: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Documents that contradict each other, in words; of `superseded` ones the first citation is what holds."""

    kind: Literal["disagree", "superseded"]
    citations: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """A piece of the answer's text and the ids of the citations that support it."""

    start: int
    end: int
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExactAnswer:
    """The few words that answer: the slice `start`..`end` of the cited document's text, inside of the citation.

    `kind` is what the question asks for, such as "person" or "date" (see `retrieval.answer_types`). `answer_start` and
    `answer_end` are where the words stand in the answer's own text.
    """

    text: str
    start: int
    end: int
    citation: str
    kind: str
    answer_start: int
    answer_end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer's text; every part of it is covered by spans with citations.

    `exact` is the answer itself where the question asks for a name, a number, a date, a place or a duration.
    """

    type: AnswerKind
    text: str
    spans: tuple[AnswerSpan, ...]
    exact: ExactAnswer | None = None


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to a question. When abstaining, `answer` is None, `citations` is empty, passages are still given.

    `index_version` is the `seq` of the one state of the store that everything here was read from. `signals` are what
    the confidence was computed from; see `retrieval.confidence.signals_of`. `searched_question` is what was
    searched for where that is not the question itself. `warnings` say in words what could not be done.
    """

    id: str
    question: str
    collection: str
    index_version: int
    answer: Answer | None
    citations: tuple[Citation, ...]
    passages: tuple[RankedPassage, ...]
    confidence: float
    confidence_calibration: str
    abstained: bool
    abstain_reason: str | None
    timings_ms: dict[str, float] = field(default_factory=dict)
    signals: dict[str, float] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    searched_question: str | None = None
    warnings: tuple[str, ...] = ()
    explanation: Explanation | None = None
