"""What an embedding engine must do. Implementations: `onnx_embedder`, `torch_embedder`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatMatrix = npt.NDArray[np.float32]
FloatVector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Everything that changes a vector; vectors of different fingerprints are never compared.

    `digest` is the SHA-256 of the weights; `precision` is for instance "int8" or "fp32".
    """

    name: str
    digest: str
    dimension: int
    pooling: str
    question_prompt: str
    passage_prompt: str
    max_tokens: int
    precision: str

    def as_dict(self) -> dict[str, str | int]:
        """The fields as a JSON object."""
        return asdict(self)


class Embedder(Protocol):
    """Turns questions and passages into unit vectors.

    Questions and passages are different calls because models give them different prompts.
    """

    @property
    def fingerprint(self) -> Fingerprint:
        """What the vectors depend on."""

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end (code points) of every token of `text`, without special tokens or a length limit."""

    def max_passage_tokens(self) -> int:
        """How many tokens of a passage the model reads, special tokens and passage prompt taken off."""

    def embed_question(self, question: str) -> FloatVector:
        """A unit vector of shape (dimension,)."""

    def embed_passages(self, passages: Sequence[str]) -> FloatMatrix:
        """Unit vectors of shape (len(passages), dimension), in the order given."""
