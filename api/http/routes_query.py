"""Questions."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.http.state import MetricsOf, ServiceOf
from api.schemas import QueryBody, QueryOut
from corpus.errors import BadInputError
from retrieval.service import Service

router = APIRouter(prefix="/v1", tags=["query"])


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
    mode: str = "hybrid",
    rerank: bool | None = None,
    filters: Annotated[str | None, Query(description="A filter as JSON.")] = None,
    min_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
) -> QueryOut:
    """The same as POST, for links and scripts."""
    fields: dict[str, Any] = {"question": question, "collection": collection, "top_k": top_k, "mode": mode}
    fields |= {"rerank": rerank, "filters": _parsed(filters), "min_confidence": min_confidence}
    return _answer(QueryBody.model_validate(fields), service, metrics)


def _parsed(filters: str | None) -> Any:
    try:
        return json.loads(filters) if filters else None
    except ValueError as error:
        raise BadInputError(f"filters must be JSON: {error}") from error


def _answer(body: QueryBody, service: Service, metrics: MetricsOf) -> QueryOut:
    result = service.query(body.to_request())
    metrics.query_done(result.timings_ms, result.abstained)
    return QueryOut.of(result)
