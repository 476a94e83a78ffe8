"""Questions."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import TypeAdapter, ValidationError

from api.http.state import MetricsOf, ServiceOf
from api.schemas import Json, QueryBody, QueryOut
from corpus.errors import BadInputError
from retrieval.modes import AnswerKind, Mode, Recency
from retrieval.service import Service

router = APIRouter(prefix="/v1", tags=["query"])

_FILTERS: TypeAdapter[Json] = TypeAdapter(Json)


@router.post("/query")
def ask(body: QueryBody, service: ServiceOf, metrics: MetricsOf) -> QueryOut:
    """Answer a question with ranked passages and citations, or decline with a reason."""
    return _answer(body, service, metrics)


@router.get("/query")
def ask_by_url(
    service: ServiceOf,
    metrics: MetricsOf,
    question: Annotated[str, Query(description="What you want to know.")],
    collection: str = "default",
    top_k: Annotated[int, Query(ge=1, le=100)] = 8,
    mode: Mode = "hybrid",
    rerank: bool | None = None,
    filters: Annotated[str | None, Query(description="A filter as JSON.")] = None,
    min_version: int | None = None,
    answer: AnswerKind = "extractive",
    min_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
    explain: bool = False,
    as_of: Annotated[str | None, Query(description="Leave out documents dated after it (ISO 8601).")] = None,
    recency: Recency = "none",
    recency_half_life_days: Annotated[float, Query(gt=0, le=100_000)] = 365.0,
) -> QueryOut:
    """The same as POST, for links and scripts; without earlier turns."""
    body = QueryBody(
        question=question,
        collection=collection,
        top_k=top_k,
        mode=mode,
        rerank=rerank,
        filters=_parsed(filters),
        min_version=min_version,
        answer=answer,
        min_confidence=min_confidence,
        explain=explain,
        as_of=as_of,
        recency=recency,
        recency_half_life_days=recency_half_life_days,
    )
    return _answer(body, service, metrics)


def _parsed(filters: str | None) -> Json | None:
    try:
        return _FILTERS.validate_json(filters) if filters else None
    except ValidationError as error:
        raise BadInputError(f"filters must be a JSON object: {error.errors()[0]['msg']}") from error


def _answer(body: QueryBody, service: Service, metrics: MetricsOf) -> QueryOut:
    result = service.query(body.to_request())
    metrics.query_done(result.timings_ms, result.abstained)
    return QueryOut.of(result)
