"""Reranks with ONNX Runtime and tokenizers: one pair at a time on every core."""

from collections.abc import Sequence
from pathlib import Path

from corpus.errors import ModelError
from corpus.text import canonical
from index.models.catalogue import CATALOGUE, find_model
from index.models.files import verified_folder
from index.models.golden import check_reranker
from index.onnx_transformer import OnnxTransformer
from retrieval.reranker import RerankerFingerprint


class OnnxReranker:
    """The cross-encoder in `weights`, whose first output has shape (1, 1); see `retrieval.reranker.Reranker`.

    A text too long for the model loses its end. A question keeps at most half of the room, so that there is always
    room for text. `threads` pairs are scored side by side, as many as there are cores when None.
    """

    def __init__(
        self, fingerprint: RerankerFingerprint, weights: Path, tokenizer: Path, threads: int | None = None
    ) -> None:
        self._fingerprint = fingerprint
        self._model = OnnxTransformer(weights, tokenizer, threads)
        self._room = fingerprint.max_tokens - self._model.tokenizer.num_special_tokens_to_add(True)

    @property
    def fingerprint(self) -> RerankerFingerprint:
        """What the logits depend on."""
        return self._fingerprint

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """A logit per text, in the order given, higher for better answers; none depends on the other texts."""
        first = self._model.tokens(canonical(question))
        first.truncate(self._room // 2)

        def logit(text: str) -> float:
            second = self._model.tokens(canonical(text))
            second.truncate(self._room - len(first))
            return float(self._model.run(first, second)[0])

        return list(self._model.map(logit, texts))


def open_reranker(name: str, threads: int | None = None) -> OnnxReranker:
    """The reranker of the catalogue called `name`, when its files and what it computes are right.

    Raises:
        ModelError: the model is unknown, missing, altered, or computes something else on this machine.

    """
    model = find_model(name)
    fingerprint = known_fingerprint(name)
    if model is None or fingerprint is None:
        known = ", ".join(known.name for known in CATALOGUE if known.role == "reranker")
        raise ModelError(f"There is no reranker {name!r}. There are: {known}")
    folder = verified_folder(model)
    reranker = OnnxReranker(fingerprint, folder / model.weights.path, folder / "tokenizer.json", threads)
    check_reranker(name, reranker.score)
    return reranker


def known_fingerprint(name: str) -> RerankerFingerprint | None:
    """The fingerprint of the reranker called `name`, without loading it; None when there is none of that name."""
    model = find_model(name)
    if model is None or model.role != "reranker":
        return None
    return RerankerFingerprint(name, model.weights.sha256, model.max_tokens, model.precision)
