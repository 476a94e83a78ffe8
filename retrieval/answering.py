"""One question from end to end: candidates, ranking, evidence, citations, confidence."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import sqlalchemy as sa

from corpus.collections import collection_number
from corpus.database import Database
from corpus.errors import BadInputError, NotSetUpError
from corpus.store import text_of
from index.embedder import Embedder
from index.keeper import IndexKeeper, Snapshot
from index.metadata_index import MetadataKeeper
from index.vectors import Scope
from retrieval.answer_strings import PatternReader, Reader
from retrieval.answer_text import answer_from, exact_answer, pieces_of
from retrieval.as_of import not_after
from retrieval.citations import cite
from retrieval.confidence import confidence, signals_of, threshold_for
from retrieval.conflicts import Contradiction, find_conflicts, settled, told
from retrieval.endpoint import ChatEndpoint
from retrieval.evidence import Evidence, find_evidence
from retrieval.explained import Explanation
from retrieval.explanation import explain_confidence, explain_passages
from retrieval.filters import compile_filter
from retrieval.generation import Generated, generate
from retrieval.other_places import places_of_quote
from retrieval.passages import FoundPassage, TextCache, read_passages
from retrieval.places import Places
from retrieval.presentation import presented
from retrieval.profile import Profile
from retrieval.ranking import Ranked, passage_logits, rank
from retrieval.reading import read_passage_sentences
from retrieval.recency import newer_first
from retrieval.requests import checked
from retrieval.reranker import Reranker
from retrieval.rewriting import Rewriter
from retrieval.runs import answering_runs
from retrieval.search import Timings, find_candidates
from retrieval.types import Citation, QueryRequest, QueryResult

_MOST_COPIES = 1_000  # passages that are read of a collection that says few things many times


@dataclass(frozen=True, slots=True)
class Engines:
    """The models, each loaded when it is first asked for; the embedder must fit the vectors of a snapshot.

    `endpoint` gives None where no endpoint is set.
    """

    embedder: Callable[[Snapshot], Embedder]
    reranker: Callable[[], Reranker]
    endpoint: Callable[[], ChatEndpoint | None] = lambda: None
    reader: Reader = field(default_factory=PatternReader)


class Answerer:
    """Answers questions from the documents of one home."""

    def __init__(self, database: Database, keeper: IndexKeeper, engines: Engines, profile: Profile) -> None:
        self._database = database
        self._keeper = keeper
        self._engines = engines
        self._profile = profile
        self._rewriter = Rewriter(engines.endpoint)
        self._texts = TextCache()
        self._metadata = MetadataKeeper()

    def answer(self, request: QueryRequest) -> QueryResult:
        """Raises BadInputError for a request that is not valid, NotFoundError for an unknown collection.

        Generated answers raise NotSetUpError without an endpoint, and EndpointError when it fails.
        """
        request = checked(request)
        if request.answer == "generative":
            self._endpoint()  # refused before anything is searched for
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
        reranker = self._reranker(request)
        found = self._found(connection, snapshot, request, reranker, timings)
        with timings.stage("read"):
            evidence, logits = self._read(request.question, found, snapshot, reranker)
        ranked, evidence = newer_first(rank(found, logits, self._profile), evidence, request)
        ranked = ranked[: request.top_k]
        returned = {item.found.passage.number for item in ranked}
        evidence = [item for item in evidence if item.found.passage.number in returned]
        signals = signals_of(evidence, ranked)
        sure, calibration = self._confidence(signals, snapshot, reranker)
        threshold = threshold_for(self._profile, calibration)
        threshold = threshold if request.min_confidence is None else request.min_confidence
        reason = _reason_to_abstain(request, evidence, sure, threshold, calibration)
        explanation = None
        if request.explain:
            passages = explain_passages(ranked, logits, evidence)
            sum_of = explain_confidence(signals, sure, threshold, calibration, self._profile.calibration)
            explanation = Explanation(request.question, passages, sum_of)
        places = Places(connection)
        generated, contradictions = None, list[Contradiction]()
        if request.answer == "generative" and reason is None:
            generated = self._generated(request, ranked, snapshot, timings)
            reason, answer = generated.reason, generated.answer()
            chosen = list(generated.evidence)
            citations = _cited(connection, chosen, places)
        else:
            silent = reason is not None or request.answer == "none"
            contradictions = [] if silent else find_conflicts(request.question, evidence, snapshot.words)
            runs, superseded = settled([] if silent else answering_runs(request.question, evidence), contradictions)
            pieces = pieces_of(runs)
            chosen = [item for piece in pieces for item in piece.evidence] + superseded
            citations = _cited(connection, chosen, places)
            exact = exact_answer(request.question, pieces, citations, self._engines.reader)
            answer = answer_from(pieces, citations, exact)
        return QueryResult(
            id=f"qry_{uuid.uuid4().hex[:20]}",
            question=request.question,
            collection=request.collection,
            index_version=snapshot.seq,
            answer=answer if citations else None,
            citations=citations,
            passages=presented(ranked, [*chosen, *evidence], places),
            confidence=sure,
            confidence_calibration=calibration,
            abstained=reason is not None,
            abstain_reason=reason,
            timings_ms=timings.stages,
            signals=signals,
            warnings=() if generated is None else generated.warnings,
            explanation=explanation,
            conflicts=told(contradictions, chosen, citations),
        )

    def _generated(
        self, request: QueryRequest, ranked: Sequence[Ranked], snapshot: Snapshot, timings: Timings
    ) -> Generated:
        with timings.stage("generate"):
            found = [item.found for item in ranked]
            return generate(request.question, found, self._endpoint(), snapshot.words.terms)

    def _endpoint(self) -> ChatEndpoint:
        endpoint = self._engines.endpoint()
        if endpoint is None:
            raise NotSetUpError(
                "a generated answer needs an endpoint: set PINCITE_ENDPOINT_URL and PINCITE_ENDPOINT_MODEL to an "
                "OpenAI-compatible one, or ask for the answer extractive"
            )
        return endpoint

    def _found(
        self,
        connection: sa.Connection,
        snapshot: Snapshot,
        request: QueryRequest,
        reranker: Reranker | None,
        timings: Timings,
    ) -> list[FoundPassage]:
        """The best candidates with their texts, as many different ones as are returned or read.

        Where candidates do not hold in the store or are copies and too few are left, more are searched for, while there
        are any.
        """
        with timings.stage("filter"):
            scope = self._scope(connection, snapshot, request)
        embedder = self._engines.embedder(snapshot) if request.mode != "lexical" else None
        wanted = max(request.top_k, self._profile.rerank_depth if reranker else 0)
        profile, seen = self._profile, 0
        while True:
            candidates = find_candidates(snapshot, embedder, request.question, request.mode, scope, profile, timings)
            with timings.stage("fetch"):
                found = read_passages(connection, candidates, wanted, scope, snapshot.seq, self._texts)
            all_hold = found.passages == len(candidates)
            is_all = len(candidates) == seen or (all_hold and len(candidates) < profile.candidates)
            if len(found) >= wanted or is_all or found.passages > _MOST_COPIES:
                return found.distinct()
            profile, seen = replace(profile, candidates=profile.candidates * 4), len(candidates)

    def _read(
        self, question: str, found: Sequence[FoundPassage], snapshot: Snapshot, reranker: Reranker | None
    ) -> tuple[list[Evidence], dict[int, float]]:
        """Evidence in the best candidates, and the logits of the passages that the cross-encoder has read."""
        if reranker is None:
            return find_evidence(question, found[: self._profile.evidence_passages], snapshot.words, None), {}
        read = found[: self._profile.rerank_depth]
        if self._profile.rerank_reads == "passages":
            logits = reranker.score(question, [item.text for item in read])
            evidence = find_evidence(question, found[: self._profile.evidence_passages], snapshot.words, None)
            return evidence, {item.passage.number: logit for item, logit in zip(read, logits, strict=True)}
        evidence = read_passage_sentences(question, found, snapshot.words, reranker, self._profile)
        return evidence, passage_logits(evidence)

    def _scope(self, connection: sa.Connection, snapshot: Snapshot, request: QueryRequest) -> Scope:
        number = collection_number(connection, request.collection)
        if request.filters is None and request.as_of is None:
            return Scope(number)
        filters = [] if request.filters is None else [compile_filter(request.filters)]
        filters += [] if request.as_of is None else [not_after(request.as_of)]
        index = self._metadata.at(connection, snapshot.seq)
        return Scope(number, index.select(number, lambda segment: np.all([one(segment) for one in filters], axis=0)))

    def _confidence(
        self, signals: Mapping[str, float], snapshot: Snapshot, reranker: Reranker | None
    ) -> tuple[float, str]:
        """Rounded as it is shown: what is compared with the threshold is what people see."""
        models = models_at_work(snapshot, reranker)
        sure, calibration = confidence(signals, self._profile.calibration, models)
        return round(sure, 4), calibration

    def _reranker(self, request: QueryRequest) -> Reranker | None:
        wanted = self._profile.rerank if request.rerank is None else request.rerank
        return self._engines.reranker() if wanted else None


def models_at_work(snapshot: Snapshot, reranker: Reranker | None) -> dict[str, str]:
    """The digests of the models that a question's scores stem from, by role: what a calibration holds for."""
    models = {} if reranker is None else {"reranker": reranker.fingerprint.digest}
    if snapshot.generation is not None:
        models["embedder"] = str(snapshot.generation.fingerprint["digest"])
    return models


def _reason_to_abstain(
    request: QueryRequest, evidence: Sequence[Evidence], sure: float, threshold: float, calibration: str
) -> str | None:
    if not evidence:
        filtered = " under the filters" if request.filters is not None else ""
        filtered += f" as of {request.as_of}" if request.as_of is not None else ""
        return f"nothing was found in the collection {request.collection!r}{filtered} in which to look for an answer"
    if sure < threshold:
        return (
            f"no sentence was found that answers the question: confidence {sure:.2f} is below {threshold:.2f} "
            f"({calibration})"
        )
    return None


def _cited(connection: sa.Connection, chosen: Sequence[Evidence], places: Places) -> tuple[Citation, ...]:
    """The citations, checked against the texts that the store gives now; each text is read once."""
    numbers = {item.found.version.number for item in chosen}
    texts = {number: text_of(connection, number) for number in numbers}
    found = [places.of(item.found.version, item.span) for item in chosen]
    citations = cite(chosen, [texts[item.found.version.number] for item in chosen], found)
    return tuple(
        replace(citation, also_in=places_of_quote(item, places))
        for citation, item in zip(citations, chosen, strict=True)
    )
