"""Figures for Prometheus."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from retrieval.service import Service

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The figures of one application."""

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_StoreFigures(service))
        self._requests = Counter(
            "pincite_http_requests", "Requests answered.", ["method", "status"], registry=self._registry
        )
        self._stages = Histogram(
            "pincite_query_stage_seconds",
            "Time of each stage of a question.",
            ["stage"],
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._queries = Counter(
            "pincite_queries", "Questions answered or declined.", ["outcome"], registry=self._registry
        )

    def request_done(self, method: str, status: int) -> None:
        """Count a request; names of methods are the client's choice, so those that nobody has heard of are one."""
        self._requests.labels(method if method in _METHODS else "other", str(status)).inc()

    def query_done(self, timings_ms: Mapping[str, float], abstained: bool) -> None:
        """Count a question and its stages."""
        self._queries.labels("abstained" if abstained else "answered").inc()
        for stage, milliseconds in timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)


class _StoreFigures(Collector):
    """Read from the store when they are asked for."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> list[GaugeMetricFamily]:
        """Documents, passages and the state they were counted at."""
        documents, passages, seq = self._service.library.counts()
        return [
            GaugeMetricFamily("pincite_documents", "Documents in force.", value=documents),
            GaugeMetricFamily("pincite_passages", "Passages in force.", value=passages),
            GaugeMetricFamily("pincite_index_version", "The newest published state.", value=seq),
        ]

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is read when the collector is registered."""
        return []
