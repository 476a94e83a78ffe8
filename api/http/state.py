"""What routes find in the application: the service and the metrics."""

from typing import Annotated

from fastapi import Depends, Request

from api.http.metrics import Metrics
from retrieval.service import Service


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


ServiceOf = Annotated[Service, Depends(_service)]
MetricsOf = Annotated[Metrics, Depends(_metrics)]
