"""Runs an evaluation set: ingests it into a scratch home, asks every question, scores what comes back."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from corpus.errors import NotFoundError
from eval.datasets.types import Dataset, Question, sample
from eval.evidence import ResolvedEvidence, resolve
from eval.metrics.question import score_question
from eval.metrics.quotes import QuotedSlice, citation_validity
from eval.metrics.types import DocumentSpan, FoundPassage, Gold, PageRange
from eval.results import (
    CitationRecord,
    PassageRecord,
    QuestionResult,
    RunResult,
    RunSettings,
    summarise,
    timing_summary,
)
from eval.scratch_home import OnProgress, ScratchHome
from eval.service import EvaluatedService, OpenService, ServiceStatus
from retrieval.types import Citation, QueryRequest, QueryResult, RankedPassage

__all__ = ["EvaluatedService", "OnProgress", "OpenService", "RunSettings", "run"]


def _silent(stage: str, done: int, total: int) -> None:
    """Report progress to nobody."""


def run(
    dataset: Dataset,
    open_service: OpenService,
    cache_dir: Path,
    settings: RunSettings,
    on_progress: OnProgress = _silent,
) -> RunResult:
    """Run a set and score it; `on_progress` gets a stage ("ingest" or "ask"), how much is done, and the total.

    A question that raises an error counts 0 in its measures and is counted in `counts["errors"]`; errors of
    ingesting as a whole (a locked home, a missing model) are raised.
    """
    questions = sample(dataset.questions, settings.limit, settings.seed)
    home = ScratchHome(cache_dir, dataset, settings.index_digest)
    with closing(open_service(home.path)) as service:
        failed, ingest_seconds = home.fill(service, on_progress)
        texts = _Texts(service)
        evidence = resolve(questions, texts.of_set)
        begun = time.perf_counter()
        results = _ask_all(_Examiner(service, texts, dataset, settings, evidence), questions, on_progress)
        ask_seconds = time.perf_counter() - begun
        status = service.status()
    timings = {} if ingest_seconds is None else {"ingest_s": ingest_seconds}
    return RunResult(
        dataset=dataset.name,
        form=dataset.form,
        corpus_digest=dataset.corpus_digest,
        settings=settings,
        models=status.models,
        counts=_counts(dataset, status, results) | {"failed_documents": len(failed)},
        metrics=summarise(results),
        timings={**timings, "ask_s": ask_seconds, **timing_summary(results)},
        questions=results,
        evidence_report=evidence.report,
        failed_documents=failed,
    )


def _counts(dataset: Dataset, status: ServiceStatus, results: Sequence[QuestionResult]) -> dict[str, int]:
    return {
        "documents": status.documents,
        "passages": status.passages,
        "questions": len(results),
        # A set without labels has answerable questions only.
        "answerable": sum(result.answerable is not False for result in results),
        "errors": sum(result.error is not None for result in results),
        "left_out": len(dataset.left_out),
    }


def _ask_all(
    examiner: "_Examiner", questions: Sequence[Question], on_progress: OnProgress
) -> tuple[QuestionResult, ...]:
    results = []
    for question in questions:
        results.append(examiner.ask(question))
        on_progress("ask", len(results), len(questions))
    return tuple(results)


class _Texts:
    """The texts of the home, by our ids and by those of the set."""

    def __init__(self, service: EvaluatedService) -> None:
        self.external_ids: Mapping[str, str] = service.document_ids("default")
        self._ids = {external: document_id for document_id, external in self.external_ids.items()}
        self._service = service
        # A long document is quoted by many questions; fetching it anew for each would dominate the run.
        self.of_version = lru_cache(maxsize=128)(self._of_version)

    def of_set(self, document: str) -> str | None:
        """Return the current text of a document of the set, None where it was not ingested."""
        return self._service.text(self._ids[document]) if document in self._ids else None

    def _of_version(self, document_id: str, version: str) -> str | None:
        try:
            return self._service.text(document_id, version=version)
        except NotFoundError:
            return None


class _Examiner:
    """Asks a question and scores what comes back."""

    def __init__(
        self,
        service: EvaluatedService,
        texts: _Texts,
        dataset: Dataset,
        settings: RunSettings,
        evidence: ResolvedEvidence,
    ) -> None:
        self._service = service
        self._texts = texts
        self._has_pages = dataset.form == "files"
        self._settings = settings
        self._evidence = evidence

    def ask(self, question: Question) -> QuestionResult:
        begun = time.perf_counter()
        try:
            result = self._service.query(self._request(question))
            ms = (time.perf_counter() - begun) * 1000
            return self._scored(question, result, ms)
        except Exception as error:  # one question must not end a run of thousands
            ms = (time.perf_counter() - begun) * 1000
            return self._failed(question, f"{type(error).__name__}: {error}", ms)

    def _request(self, question: Question) -> QueryRequest:
        settings = self._settings
        return QueryRequest(question.text, top_k=settings.top_k, mode=settings.mode, rerank=settings.rerank)

    def _failed(self, question: Question, error: str, ms: float) -> QuestionResult:
        scores = score_question(self._gold(question), (), ())
        return QuestionResult(question.id, question.answerable, scores, (), (), None, None, ms, error)

    def _scored(self, question: Question, result: QueryResult, ms: float) -> QuestionResult:
        passages = [self._found(passage) for passage in result.passages]
        citations = [self._place(citation) for citation in result.citations]
        slices = [*map(_citation_slice, result.citations), *map(_passage_slice, result.passages)]
        scores = score_question(self._gold(question), passages, citations)
        scores["citation_validity"] = citation_validity(slices, self._texts.of_version)
        return QuestionResult(
            id=question.id,
            answerable=question.answerable,
            metrics=scores,
            passages=tuple(_passage_record(passage) for passage in passages),
            citations=tuple(map(_citation_record, result.citations, citations)),
            confidence=result.confidence,
            abstained=result.abstained,
            ms=ms,
        )

    def _gold(self, question: Question) -> Gold:
        pages = {(one.document, one.page) for one in question.evidence if one.page and self._has_pages}
        answers = () if question.answerable is False else question.answers
        return Gold(question.judgements, self._evidence.spans[question.id], frozenset(pages), answers)

    def _found(self, passage: RankedPassage) -> FoundPassage:
        place = self._place(passage)
        pages = PageRange(place.document, passage.page_start, passage.page_end)
        return FoundPassage(place, pages, passage.score, passage.text)

    def _place(self, found: RankedPassage | Citation) -> DocumentSpan:
        document = self._texts.external_ids.get(found.document_id, found.document_id)
        return DocumentSpan(document, found.start, found.end)


def _citation_slice(citation: Citation) -> QuotedSlice:
    return QuotedSlice(citation.document_id, citation.document_version, citation.start, citation.end, citation.quote)


def _passage_slice(passage: RankedPassage) -> QuotedSlice:
    return QuotedSlice(passage.document_id, passage.document_version, passage.start, passage.end, passage.text)


def _passage_record(passage: FoundPassage) -> PassageRecord:
    place, pages = passage.place, passage.pages
    return PassageRecord(place.document, place.start, place.end, passage.score, pages.first, pages.last)


def _citation_record(citation: Citation, place: DocumentSpan) -> CitationRecord:
    return CitationRecord(
        place.document,
        place.start,
        place.end,
        citation.quote,
        citation.page_start,
        citation.page_end,
        citation.verified,
    )
