"""Keeping a FAISS vector index in files: one for the rows and one for the FAISS index of each segment."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import DamagedError
from corpus.files import write_durably
from index.faiss_vectors import FaissVectors, Segment
from index.manifest import FileEntry, Manifest, entry_of, read_file, read_manifest, write_manifest
from index.vectors import Rows

_REMOVED = "removed.npy"


def save_vectors(
    folder: Path, vectors: FaissVectors, store_id: str, generation: int, seq: int, *, trust_files: bool = True
) -> None:
    """Write what the folder does not hold yet, or everything if its files cannot be trusted, then the manifest.

    Call it with the write lock held: files that the manifest does not name are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = _known_files(folder, store_id, generation) if trust_files else {}
    files: dict[str, FileEntry] = {}
    for segment in vectors.segments:
        for name, content in (
            (f"{segment.name}.rows.npz", _pack_rows),
            (f"{segment.name}.faiss", _pack_engine),
        ):
            files[name] = known.get(name) or _write(folder, name, content(segment))
    removed = f"{seq}.{_REMOVED}"
    files[removed] = _write(folder, removed, _pack_array(vectors.removed()))
    write_manifest(folder, Manifest(store_id, generation, seq, len(vectors), files))


def load_vectors(folder: Path, store_id: str, generation: int) -> tuple[FaissVectors, int] | None:
    """The index and the `seq` it stands at; None where there is none of this store and generation.

    Raises DamagedError when a file is missing or altered.
    """
    manifest = read_manifest(folder)
    if manifest is None or (manifest.store_id, manifest.generation) != (store_id, generation):
        return None
    try:
        return _load(folder, manifest), manifest.seq
    except DamagedError:
        if read_manifest(folder) == manifest:
            raise
    return load_vectors(folder, store_id, generation)  # a writer replaced the files while they were read


def _load(folder: Path, manifest: Manifest) -> FaissVectors:
    content = {name: read_file(folder, name, entry) for name, entry in manifest.files.items()}
    try:
        removed = next(_unpack_array(data) for name, data in content.items() if name.endswith(_REMOVED))
        names = [name.removesuffix(".faiss") for name in content if name.endswith(".faiss")]
        segments = [_unpack(content[f"{name}.rows.npz"], content[f"{name}.faiss"], removed) for name in names]
    except (StopIteration, KeyError, ValueError, RuntimeError) as error:
        raise DamagedError(f"the vector files in {folder} do not fit together: {error!r}") from error
    return FaissVectors(segments)


def _known_files(folder: Path, store_id: str, generation: int) -> dict[str, FileEntry]:
    """Segment files that are there already and need not be written again."""
    try:
        manifest = read_manifest(folder)
    except DamagedError:
        return {}
    if manifest is None or (manifest.store_id, manifest.generation) != (store_id, generation):
        return {}
    there = {name: entry for name, entry in manifest.files.items() if (folder / name).exists()}
    return {name: entry for name, entry in there.items() if (folder / name).stat().st_size == entry.size}


def _write(folder: Path, name: str, data: bytes) -> FileEntry:
    write_durably(folder / name, data)
    return entry_of(data)


def _pack_rows(segment: Segment) -> bytes:
    stream = io.BytesIO()
    rows = segment.rows
    np.savez(
        stream,
        passages=rows.passages,
        documents=rows.documents,
        collections=rows.collections,
        vectors=rows.vectors,
    )
    return stream.getvalue()


def _pack_engine(segment: Segment) -> bytes:
    import faiss

    data: bytes = faiss.serialize_index(segment.engine).tobytes()
    return data


def _pack_array(array: np.ndarray[Any, Any]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def _unpack_array(data: bytes) -> np.ndarray[Any, Any]:
    array: np.ndarray[Any, Any] = np.load(io.BytesIO(data), allow_pickle=False)
    return array


def _unpack(rows: bytes, engine: bytes, removed: np.ndarray[Any, Any]) -> Segment:
    import faiss

    with np.load(io.BytesIO(rows), allow_pickle=False) as columns:
        loaded = Rows(columns["passages"], columns["documents"], columns["collections"], columns["vectors"])
    index = faiss.deserialize_index(np.frombuffer(engine, dtype=np.uint8))
    if index.ntotal != len(loaded):
        raise ValueError(f"{index.ntotal} vectors for {len(loaded)} passages")
    return Segment(loaded, index, ~np.isin(loaded.passages, removed))
