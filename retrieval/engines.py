"""The models and readers that a question is answered with."""

from collections.abc import Callable
from dataclasses import dataclass, field

from corpus.errors import NotSetUpError
from index.embedder import Embedder
from index.keeper import Snapshot
from retrieval.answer_strings import PatternReader, Reader
from retrieval.endpoint import ChatEndpoint
from retrieval.reranker import Reranker


@dataclass(frozen=True, slots=True)
class Engines:
    """The models, each loaded when it is first asked for; the embedder must fit the vectors of a snapshot.

    `endpoint` gives None where no endpoint is set.
    """

    embedder: Callable[[Snapshot], Embedder]
    reranker: Callable[[], Reranker]
    endpoint: Callable[[], ChatEndpoint | None] = lambda: None
    reader: Reader = field(default_factory=PatternReader)

    def writer(self) -> ChatEndpoint:
        """The endpoint that writes answers. Raises NotSetUpError where none is set."""
        endpoint = self.endpoint()
        if endpoint is None:
            raise NotSetUpError(
                "a generated answer needs an endpoint: set PINCITE_ENDPOINT_URL and PINCITE_ENDPOINT_MODEL to an "
                "OpenAI-compatible one, or ask for the answer extractive"
            )
        return endpoint
