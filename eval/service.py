"""What an evaluation needs from the service that it evaluates."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from corpus.sources import Source
from retrieval.types import QueryRequest, QueryResult


class FileOutcome(Protocol):
    """What became of a source that was given to be ingested."""

    @property
    def path(self) -> str:
        """The name by which the source is reported."""

    @property
    def status(self) -> str:
        """One of added, updated, unchanged, failed."""

    @property
    def reason(self) -> str | None:
        """Why it failed."""


class ServiceStatus(Protocol):
    """How much a home holds, and the models that it was built with."""

    @property
    def documents(self) -> int:
        """How many documents are in force."""

    @property
    def passages(self) -> int:
        """How many passages are in force."""

    @property
    def models(self) -> Mapping[str, Any]:
        """What `models` of a result file shows."""


class EvaluatedService(Protocol):
    """The part of a service that an evaluation needs."""

    def query(self, request: QueryRequest) -> QueryResult:
        """Answer a question."""

    def text(self, document_id: str, version: str | None = None) -> str:
        """Return the canonical text of the current or the named version; raises NotFoundError."""

    def ingest(
        self,
        sources: Iterable[Source],
        collection: str = "default",
        on_result: Callable[[FileOutcome], None] | None = None,
    ) -> Sequence[FileOutcome]:
        """Add the sources; a source that cannot be read is reported and stops nothing."""

    def document_ids(self, collection: str) -> Mapping[str, str]:
        """Return the external id of every document by its id."""

    def status(self) -> ServiceStatus:
        """Tell how much the home holds."""

    def close(self) -> None:
        """Give back what the service holds."""


OpenService = Callable[[Path], EvaluatedService]
