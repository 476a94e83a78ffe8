"""Checks the models of the catalogue: their files, and what they compute."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.errors import ModelError
from index.models.catalogue import CatalogueModel, models_named
from index.models.files import verified_folder
from index.models.golden import check_reranker
from index.onnx_transformer import OnnxTransformer
from index.open_embedder import open_embedder


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What the check of one model found: `problem` is None when all is well, else says what to do."""

    name: str
    problem: str | None


def verify(names: Sequence[str] = ()) -> list[ModelCheck]:
    """Reads every file of these models, all when none is named, compares the hashes, and compares known outputs.

    Raises:
        ModelError: a name is not in the catalogue; what is wrong with a model is in its `ModelCheck`.

    """
    return [ModelCheck(model.name, _problem(model)) for model in models_named(names)]


def _problem(model: CatalogueModel) -> str | None:
    try:
        if model.role == "embedder":
            open_embedder(model.name, threads=1)
        else:
            _check_reranker(model)
    except ModelError as error:
        return str(error)
    return None


def _check_reranker(model: CatalogueModel) -> None:
    folder = verified_folder(model)
    transformer = OnnxTransformer(folder / model.weights.path, folder / "tokenizer.json", threads=1)

    def score(question: str, texts: Sequence[str]) -> list[float]:
        tokens = transformer.tokens(question)
        return [float(transformer.run(tokens, transformer.tokens(text))[0]) for text in texts]

    check_reranker(model.name, score)
