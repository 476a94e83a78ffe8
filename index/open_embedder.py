"""From a model's name to the engine that runs it."""

from pathlib import Path

from corpus.errors import ModelError
from index.embedder import Embedder
from index.models.catalogue import CatalogueModel, find_model
from index.models.files import verified_folder
from index.models.golden import check_embedder


def open_embedder(name: str, threads: int | None = None) -> Embedder:
    """The embedder called `name`: one of the catalogue, the path of a folder, or a hub name "owner/name".

    A model of the catalogue is used only when its files have the right hashes and it computes what it should. `threads`
    is how many cores to use, all that the process may use when None. There is no fallback to another model.

    Raises:
        ModelError: the model is missing, altered, not an embedder, or cannot be loaded.

    """
    model = find_model(name)
    if model is None:
        return _torch(name, None, threads)
    if model.role != "embedder":
        raise ModelError(f"{name!r} is a {model.role}, not an embedder")
    embedder = _open(model, threads)
    check_embedder(embedder)
    return embedder


def lasting_name(name: str) -> str:
    """A name by which the same model is opened from any working directory: the whole path of a folder."""
    is_folder = find_model(name) is None and Path(name).is_dir()
    return str(Path(name).resolve()) if is_folder else name


def _open(model: CatalogueModel, threads: int | None) -> Embedder:
    folder = verified_folder(model)
    if model.fingerprint is None:
        return _torch(str(folder), model.name, threads)
    from index.onnx_embedder import OnnxEmbedder

    return OnnxEmbedder(model.fingerprint, folder / model.weights.path, folder / "tokenizer.json", threads=threads)


def _torch(source: str, name: str | None, threads: int | None) -> Embedder:
    from index.torch_embedder import TorchEmbedder

    return TorchEmbedder(source, name=name, threads=threads)
