"""Health, readiness, metrics, status and jobs."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from api.http.state import MetricsOf, ServiceOf
from api.schemas import JobOut, StatusOut

router = APIRouter(tags=["system"])


@router.get("/healthz")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readiness(service: ServiceOf) -> dict[str, str | int]:
    """The index is open and the models are loaded."""
    service.warm_up()
    return {"status": "ready", "index_version": service.library.snapshot().seq}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(figures: MetricsOf) -> Response:
    """Figures for Prometheus."""
    return Response(figures.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/v1/status")
def status(service: ServiceOf) -> StatusOut:
    """What the home holds and which models it uses."""
    return StatusOut.model_validate(service.status())


@router.get("/v1/jobs/{job_id}")
def job(job_id: str, service: ServiceOf) -> JobOut:
    """How far an ingestion is and what became of its files."""
    return JobOut.model_validate(service.uploads.job(job_id))
