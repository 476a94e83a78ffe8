"""From a question to passages in order, and the sentences in them among which the answer is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import sqlalchemy as sa

from corpus.collections import collection_number
from index.keeper import Snapshot
from index.metadata_index import MetadataKeeper
from index.vectors import Scope
from retrieval.as_of import not_after
from retrieval.confidence import Signals, signals_of
from retrieval.engines import Engines
from retrieval.evidence import Evidence, find_evidence
from retrieval.filters import compile_filter
from retrieval.passages import FoundPassage, TextCache, read_passages
from retrieval.profile import Profile
from retrieval.ranking import Ranked, passage_logits, rank
from retrieval.reading import read_passage_sentences, with_wholes
from retrieval.recency import newer_first
from retrieval.reranker import Reranker
from retrieval.search import Timings, find_candidates
from retrieval.types import QueryRequest

_COMPARED = 10  # passages whose scores say how well a question was answered, however many are returned
_MOST_COPIES = 1_000  # passages that are read of a collection that says few things many times


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages that are returned, best first, and their sentences, best first.

    `logits` are those of all passages that the cross-encoder has read, by number. `signals` are what a confidence is
    computed from; they do not depend on how many passages are returned. `models` are the digests of the
    models that the scores stem from, by role: what a calibration holds for.
    """

    ranked: list[Ranked]
    evidence: list[Evidence]
    logits: dict[int, float]
    signals: Signals
    models: dict[str, str]


class Retriever:
    """Finds and ranks the passages of one home."""

    def __init__(self, engines: Engines, profile: Profile) -> None:
        self._engines = engines
        self._profile = profile
        self._texts = TextCache()
        self._metadata = MetadataKeeper()

    def retrieve(
        self, connection: sa.Connection, snapshot: Snapshot, request: QueryRequest, timings: Timings
    ) -> Retrieved:
        """Raises BadInputError for filters that are not valid, NotFoundError for an unknown collection."""
        reranker = self._reranker(request)
        found = self._found(connection, snapshot, request, reranker, timings)
        with timings.stage("read"):
            evidence, logits = self._read(request.question, found, snapshot, reranker)
        ranked, evidence = newer_first(rank(found, logits, self._profile), evidence, request)
        returned = ranked[: request.top_k]
        numbers = {item.found.passage.number for item in returned}
        given = [item for item in evidence if item.found.passage.number in numbers]
        signals = signals_of(given, evidence, ranked[:_COMPARED])
        return Retrieved(returned, given, logits, signals, _models_at_work(snapshot, reranker))

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
        wanted = max(request.top_k, _COMPARED, self._profile.rerank_depth if reranker else 0)
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
        of_sentences = passage_logits(evidence)
        ranked = rank(found, of_sentences, self._profile)
        return evidence, with_wholes(question, ranked, of_sentences, reranker)

    def _scope(self, connection: sa.Connection, snapshot: Snapshot, request: QueryRequest) -> Scope:
        number = collection_number(connection, request.collection)
        if request.filters is None and request.as_of is None:
            return Scope(number)
        filters = [] if request.filters is None else [compile_filter(request.filters)]
        filters += [] if request.as_of is None else [not_after(request.as_of)]
        index = self._metadata.at(connection, snapshot.seq)
        return Scope(number, index.select(number, lambda segment: np.all([one(segment) for one in filters], axis=0)))

    def _reranker(self, request: QueryRequest) -> Reranker | None:
        wanted = self._profile.rerank if request.rerank is None else request.rerank
        return self._engines.reranker() if wanted else None


def _models_at_work(snapshot: Snapshot, reranker: Reranker | None) -> dict[str, str]:
    models = {} if reranker is None else {"reranker": reranker.fingerprint.digest}
    if snapshot.generation is not None:
        models["embedder"] = str(snapshot.generation.fingerprint["digest"])
    return models
