"""One question from end to end: rewriting, retrieval, verdict, answer with citations."""

import uuid
from dataclasses import replace

import sqlalchemy as sa

from corpus.database import Database
from corpus.errors import BadInputError
from index.keeper import IndexKeeper, Snapshot
from retrieval.engines import Engines
from retrieval.explained import Explanation
from retrieval.explanation import explain_confidence, explain_passages
from retrieval.places import Places
from retrieval.presentation import presented
from retrieval.profile import Profile
from retrieval.requests import checked
from retrieval.response import Response, quoted, written
from retrieval.retriever import Retrieved, Retriever
from retrieval.rewriting import Rewriter
from retrieval.search import Timings
from retrieval.types import QueryRequest, QueryResult
from retrieval.verdict import Verdict, judge


class Answerer:
    """Answers questions from the documents of one home."""

    def __init__(self, database: Database, keeper: IndexKeeper, engines: Engines, profile: Profile) -> None:
        self._database = database
        self._keeper = keeper
        self._engines = engines
        self._profile = profile
        self._rewriter = Rewriter(engines.endpoint)
        self._retriever = Retriever(engines, profile)

    def answer(self, request: QueryRequest) -> QueryResult:
        """Raises BadInputError for a request that is not valid, NotFoundError for an unknown collection.

        Generated answers raise NotSetUpError without an endpoint, and EndpointError when it fails.
        """
        request = checked(request)
        if request.answer == "generative":
            self._engines.writer()  # refused before anything is searched for
        timings = Timings()
        with timings.stage("total"):
            return self._in_conversation(request, timings)

    def _in_conversation(self, request: QueryRequest, timings: Timings) -> QueryResult:
        """Answer what the question means after the turns before it."""
        with timings.stage("rewrite"):
            rewriting = self._rewriter.rewrite(request.question, request.conversation)
        snapshot = self._snapshot(request)
        with self._database.read() as connection:
            result = self._answer(connection, snapshot, replace(request, question=rewriting.text), timings)
        searched = None if rewriting.text == request.question else rewriting.text
        warnings = (*result.warnings, *filter(None, [rewriting.warning]))
        return replace(result, question=request.question, searched_question=searched, warnings=warnings)

    def _snapshot(self, request: QueryRequest) -> Snapshot:
        snapshot = self._keeper.snapshot()
        if request.min_version is not None and snapshot.seq < request.min_version:
            raise BadInputError(
                f"min_version is {request.min_version}, the newest state here is {snapshot.seq}; ask again"
            )
        return snapshot

    def _answer(
        self, connection: sa.Connection, snapshot: Snapshot, request: QueryRequest, timings: Timings
    ) -> QueryResult:
        retrieved = self._retriever.retrieve(connection, snapshot, request, timings)
        verdict = judge(retrieved, request, self._profile)
        response = self._response(connection, snapshot, request, retrieved, verdict, timings)
        reason = verdict.reason or response.reason
        return QueryResult(
            id=f"qry_{uuid.uuid4().hex[:20]}",
            question=request.question,
            collection=request.collection,
            index_version=snapshot.seq,
            answer=response.answer,
            citations=response.citations,
            passages=presented(retrieved.ranked, [*response.chosen, *retrieved.evidence], Places(connection)),
            confidence=verdict.confidence,
            confidence_calibration=verdict.calibration,
            abstained=reason is not None,
            abstain_reason=reason,
            timings_ms=timings.stages,
            signals=dict(verdict.signals),
            warnings=response.warnings,
            explanation=self._explanation(request, retrieved, verdict) if request.explain else None,
            conflicts=response.conflicts,
        )

    def _response(
        self,
        connection: sa.Connection,
        snapshot: Snapshot,
        request: QueryRequest,
        retrieved: Retrieved,
        verdict: Verdict,
        timings: Timings,
    ) -> Response:
        if verdict.reason is not None or request.answer == "none":
            return Response()
        if request.answer == "generative":
            with timings.stage("generate"):
                return written(connection, snapshot, request, retrieved, self._engines)
        with timings.stage("answer"):
            return quoted(connection, snapshot, request, retrieved, self._engines)

    def _explanation(self, request: QueryRequest, retrieved: Retrieved, verdict: Verdict) -> Explanation:
        passages = explain_passages(retrieved.ranked, retrieved.logits, retrieved.evidence)
        shown = explain_confidence(
            verdict.signals, verdict.confidence, verdict.threshold, verdict.calibration, self._profile.calibration
        )
        return Explanation(request.question, passages, shown)
