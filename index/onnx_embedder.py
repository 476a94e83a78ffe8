"""Embeds with ONNX Runtime and tokenizers alone: no torch, ready in a fraction of a second."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.errors import ModelError
from corpus.text import canonical
from index.embedder import Fingerprint, FloatMatrix, FloatVector
from index.onnx_transformer import OnnxTransformer
from index.tokens import spans_of

_POOLINGS = ("cls", "mean")


class OnnxEmbedder:
    """The model in `weights`, whose first output has shape (1, tokens, dimension); see `index.embedder.Embedder`.

    `fingerprint` says how to pool ("cls" or "mean"), prompt and truncate. `threads` passages are embedded side by
    side, as many as there are cores when None; vectors do not depend on it.
    """

    def __init__(self, fingerprint: Fingerprint, weights: Path, tokenizer: Path, threads: int | None = None) -> None:
        if fingerprint.pooling not in _POOLINGS:
            raise ModelError(f"The ONNX engine pools by {' or '.join(_POOLINGS)}, not by {fingerprint.pooling!r}")
        self._fingerprint = fingerprint
        self._model = OnnxTransformer(weights, tokenizer, threads)
        self._room = fingerprint.max_tokens - self._model.tokenizer.num_special_tokens_to_add(False)

    @property
    def fingerprint(self) -> Fingerprint:
        """What the vectors depend on."""
        return self._fingerprint

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end (code points) of every token of `text`, without special tokens or a length limit."""
        return spans_of(self._model.tokenizer, text)

    def max_passage_tokens(self) -> int:
        """How many tokens of a passage the model reads, special tokens and passage prompt taken off."""
        return self._room - len(self._model.tokens(self._fingerprint.passage_prompt))

    def embed_question(self, question: str) -> FloatVector:
        """A unit vector of shape (dimension,)."""
        return self._embed(self._fingerprint.question_prompt + question)

    def embed_passages(self, passages: Sequence[str]) -> FloatMatrix:
        """Unit vectors of shape (len(passages), dimension), in the order given; each independent of the others."""
        prompt = self._fingerprint.passage_prompt
        vectors = list(self._model.map(lambda passage: self._embed(prompt + passage), passages))
        return np.array(vectors, np.float32).reshape(len(passages), self._fingerprint.dimension)

    def _embed(self, text: str) -> FloatVector:
        tokens = self._model.tokens(canonical(text))
        tokens.truncate(self._room)
        return _unit(self._pooled(self._model.run(tokens)))

    def _pooled(self, hidden: npt.NDArray[np.float32]) -> FloatVector:
        pooled: FloatVector = hidden[0] if self._fingerprint.pooling == "cls" else hidden.mean(axis=0)
        return pooled


def _unit(vector: FloatVector) -> FloatVector:
    unit: FloatVector = vector / np.linalg.norm(vector)
    return unit
