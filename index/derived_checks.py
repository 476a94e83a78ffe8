"""Checks of the derived indexes: their files, and what they hold against the store."""

import hashlib
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from corpus.checks import Tally
from corpus.errors import DamagedError
from corpus.passages import in_force, passages_by_number
from corpus.store import text_of, versions_by_number
from corpus.tables import passages, purged_passages
from index.embedder import Embedder
from index.keeper import Snapshot
from index.manifest import MANIFEST, Manifest, check_file, read_manifest
from index.recipe import passage_text
from index.store import rows_added, word_entries
from index.tantivy_words import ANALYZER
from index.vectors import Numbers, Rows, rounded
from index.word_files import check_files, read_note

Hashes = npt.NDArray[np.uint64]

# Passages that are embedded again, and how near the result has to come: int8 models move with what they are batched
# with (benchmarks/results.md); a vector of other words is much further away.
SAMPLE: Final = 256
NEAREST: Final = 0.99

_SEED = 20
_NAMED = 10


def check_word_files(folder: Path, store_id: str, tally: Tally) -> None:
    """Every file of the word index against its CRC-32, and the note of what it was made from."""
    tally.count(check_files(folder, None))
    note = read_note(folder)
    if (note.store_id, note.analyzer) != (store_id, ANALYZER):
        tally.problem(f"{folder} was made from another store or by another analyzer")


def check_words(connection: sa.Connection, snapshot: Snapshot, deep: bool, tally: Tally) -> None:
    """The passages in the word index; if `deep`, that each is found by every one of its words."""
    held = snapshot.words.passages()
    _compare(connection, snapshot.seq, held, tally)
    if deep:
        lost = [
            entry.passage
            for entry in word_entries(connection, 0, snapshot.seq)
            if not tally.passes(snapshot.words.holds(entry))
        ]
        if lost:
            tally.problem(f"{len(lost)} passages are not found by their words: {_listed(lost)}")


def check_vector_files(folder: Path, store_id: str, tally: Tally) -> None:
    """Every file of the vector index against its SHA-256; notes files that it does not name."""
    for generation in sorted(path for path in folder.glob("*") if path.is_dir()):
        _check_generation(generation, store_id, tally)


def _check_generation(folder: Path, store_id: str, tally: Tally) -> None:
    while (manifest := read_manifest(folder)) is not None:
        problems = list(_changed_files(folder, manifest))
        if read_manifest(folder) == manifest:
            break  # otherwise a writer has replaced the files while they were read
    if manifest is None:
        tally.note(f"{folder} has no manifest: its vectors are read from the store")
        return
    tally.count(len(manifest.files))
    for problem in problems:
        tally.problem(problem)
    if (manifest.store_id, str(manifest.generation)) != (store_id, folder.name):
        tally.problem(f"{folder} was made from another store or generation")
    left = [path for path in folder.iterdir() if path.name not in {MANIFEST, *manifest.files}]
    if left:
        tally.note(f"{len(left)} files in {folder} belong to no manifest")


def check_vectors(connection: sa.Connection, snapshot: Snapshot, deep: bool, tally: Tally) -> None:
    """The passages in the vector index; if `deep`, their vectors, documents and collections, bit for bit."""
    numbers = np.concatenate([np.empty(0, np.int64), *(rows.passages for rows in snapshot.vectors.rows_in_force())])
    _compare(connection, snapshot.seq, numbers, tally)
    if deep and snapshot.generation is not None:
        ours = _hashes(snapshot.vectors.rows_in_force(), tally)
        stored = _hashes(rows_added(connection, snapshot.generation.number, 0, snapshot.seq), tally)
        different = [number for number, value in stored.items() if ours.get(number, value) != value]
        if different:
            tally.problem(f"{len(different)} vectors are not those of the store: {_listed(different)}")


def check_embeddings(connection: sa.Connection, snapshot: Snapshot, embedder: Embedder, tally: Tally) -> None:
    """A sample of passages embedded again, against their stored vectors."""
    if snapshot.generation is None:
        return
    numbers = _in_force(connection, passages, snapshot.seq).tolist()
    sample = sorted(random.Random(_SEED).sample(numbers, min(SAMPLE, len(numbers))))
    found = passages_by_number(connection, sample, snapshot.seq)
    versions = versions_by_number(connection, {passage.version for passage in found.values()})
    tally.note(f"{len(sample)} of {len(numbers)} passages were embedded again")
    for number in sample:
        passage = found[number]
        version, text = versions[passage.version], text_of(connection, passage.version)
        embedded = passage_text(version, text, passage.span, snapshot.generation.passage_size)
        again = rounded(embedder.embed_passages([embedded]))[0].astype(np.float32)
        cosine = snapshot.vectors.scores(again / np.linalg.norm(again), [number]).get(number, 0.0)
        if not tally.passes(cosine >= NEAREST):
            tally.problem(
                f"{version.title!r}: the vector of passage {passage.id!r} is not that of its text ({cosine:.3f})"
            )


def _in_force(connection: sa.Connection, table: sa.Table, seq: int) -> Numbers:
    wanted = sa.select(table.c.number).where(*in_force(table, seq))
    return np.array(connection.scalars(wanted).all(), dtype=np.int64)


def _compare(connection: sa.Connection, seq: int, held: Numbers, tally: Tally) -> None:
    stored = _in_force(connection, passages, seq)
    # What was purged after the snapshot was taken is in it, and in the store no more.
    known = np.concatenate([stored, _in_force(connection, purged_passages, seq)])
    tally.count(len(stored))
    for what, numbers in (
        ("are missing", np.setdiff1d(stored, held)),
        ("are not in force", np.setdiff1d(held, known)),
    ):
        if len(numbers):
            tally.problem(f"{len(numbers)} passages {what}: {_listed(numbers.tolist())}")
    if len(held) != len(np.unique(held)):
        tally.problem(f"{len(held) - len(np.unique(held))} passages are there twice")


def _hashes(batches: Iterator[Rows], tally: Tally) -> Mapping[int, int]:
    """A hash of each passage's document, collection and vector."""
    found: dict[int, int] = {}
    for rows in batches:
        tally.count(len(rows))
        columns = zip(rows.passages.tolist(), rows.documents.tolist(), rows.collections.tolist(), strict=True)
        for position, (number, document, collection) in enumerate(columns):
            data = rows.vectors[position].astype("<f2").tobytes() + f"{document} {collection}".encode()
            found[number] = int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
    return found


def _changed_files(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name, entry in manifest.files.items():
        try:
            check_file(folder, name, entry, hashed=True)
        except DamagedError as error:
            yield str(error)


def _listed(numbers: list[int]) -> str:
    more = ", ..." if len(numbers) > _NAMED else ""
    return ", ".join(map(str, numbers[:_NAMED])) + more
