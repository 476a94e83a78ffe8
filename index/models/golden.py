"""Known outputs of the catalogue's models: a last check that a model computes what it should on this machine.

Right files are not enough: quantised weights that use the full range of a byte can overflow on x86 processors without
VNNI instructions, and a changed library may tokenise or pool in another way. `golden.json` holds what the pinned files
gave on an x86 processor with VNNI: vectors (times 10,000) of `QUESTION` and `PASSAGES[0]`, and logits of the
question with each of `PASSAGES`.
"""

import json
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

import numpy as np

from corpus.errors import ModelError
from index.embedder import Embedder, FloatVector

QUESTION = "How many people live in Berlin?"
PASSAGES = (
    "Berlin, the capital of Germany, has about 3.7 million inhabitants.",
    "Berlin lies on the river Spree and is known for its museums.",
    "Yeast makes bread dough rise.",
)

# int8 arithmetic rounds differently from processor to processor; a wrong tokenizer or pooling ends far below.
MIN_COSINE = 0.99
MAX_LOGIT_DIFFERENCE = 0.5

PairScores = Callable[[str, Sequence[str]], Sequence[float]]


def check_embedder(embedder: Embedder) -> None:
    """Compares the vectors of `embedder`, a model of the catalogue, with the known ones.

    Raises:
        ModelError: the cosine of one is below `MIN_COSINE`.

    """
    name = embedder.fingerprint.name
    known = _golden()[name]
    pairs = {
        "question": embedder.embed_question(QUESTION),
        "passage": embedder.embed_passages(PASSAGES[:1])[0],
    }
    for role, vector in pairs.items():
        cosine = _cosine(vector, np.array(known[role], np.float32))
        # Not "<": a broken model may give NaN.
        if not cosine >= MIN_COSINE:
            raise _refusal(name, f"the vector of a known {role} has a cosine of {cosine:.4f} to what it should be")


def check_reranker(name: str, score: PairScores) -> None:
    """Compares the logits of `score` for a reranker of the catalogue with the known ones.

    Raises:
        ModelError: one differs by more than `MAX_LOGIT_DIFFERENCE`.

    """
    known = _golden()[name]["logits"]
    logits = score(QUESTION, PASSAGES)
    for logit, right in zip(logits, known, strict=True):
        if not abs(logit - right) <= MAX_LOGIT_DIFFERENCE:
            raise _refusal(name, f"it gives a known pair the logit {logit:.3f} instead of {right:.3f}")


def _refusal(name: str, finding: str) -> ModelError:
    return ModelError(
        f"The model {name!r} is refused: its files are right, but {finding} on this machine. "
        "Quantised models can overflow on processors without VNNI instructions; another cause is a version of "
        "onnxruntime or tokenizers that Pincite was not tested with. Choose another model or switch this one off"
    )


def _cosine(left: FloatVector, right: FloatVector) -> float:
    return float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))


@cache
def _golden() -> dict[str, dict[str, list[float]]]:
    outputs: dict[str, dict[str, list[float]]] = json.loads(
        files("index.models").joinpath("golden.json").read_text("utf-8")
    )
    return outputs
