"""Finds a sentence-transformers model: a folder here, a model downloaded before, or one on the hub."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpus.errors import ModelError

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_HUB_SECONDS = 10.0

_Load = Callable[..., Any]


def load_model(source: str, device: str | None, threads: int | None) -> tuple[Any, Path]:
    """The model and the folder that its files are in; `threads` sets torch's threads for the whole process.

    Raises:
        ModelError: sentence-transformers is missing, or there is no such model, or it cannot be loaded.

    """
    load = _loader(source, threads)
    if source and Path(source).is_dir():
        return _load_folder(load, source, device), Path(source)
    if not _HUB_NAME.fullmatch(source):
        raise ModelError(
            f"There is no model {source!r}: it is neither in the catalogue (pincite models list), nor an existing "
            'folder, nor a hub name of the form "owner/name"'
        )
    return _load_from_hub(load, source, device), _downloaded_folder(source)


def _loader(source: str, threads: int | None) -> _Load:
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise ModelError(
            f"The model {source!r} needs sentence-transformers, which is not installed here ({error}). "
            "Get it with: pip install sentence-transformers"
        ) from error
    if threads is not None:
        torch.set_num_threads(threads)
    load: _Load = SentenceTransformer
    return load


def _load_folder(load: _Load, source: str, device: str | None) -> Any:
    try:
        return load(source, device=device, local_files_only=True)
    except Exception as error:  # anything from OSError to KeyError comes up from the libraries below
        raise ModelError(
            f"The folder {source!r} holds no model that sentence-transformers can load: {error}"
        ) from error


def _load_from_hub(load: _Load, source: str, device: str | None) -> Any:
    """What was downloaded before is used without asking the hub: a newer model would not fit the index."""
    try:
        return load(source, device=device, local_files_only=True)
    except Exception:  # not downloaded yet, or not all of it
        return _download(load, source, device)


def _download(load: _Load, source: str, device: str | None) -> Any:
    from huggingface_hub import HfApi

    try:
        # Fails at once where the download would try again for over a minute.
        HfApi().model_info(source, timeout=_HUB_SECONDS)
        return load(source, device=device)
    except Exception as error:
        raise ModelError(
            f"The model {source!r} is neither a folder here nor was it downloaded before, and the model hub does not "
            f"give it: {error}. Check the name and the connection, or give the folder of a copy, or choose a model "
            "from: pincite models list"
        ) from error


def _downloaded_folder(source: str) -> Path:
    from huggingface_hub import try_to_load_from_cache

    for file in ("modules.json", "config.json"):
        path = try_to_load_from_cache(source, file)
        if isinstance(path, str):
            return Path(path).parent
    raise ModelError(f"The downloaded files of {source!r} are gone. Copy the model into a folder and name that")
