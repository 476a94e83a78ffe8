"""The files of a vector segment: rows, vectors, and for a large one its approximate index.

Rows and vectors are mapped into memory, not read: processes share them, and a home opens at once.
"""

import os
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import DamagedError
from corpus.files import sync_file, sync_folder
from index.exact_engine import ExactEngine
from index.ivf_engine import IvfEngine, Part, make_index
from index.segments import Engine, Segment, joined
from index.vectors import HalfMatrix, Numbers, Rows

_COPIED_AT_ONCE = 16_384


def file_names(name: str) -> tuple[str, ...]:
    """The files that a segment may have; the last one only a large segment has."""
    return f"{name}.rows.npy", f"{name}.vectors.npy", f"{name}.ivf"


def write_segment(
    folder: Path, parts: Sequence[Segment], approximate_rows: int, trained: Sequence[Segment] = ()
) -> Segment:
    """One segment of the rows in force of all parts, as new files that are on the disk when this returns.

    From `approximate_rows` on it has an approximate index, which may take over the training of other segments. Raises
    OSError when they cannot be written; nothing is left behind then.
    """
    name = uuid.uuid4().hex[:16]
    try:
        order = _order(parts)
        vectors = _write_rows(folder, name, parts, order)
        if len(vectors) >= approximate_rows:
            engines = [segment.engine.index for segment in trained if isinstance(segment.engine, IvfEngine)]
            _write_index(folder / file_names(name)[2], make_index(vectors, _former(parts, order), engines))
        sync_folder(folder)
        return read_segment(folder, name)
    except BaseException:
        for file in file_names(name):
            (folder / file).unlink(missing_ok=True)
        raise


def read_segment(folder: Path, name: str) -> Segment:
    """A segment from its files, without tombstones. Raises DamagedError."""
    rows_file, vectors_file, index_file = (folder / file for file in file_names(name))
    try:
        vectors = _mapped(vectors_file)
        rows = _rows(_mapped(rows_file), vectors)
        engine = _engine(index_file, vectors)
    except (OSError, ValueError, RuntimeError) as error:
        raise DamagedError(f"the vector segment {name} in {folder} cannot be read: {error}") from error
    return Segment(rows, engine, np.ones(len(vectors), dtype=np.bool_), name)


def _rows(columns: Numbers, vectors: HalfMatrix) -> Rows:
    if columns.shape != (3, len(vectors)):
        raise ValueError(f"rows of shape {columns.shape} for {len(vectors)} vectors")
    return Rows(columns[0], columns[1], columns[2], vectors)


def _engine(index_file: Path, vectors: HalfMatrix) -> Engine:
    if not index_file.exists():
        return ExactEngine(vectors)
    import faiss

    index = faiss.read_index(str(index_file), faiss.IO_FLAG_MMAP_IFC)
    if (index.ntotal, index.d) != vectors.shape:
        raise ValueError(f"an index over {index.ntotal} vectors for {len(vectors)}")
    return IvfEngine(index, vectors)


def _order(parts: Sequence[Segment]) -> tuple[Numbers, Numbers]:
    """For each row to be written, by passage: its part, and its row there."""
    rows = [np.flatnonzero(part.alive) for part in parts]
    passages = np.concatenate([part.rows.passages[kept] for part, kept in zip(parts, rows, strict=True)])
    order = np.argsort(passages, kind="stable")
    of_part = np.repeat(np.arange(len(parts)), [len(kept) for kept in rows])
    return of_part[order], np.concatenate(rows)[order]


def _write_rows(folder: Path, name: str, parts: Sequence[Segment], order: tuple[Numbers, Numbers]) -> HalfMatrix:
    """Write rows and vectors; returns the vectors as they are mapped from their file."""
    count, dimension = len(order[0]), parts[0].rows.vectors.shape[1]
    rows_file, vectors_file, _ = (folder / file for file in file_names(name))
    columns: list[Numbers] = []
    # Not through a mapping: a full disk would end the process instead of raising an error.
    with vectors_file.open("xb") as stream:
        header = {"descr": "<f2", "fortran_order": False, "shape": (count, dimension)}
        np.lib.format.write_array_header_1_0(stream, header)
        for rows in _copied(parts, order):
            stream.write(rows.vectors.tobytes())
            columns.append(np.stack([rows.passages, rows.documents, rows.collections]))
        stream.flush()
        os.fsync(stream.fileno())
    with rows_file.open("xb") as stream:
        np.save(stream, np.concatenate(columns, axis=1), allow_pickle=False)
        stream.flush()
        os.fsync(stream.fileno())
    vectors: HalfMatrix = _mapped(vectors_file)
    return vectors


def _mapped(path: Path) -> Any:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _copied(parts: Sequence[Segment], order: tuple[Numbers, Numbers]) -> Iterator[Rows]:
    """The rows to be written in their order, some at a time."""
    of_part, source = order
    for start in range(0, len(of_part), _COPIED_AT_ONCE):
        chunk = slice(start, start + _COPIED_AT_ONCE)
        numbers = np.unique(of_part[chunk])
        yield joined([parts[number].rows.take(source[chunk][of_part[chunk] == number]) for number in numbers])


def _former(parts: Sequence[Segment], order: tuple[Numbers, Numbers]) -> list[Part]:
    """The approximate indexes of the parts, and where their rows are now."""
    of_part, source = order
    found = []
    for number, part in enumerate(parts):
        if isinstance(part.engine, IvfEngine):
            here = np.flatnonzero(of_part == number)
            new_rows = np.full(len(part.rows), -1, dtype=np.int64)
            new_rows[source[here]] = here
            found.append(Part(part.engine.index, new_rows))
    return found


def _write_index(path: Path, index: Any) -> None:
    import faiss

    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:  # a full disk is one
        raise OSError(f"{path} cannot be written: {error}") from error
    sync_file(path)
