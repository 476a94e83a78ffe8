"""What a run found, and the JSON object that it is written as."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from corpus.errors import BadInputError
from eval.datasets.types import Form
from eval.evidence import EvidenceReport
from eval.metrics.abstention import abstain_f1, answerability_auroc
from eval.metrics.intervals import Estimate, estimate, mean_estimate
from eval.metrics.question import Scores
from retrieval.types import Mode


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How the questions are asked.

    `limit` None asks all of them; `rerank` None lets the profile decide. `index_digest` stands for everything that
    the index depends on (models, splitter, parser): other values get another scratch home.
    """

    mode: Mode = "hybrid"
    limit: int | None = None
    seed: int = 0
    rerank: bool | None = None
    top_k: int = 10
    index_digest: str = ""

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise BadInputError(f"the limit of questions must be 1 or more, not {self.limit!r}")


@dataclass(frozen=True, slots=True)
class PassageRecord:
    """A returned passage; `document` is the id that the set gives it."""

    document: str
    start: int
    end: int
    score: float
    page_start: int | None
    page_end: int | None


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
class QuestionResult:
    """What came back for a question; `metrics` holds None where a measure does not apply.

    With an `error` nothing came back: every measure that applies is 0, and `confidence` and `abstained` are None.
    """

    id: str
    answerable: bool | None
    metrics: Scores
    passages: tuple[PassageRecord, ...]
    citations: tuple[CitationRecord, ...]
    confidence: float | None
    abstained: bool | None
    ms: float
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the object of `questions` in a result file, with the measures that apply."""
        return {**asdict(self), "metrics": {name: value for name, value in self.metrics.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class FailedDocument:
    """A document that could not be ingested."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunResult:
    """A finished run; `as_dict` is the result file."""

    dataset: str
    form: Form
    corpus_digest: str
    settings: RunSettings
    models: Mapping[str, Any]
    counts: Mapping[str, int]
    metrics: Mapping[str, Estimate]
    timings: Mapping[str, float]
    questions: tuple[QuestionResult, ...]
    evidence_report: EvidenceReport
    failed_documents: tuple[FailedDocument, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that `pincite eval run --json` prints."""
        return {
            "dataset": self.dataset,
            "corpus_digest": self.corpus_digest,
            "settings": {"form": self.form, **asdict(self.settings)},
            "models": dict(self.models),
            "counts": dict(self.counts),
            "metrics": {name: one.as_dict() for name, one in self.metrics.items()},
            "timings": dict(self.timings),
            "questions": [question.as_dict() for question in self.questions],
            "evidence_report": self.evidence_report.as_dict(),
            "failed_documents": [asdict(document) for document in self.failed_documents],
        }


def summarise(questions: Sequence[QuestionResult]) -> dict[str, Estimate]:
    """Estimate every measure that applies to at least one question."""
    names = dict.fromkeys(name for question in questions for name in question.metrics)
    means = {name: mean_estimate(_values(questions, name)) for name in names}
    found = {**means, **_abstention(questions)}
    return {name: one for name, one in found.items() if one is not None}


def timing_summary(questions: Sequence[QuestionResult]) -> dict[str, float]:
    """Summarise the milliseconds of the questions that were answered."""
    times = [question.ms for question in questions if question.error is None]
    if not times:
        return {}
    half, most = np.percentile(times, [50, 95])
    return {"query_ms_mean": float(np.mean(times)), "query_ms_p50": float(half), "query_ms_p95": float(most)}


def _values(questions: Sequence[QuestionResult], name: str) -> list[float]:
    values = (question.metrics.get(name) for question in questions)
    return [value for value in values if value is not None]


def _abstention(questions: Sequence[QuestionResult]) -> dict[str, Estimate | None]:
    labelled = [question for question in questions if question.answerable is not None]
    answerable = np.array([question.answerable for question in labelled], dtype=np.bool_)
    decisions = [_decision(question) for question in labelled]
    abstained = np.array([abstained for abstained, _ in decisions], dtype=np.bool_)
    confidence = np.array([confidence for _, confidence in decisions], dtype=np.float64)
    return {
        "abstain_f1": estimate(lambda rows: abstain_f1(answerable[rows], abstained[rows]), len(labelled)),
        "answerability_auroc": estimate(
            lambda rows: answerability_auroc(answerable[rows], confidence[rows]), len(labelled)
        ),
    }


def _decision(question: QuestionResult) -> tuple[bool, float]:
    """Return whether it abstained, and its confidence; an error counts as the wrong decision, surely made."""
    if question.abstained is None or question.confidence is None:
        return (True, -np.inf) if question.answerable else (False, np.inf)
    return question.abstained, question.confidence
