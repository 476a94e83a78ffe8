"""Checking a shadow before it takes over: that it is whole, and that its vectors are what the model makes."""

import random
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import sqlalchemy as sa

from corpus.errors import ReindexError
from corpus.records import DocumentVersion
from corpus.store import text_of, versions_by_number
from corpus.tables import passages, versions
from corpus.types import Span
from index.recipe import Recipe
from index.shadow import HalfVector, built_until, shadow_documents
from index.store import Generation
from index.tables import vectors

_SEED: Final = 0
_SAMPLED_DOCUMENTS = 16
_SAMPLED_PASSAGES = 2  # of each of them
_LOWEST_COSINE = 0.99  # quantised models move a little with the processor and the batch
_LENGTH_TOLERANCE = 0.01  # rounding to 16 bits moves it by a thousandth at most
_BATCH = 2_000

_AGAIN = "; nothing has changed for questions. Begin anew with: pincite reindex --discard, then pincite reindex"


@dataclass(frozen=True, slots=True)
class Validation:
    """What was put in force and checked. `passages` all have a finite vector of length 1 and of the model's dimension.

    `sampled_passages` were split and embedded again; `lowest_cosine` is the least agreement among them, None where
    there was nothing to sample.
    """

    documents: int
    passages: int
    dimension: int
    sampled_documents: int
    sampled_passages: int
    lowest_cosine: float | None


@dataclass(frozen=True, slots=True)
class Sample:
    """The outcome of splitting and embedding a few documents again."""

    documents: int
    passages: int
    lowest_cosine: float | None


def check_sample(connection: sa.Connection, shadow: Generation, recipe: Recipe) -> Sample:
    """Split and embed a few documents again, the same ones each time. Raises ReindexError where they do not agree."""
    # Those that came this moment are not in it yet.
    in_it = versions.c.number <= built_until(connection, shadow.number)
    statement = sa.select(versions.c.number).where(in_it, versions.c.removed_seq.is_(None))
    numbers = connection.scalars(statement).all()
    chosen = random.Random(_SEED).sample(sorted(numbers), min(_SAMPLED_DOCUMENTS, len(numbers)))
    sampled: list[tuple[str, HalfVector]] = []
    for version in versions_by_number(connection, chosen).values():
        sampled += _sampled(connection, shadow.number, recipe, version)
    lowest = _agreement(recipe, sampled) if sampled else None
    if lowest is not None and not lowest >= _LOWEST_COSINE:
        raise ReindexError(
            f"a passage that was embedded again has a vector whose cosine to the stored one is {lowest:.4f}, "
            f"where {_LOWEST_COSINE} is the least{_AGAIN}"
        )
    return Sample(len(chosen), len(sampled), None if lowest is None else round(lowest, 6))


def check_vectors(connection: sa.Connection, shadow: Generation, after: int = 0) -> int:
    """Check what a shadow has of versions in force, from behind the number `after`; returns up to which it has them.

    Raises ReindexError when one of them has a text and no passages, or a vector that cannot be right.
    """
    until = built_until(connection, shadow.number)
    these = (versions.c.number > after, versions.c.number <= until, versions.c.removed_seq.is_(None))
    dimension = int(shadow.fingerprint["dimension"])
    statement = (
        sa.select(passages.c.version, vectors.c.vector, vectors.c.checksum)
        .join(vectors, sa.and_(vectors.c.passage == passages.c.number, vectors.c.generation == shadow.number))
        .join(versions, versions.c.number == passages.c.version)
        .where(passages.c.removed_seq.is_(None), *these)
    )
    found: set[int] = set()
    for batch in connection.execute(statement).partitions(_BATCH):
        if any(len(row.vector) != 2 * dimension or zlib.crc32(row.vector) != row.checksum for row in batch):
            raise ReindexError(f"a stored vector was changed on the disk, or is not of {dimension} numbers{_AGAIN}")
        matrix = np.frombuffer(b"".join(row.vector for row in batch), dtype="<f2").reshape(-1, dimension)
        lengths = np.linalg.norm(matrix.astype(np.float32), axis=1)
        # Written so that what is no number fails.
        if not np.all(np.abs(lengths - 1) <= _LENGTH_TOLERANCE):
            raise ReindexError(f"the model made a vector that is not of length 1 or has no number in it{_AGAIN}")
        found.update(row.version for row in batch)
    for number in connection.scalars(sa.select(versions.c.number).where(*these)).all():
        if number not in found and text_of(connection, number).strip():
            raise ReindexError(f"a document (version {number}) has no passages{_AGAIN}")
    return until


def check_complete(connection: sa.Connection, shadow: Generation) -> None:
    """Raises ReindexError when a document in force is not in a shadow yet."""
    done, total = shadow_documents(connection, shadow.number)
    if done != total:
        raise ReindexError(f"{total - done} of {total} documents are missing{_AGAIN}")


def _sampled(
    connection: sa.Connection, generation: int, recipe: Recipe, version: DocumentVersion
) -> list[tuple[str, HalfVector]]:
    """A few of a version's passages, as they are embedded, with their vectors; the version is split again."""
    text = text_of(connection, version.number)
    spans = recipe.stored_spans(version, text)
    stored = _stored(connection, generation, version.number)
    if set(spans) != set(stored):
        raise ReindexError(
            f"the document {version.title!r} was split into {len(stored)} passages, and into {len(spans)} others when "
            f"it was split again{_AGAIN}"
        )
    chosen = random.Random(_SEED).sample(spans, min(_SAMPLED_PASSAGES, len(spans)))
    return [(recipe.text_to_embed(version, text, span), stored[span]) for span in chosen]


def _agreement(recipe: Recipe, sampled: list[tuple[str, HalfVector]]) -> float:
    """The lowest cosine of a stored vector and one that is made now; no number if one of them has none."""
    again = recipe.embedder.embed_passages([text for text, _ in sampled])
    stored = np.stack([vector for _, vector in sampled]).astype(np.float32)
    return float(np.min(np.sum(again * stored, axis=1)))


def _stored(connection: sa.Connection, generation: int, version: int) -> dict[Span, HalfVector]:
    statement = (
        sa.select(passages.c.start, passages.c.end, vectors.c.vector)
        .join(vectors, sa.and_(vectors.c.passage == passages.c.number, vectors.c.generation == generation))
        .where(passages.c.version == version, passages.c.removed_seq.is_(None))
    )
    return {Span(row.start, row.end): np.frombuffer(row.vector, dtype="<f2") for row in connection.execute(statement)}
