"""Embeds with sentence-transformers: any of its models, from a folder or a hub, on CPU or GPU."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from corpus.errors import ModelError
from corpus.text import canonical
from index.embedder import Fingerprint, FloatMatrix, FloatVector
from index.models.files import sha256_of
from index.tokens import spans_of, without_limits
from index.torch_loading import load_model

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_WEIGHTS = ("*.safetensors", "*.bin")
_PRECISIONS = {"torch.float32": "fp32", "torch.float16": "fp16", "torch.bfloat16": "bf16"}
# Where models keep the prompt of passages. sentence-transformers itself fills in an empty "document" and so
# overlooks the others; here the first that is not empty counts.
_PASSAGE_PROMPTS = ("document", "passage", "corpus")
_BATCH = 16
# Tokenizers that know of no limit say 10**30.
_NO_LIMIT = 10**6


class TorchEmbedder:
    """The model in a folder, or on a hub under "owner/name"; see `index.embedder.Embedder`.

    `name` is what the fingerprint calls it: by default the folder's own name, so that a model may be moved, or the
    hub name. `device` None takes a GPU when there is one. `threads` sets torch's threads for the whole process.
    """

    def __init__(
        self, source: str, *, name: str | None = None, device: str | None = None, threads: int | None = None
    ) -> None:
        self._model, folder = load_model(source, device, threads)
        self._tokenizer = _own_tokenizer(self._model, source)
        self._fingerprint = _fingerprint(self._model, folder, name or _default_name(source))
        # Every call of sentence-transformers sets padding and truncation of one shared tokenizer.
        self._lock = Lock()

    @property
    def fingerprint(self) -> Fingerprint:
        """What the vectors depend on."""
        return self._fingerprint

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Start and end (code points) of every token of `text`, without special tokens or a length limit."""
        return spans_of(self._tokenizer, text)

    def max_passage_tokens(self) -> int:
        """How many tokens of a passage the model reads, special tokens and passage prompt taken off."""
        special = self._tokenizer.num_special_tokens_to_add(False)
        return self._fingerprint.max_tokens - special - len(self.token_spans(self._fingerprint.passage_prompt))

    def embed_question(self, question: str) -> FloatVector:
        """A unit vector of shape (dimension,)."""
        vectors = self._encode(self._model.encode_query, [question], self._fingerprint.question_prompt)
        return vectors.reshape(self._fingerprint.dimension)

    def embed_passages(self, passages: Sequence[str]) -> FloatMatrix:
        """Unit vectors of shape (len(passages), dimension), in the order given.

        Batches are made by a fixed rule (by length, then sixteen at a time): the same passages give the same bits.
        """
        vectors = self._encode(self._model.encode_document, passages, self._fingerprint.passage_prompt)
        return vectors.reshape(len(passages), self._fingerprint.dimension)

    def _encode(self, encode: Any, texts: Sequence[str], prompt: str) -> FloatMatrix:
        with self._lock:
            vectors = encode(
                [canonical(text) for text in texts],
                prompt=prompt,
                batch_size=_BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, dtype=np.float32)


def _own_tokenizer(model: Any, source: str) -> "Tokenizer":
    """A copy of the model's tokenizer, whose own truncation and padding change with every call."""
    from tokenizers import Tokenizer

    backend = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
    if not isinstance(backend, Tokenizer):
        raise ModelError(
            f"The model {source!r} has no fast tokenizer (tokenizer.json), so that its tokens cannot be located in "
            "the text. Use a model that has one"
        )
    return without_limits(Tokenizer.from_str(backend.to_str()))


def _default_name(source: str) -> str:
    folder = Path(source)
    return folder.resolve().name if folder.is_dir() else source


def _fingerprint(model: Any, folder: Path, name: str) -> Fingerprint:
    prompts = model.prompts
    return Fingerprint(
        name=name,
        digest=_weights_digest(folder),
        dimension=model.get_embedding_dimension(),
        pooling=_pooling(model),
        question_prompt=prompts.get("query", ""),
        passage_prompt=next((prompts[key] for key in _PASSAGE_PROMPTS if prompts.get(key)), ""),
        max_tokens=_max_tokens(model, name),
        precision=_PRECISIONS.get(str(model.dtype), str(model.dtype)),
    )


def _weights_digest(folder: Path) -> str:
    """The SHA-256 of the weights; that of the list of digests when they are spread over several files."""
    paths = sorted({path for pattern in _WEIGHTS for path in folder.rglob(pattern)})
    digests = {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}
    if len(digests) == 1:
        return next(iter(digests.values()))
    listing = "".join(f"{digest}  {path}\n" for path, digest in digests.items())
    return hashlib.sha256(listing.encode()).hexdigest()


def _pooling(model: Any) -> str:
    modes = [module.pooling_mode for module in model if hasattr(module, "pooling_mode")]
    return "+".join(mode if isinstance(mode, str) else "+".join(mode) for mode in modes) or "none"


def _max_tokens(model: Any, name: str) -> int:
    limit = model.max_seq_length
    if limit is None or limit > _NO_LIMIT:
        raise ModelError(
            f"The model {name!r} states no maximum length: set max_seq_length in its sentence_bert_config.json"
        )
    return int(limit)
