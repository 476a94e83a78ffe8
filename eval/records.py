"""A run as values. These dataclasses are the result file: field for field what `pincite eval run --json` prints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corpus.errors import BadInputError
from eval.datasets.types import Form
from eval.evidence import EvidenceReport
from eval.statistics.intervals import Estimate
from retrieval.modes import Mode
from retrieval.profile import DEFAULT_PROFILE, Profile

FORMAT = 2


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How the questions are asked.

    `limit` None asks all of them; `rerank` None lets the profile decide; `conversation` False leaves out the turns
    before a question. `index_digest` stands for everything that
    the index depends on (models, splitter, parser): other values get another scratch home.
    """

    mode: Mode = "hybrid"
    limit: int | None = None
    seed: int = 0
    rerank: bool | None = None
    top_k: int = 10
    profile: Profile = DEFAULT_PROFILE
    index_digest: str = ""
    conversation: bool = True

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise BadInputError(f"the limit of questions must be 1 or more, not {self.limit!r}")


@dataclass(frozen=True, slots=True)
class PassageRecord:
    """A returned passage; `document` is the id that the set gives it. The first few keep their text, for reports.

    `also_in` are further documents that say the same.
    """

    document: str
    start: int
    end: int
    score: float
    page_start: int | None
    page_end: int | None
    text: str | None = None
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CitationRecord:
    """A returned citation."""

    document: str
    start: int
    end: int
    quote: str
    page_start: int | None
    page_end: int | None
    verified: bool


@dataclass(frozen=True, slots=True)
class GoldRecord:
    """Gold evidence; without `start` and `end` it could not be placed in our text, or is a whole page."""

    document: str
    quote: str
    start: int | None = None
    end: int | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """What came back for a question; `metrics` holds the measures that apply.

    `correct`: the evidence found holds gold evidence, whether it was given or held back; None for a question without
    gold. `withheld` are the citations that an abstention held back. `slices` are the properties by which a report
    groups questions. `signals` are what the confidence was computed from. `stages` are milliseconds.
    `searched_question` is what was searched for where the turns before the question changed it.

    With an `error` nothing came back: every measure that applies is 0, and `confidence` and `abstained` are None.
    """

    id: str
    text: str
    answerable: bool | None
    metrics: Mapping[str, float]
    correct: bool | None
    confidence: float | None
    abstained: bool | None
    ms: float
    answer: str | None = None
    gold_answers: tuple[str, ...] = ()
    gold: tuple[GoldRecord, ...] = ()
    passages: tuple[PassageRecord, ...] = ()
    citations: tuple[CitationRecord, ...] = ()
    withheld: tuple[CitationRecord, ...] = ()
    slices: Mapping[str, str] = field(default_factory=dict)
    held_out: bool = False
    signals: Mapping[str, float] = field(default_factory=dict)
    stages: Mapping[str, float] = field(default_factory=dict)
    searched_question: str | None = None
    warnings: tuple[str, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class FailedDocument:
    """A document that could not be ingested."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run.

    `settings` is None for a run of another system that was read from a TREC file. `questions_digest` stands for
    the questions and their gold data, `corpus_digest` for the documents: figures are comparable where both agree.
    `timings` are milliseconds (`..._ms`, with `_p50` and `_p95`) and seconds (`..._s`); `cached` counts the vectors
    and scores that were not computed but remembered, which makes timings shorter than users see them.
    """

    dataset: str
    system: str
    form: Form
    corpus_digest: str
    questions_digest: str
    settings: RunSettings | None
    models: Mapping[str, Any]
    versions: Mapping[str, str]
    counts: Mapping[str, int]
    metrics: Mapping[str, Estimate]
    timings: Mapping[str, float]
    cached: Mapping[str, int]
    questions: tuple[QuestionResult, ...]
    evidence_report: EvidenceReport
    failed_documents: tuple[FailedDocument, ...] = ()
    format: int = FORMAT
