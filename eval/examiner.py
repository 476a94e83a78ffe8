"""Asks one question of a service and scores what comes back."""

import time
from collections.abc import Mapping
from functools import lru_cache

from corpus.errors import NotFoundError, PinciteError
from eval.datasets.types import Dataset, Evidence, Question
from eval.evidence import ResolvedEvidence
from eval.metrics.correctness import is_correct
from eval.metrics.question import Scores, score_question
from eval.metrics.quotes import QuotedSlice, citation_validity
from eval.metrics.spans import page_hit
from eval.metrics.types import CitedSpan, DocumentSpan, FoundPassage, Gold, PageRange
from eval.records import CitationRecord, GoldRecord, PassageRecord, QuestionResult, RunSettings
from eval.service import EvaluatedService
from retrieval.confidence import threshold_for
from retrieval.types import Citation, OtherPlace, QueryRequest, QueryResult, RankedPassage

_Found = RankedPassage | Citation | OtherPlace

# More would make the run files of large sets too long to look at.
_TEXTS_KEPT = 3
_CANNOT_RUN = 3  # the exit code of a missing model, a damaged home and the like


class Texts:
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


class Examiner:
    """Asks the questions of one set.

    Every question is asked without a threshold of confidence, and the threshold of the profile is applied to what
    comes back: so the evidence is known, and judged, also where it is then held back.
    """

    def __init__(
        self,
        service: EvaluatedService,
        texts: Texts,
        dataset: Dataset,
        settings: RunSettings,
        evidence: ResolvedEvidence,
    ) -> None:
        self._service = service
        self._texts = texts
        self._has_pages = dataset.form == "files"
        self._has_turns = any(question.conversation for question in dataset.questions)
        self._documents = {document.id: document for document in dataset.documents}
        self._settings = settings
        self._evidence = evidence

    def ask(self, question: Question) -> QuestionResult:
        """Return what came back; an error is a result, too."""
        begun = time.perf_counter()
        try:
            result = self._service.query(self._request(question))
            ms = (time.perf_counter() - begun) * 1000
            return self._scored(question, result, ms)
        except Exception as error:  # one question must not end a run of thousands
            if isinstance(error, PinciteError) and error.exit_code == _CANNOT_RUN:
                raise  # no other question would fare better
            ms = (time.perf_counter() - begun) * 1000
            return self._failed(question, f"{type(error).__name__}: {error}", ms)

    def _request(self, question: Question) -> QueryRequest:
        settings = self._settings
        return QueryRequest(
            question.text,
            top_k=settings.top_k,
            mode=settings.mode,
            rerank=settings.rerank,
            min_confidence=0.0,
            conversation=question.conversation if settings.conversation else (),
        )

    def _failed(self, question: Question, error: str, ms: float) -> QuestionResult:
        gold = self._gold(question)
        return QuestionResult(
            id=question.id,
            text=question.text,
            answerable=question.answerable,
            metrics=_applicable(score_question(gold, (), (), None)),
            correct=is_correct(gold, (), question.answerable),
            confidence=None,
            abstained=None,
            ms=ms,
            gold_answers=question.answers,
            gold=self._gold_records(question),
            slices=self._slices(question),
            held_out=question.held_out,
            error=error,
        )

    def _scored(self, question: Question, result: QueryResult, ms: float) -> QuestionResult:
        gold = self._gold(question)
        threshold = threshold_for(self._settings.profile, result.confidence_calibration)
        abstained = result.abstained or result.confidence < threshold
        answer = "" if abstained or result.answer is None else result.answer.text
        passages = [self._found(passage, gold) for passage in result.passages]
        cited = [self._cited(citation, gold) for citation in result.citations]
        given = () if abstained else [citation.place for citation in cited]
        exact = None if abstained or result.answer is None else result.answer.exact
        scores = score_question(gold, passages, given, exact.text if exact else answer)
        slices = [*map(_citation_slice, result.citations), *map(_passage_slice, result.passages)]
        scores["citation_validity"] = citation_validity(slices, self._texts.of_version)
        records = tuple(map(_citation_record, result.citations, cited))
        return QuestionResult(
            id=question.id,
            text=question.text,
            answerable=question.answerable,
            metrics=_applicable(scores),
            correct=is_correct(gold, cited, question.answerable),
            confidence=result.confidence,
            abstained=abstained,
            ms=ms,
            answer=answer or None,
            gold_answers=question.answers,
            gold=self._gold_records(question),
            passages=tuple(_passage_record(rank, passage) for rank, passage in enumerate(passages)),
            citations=() if abstained else records,
            withheld=records if abstained else (),
            slices=self._slices(question),
            held_out=question.held_out,
            signals=result.signals,
            stages=result.timings_ms,
            searched_question=result.searched_question,
            warnings=result.warnings,
        )

    # --- gold data -----------------------------------------------------------------------------------------------

    def _gold(self, question: Question) -> Gold:
        pages = {(one.document, one.page) for one in question.evidence if one.page and self._has_pages}
        answers = () if question.answerable is False else question.answers
        spans = self._evidence.spans[question.id]
        return Gold(question.judgements, spans, frozenset(pages), answers, question.answerable is False)

    def _gold_records(self, question: Question) -> tuple[GoldRecord, ...]:
        placed = self._evidence.places[question.id]
        return tuple(_gold_record(one, place) for one, place in zip(question.evidence, placed, strict=True))

    def _slices(self, question: Question) -> dict[str, str]:
        """Name what reports group by: properties of the question and of the first document of its evidence."""
        slices = dict(question.properties)
        if question.draft:
            slices["draft"] = "yes"
        if self._has_turns:
            slices["earlier_turns"] = "yes" if question.conversation else "no"
        document = self._documents.get(question.evidence[0].document) if question.evidence else None
        if document is not None:
            slices["document_type"] = document.type
            slices |= {f"document_{name}": value for name, value in document.properties.items()}
        return slices

    # --- what came back --------------------------------------------------------------------------------------------

    def _found(self, passage: RankedPassage, gold: Gold) -> FoundPassage:
        chosen, place, pages = self._best_place(passage, gold)
        every: list[_Found] = [passage, *passage.also_in]
        documents = {self._place(one).document for one in every} - {place.document}
        text = passage.text if chosen is passage else self._slice(chosen)
        return FoundPassage(place, pages, passage.score, text, tuple(sorted(documents)))

    def _cited(self, citation: Citation, gold: Gold) -> CitedSpan:
        chosen, place, pages = self._best_place(citation, gold)
        return CitedSpan(place, pages, citation.quote if chosen is citation else self._slice(chosen))

    def _best_place(self, found: RankedPassage | Citation, gold: Gold) -> tuple[_Found, DocumentSpan, PageRange]:
        """Choose the place with most of the gold data of those where the text stands: a reader is given all of them."""
        every: list[_Found] = [found, *found.also_in]
        described = [
            (one, self._place(one), PageRange(self._place(one).document, one.page_start, one.page_end)) for one in every
        ]
        return max(described, key=lambda one: _worth(one[1], one[2], gold))

    def _slice(self, found: _Found) -> str:
        text = self._texts.of_version(found.document_id, found.document_version) or ""
        return text[found.start : found.end]

    def _place(self, found: _Found) -> DocumentSpan:
        document = self._texts.external_ids.get(found.document_id, found.document_id)
        return DocumentSpan(document, found.start, found.end)


def _worth(place: DocumentSpan, pages: PageRange, gold: Gold) -> tuple[int, float]:
    return sum(map(place.overlap, gold.spans)), page_hit([pages], gold.pages) or 0.0


def _applicable(scores: Scores) -> dict[str, float]:
    return {name: value for name, value in scores.items() if value is not None}


def _citation_slice(citation: Citation) -> QuotedSlice:
    return QuotedSlice(citation.document_id, citation.document_version, citation.start, citation.end, citation.quote)


def _passage_slice(passage: RankedPassage) -> QuotedSlice:
    return QuotedSlice(passage.document_id, passage.document_version, passage.start, passage.end, passage.text)


def _gold_record(evidence: Evidence, place: DocumentSpan | None) -> GoldRecord:
    start, end = (place.start, place.end) if place else (None, None)
    return GoldRecord(evidence.document, evidence.quote or "", start, end, evidence.page)


def _passage_record(rank: int, passage: FoundPassage) -> PassageRecord:
    place, pages = passage.place, passage.pages
    text = passage.text if rank < _TEXTS_KEPT else None
    return PassageRecord(
        place.document, place.start, place.end, passage.score, pages.first, pages.last, text, passage.also_in
    )


def _citation_record(citation: Citation, cited: CitedSpan) -> CitationRecord:
    place, pages = cited.place, cited.pages
    return CitationRecord(
        place.document, place.start, place.end, cited.quote, pages.first, pages.last, citation.verified
    )
