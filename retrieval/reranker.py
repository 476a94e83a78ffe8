"""What a reranking engine must do. Implementation: `onnx_reranker`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RerankerFingerprint:
    """Everything that changes a logit; profiles and calibrations hold for one fingerprint.

    `digest` is the SHA-256 of the weights.
    """

    name: str
    digest: str
    max_tokens: int
    precision: str

    def as_dict(self) -> dict[str, str | int]:
        """The fields as a JSON object."""
        return asdict(self)


class Reranker(Protocol):
    """A cross-encoder: it reads the question and a text together."""

    @property
    def fingerprint(self) -> RerankerFingerprint:
        """What the logits depend on."""

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """A logit per text, in the order given, higher for better answers; none depends on the other texts."""
