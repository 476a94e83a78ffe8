"""Reading and writing generations and vectors, and the changes from which the derived indexes are made."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from corpus.database import current_seq
from corpus.errors import DamagedError
from corpus.passages import chunks, in_force
from corpus.purged import passages_of
from corpus.records import now
from corpus.store import text_of, versions_by_number
from corpus.tables import documents, passages, purged_passages
from corpus.types import section_at
from index.embedding_text import table_header
from index.recipe import Recipe
from index.tables import generations, vectors
from index.vectors import HalfMatrix, Rows
from index.words import WordEntry

_BATCH = 2_000  # passages read at a time, to bound memory


@dataclass(frozen=True, slots=True)
class Generation:
    """A set of vectors made by one model from passages of one size; `fingerprint` and `passage_size` are JSON.

    `model` is what the model is opened by (see `index.open_embedder`).
    """

    number: int
    fingerprint: dict[str, str | int]
    passage_size: dict[str, int]
    model: str


def generation_at(connection: sa.Connection, seq: int) -> Generation | None:
    """The generation that answers questions at the state `seq`; None in a home that holds nothing yet."""
    found = generations_until(connection, seq)
    return found[0] if found else None


def generations_until(connection: sa.Connection, seq: int) -> list[Generation]:
    """All generations that came into force up to `seq`, the newest first.

    Their vectors are in the store until they are compacted away. A rollback needs those of the first two.
    """
    statement = sa.select(generations).where(generations.c.added_seq <= seq)
    return [generation_of(row) for row in connection.execute(statement.order_by(generations.c.added_seq.desc()))]


def generation_of(row: Any) -> Generation:
    """The generation of a row of the table. Raises DamagedError when it makes no sense."""
    try:
        fingerprint = json.loads(row.fingerprint)
        return Generation(row.number, fingerprint, json.loads(row.passage_size), row.model or fingerprint["name"])
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(
            f"the record of generation {row.number} was changed on the disk; restore a backup"
        ) from error


def add_generation(connection: sa.Connection, seq: int, recipe: Recipe) -> Generation:
    """Begin a generation, which is the one in force from `seq` on."""
    fingerprint, passage_size = recipe.embedder.fingerprint.as_dict(), recipe.passage_size
    statement = generations.insert().values(
        fingerprint=json.dumps(fingerprint),
        passage_size=json.dumps(passage_size),
        added_seq=seq,
        created_at=now(),
        model=recipe.model,
    )
    number = connection.execute(statement.returning(generations.c.number)).scalar_one()
    return Generation(int(number), fingerprint, passage_size, recipe.model)


def drop_generations(connection: sa.Connection, keep: int) -> int:
    """Delete all but the newest `keep` of the generations that were in force; returns how many.

    Their passages stay: old citations name them.
    """
    old = [found.number for found in generations_until(connection, current_seq(connection))[keep:]]
    connection.execute(vectors.delete().where(vectors.c.generation.in_(old)))
    connection.execute(generations.delete().where(generations.c.number.in_(old)))
    return len(old)


def delete_vectors_of(connection: sa.Connection, numbers: Sequence[int]) -> None:
    """Delete the vectors of all versions of some documents, of every generation."""
    for part in chunks(numbers):
        connection.execute(vectors.delete().where(vectors.c.passage.in_(passages_of(part))))


def add_vectors(connection: sa.Connection, generation: int, numbers: Sequence[int], matrix: HalfMatrix) -> None:
    """Store one vector (little-endian float16) for each passage."""
    blobs = [row.astype("<f2").tobytes() for row in matrix]
    rows = [
        {"passage": number, "generation": generation, "vector": blob, "checksum": zlib.crc32(blob)}
        for number, blob in zip(numbers, blobs, strict=True)
    ]
    if rows:
        connection.execute(vectors.insert(), rows)


def rows_added(connection: sa.Connection, generation: int, after: int, until: int) -> Iterator[Rows]:
    """Passages with vectors that were added after `after` and are in force at `until`, by number, in batches.

    Raises DamagedError when a passage has no vector or the vector does not match its checksum.
    """
    statement = (
        sa.select(
            passages.c.number,
            passages.c.document,
            documents.c.collection,
            vectors.c.vector,
            vectors.c.checksum,
        )
        .select_from(passages)
        .join(documents, passages.c.document == documents.c.number)
        .outerjoin(vectors, sa.and_(vectors.c.passage == passages.c.number, vectors.c.generation == generation))
        .where(*_added_between(after, until))
        .order_by(passages.c.number)
    )
    for batch in connection.execute(statement).partitions(_BATCH):
        yield Rows(
            np.array([row.number for row in batch], dtype=np.int64),
            np.array([row.document for row in batch], dtype=np.int64),
            np.array([row.collection for row in batch], dtype=np.int64),
            np.stack([_vector(row.number, row.vector, row.checksum) for row in batch]),
        )


def passages_removed(connection: sa.Connection, after: int, until: int) -> list[int]:
    """The passages that a change after `after` and not after `until` removed, be they purged since."""
    found: list[int] = []
    for table in (passages, purged_passages):
        statement = sa.select(table.c.number).where(table.c.removed_seq > after, table.c.removed_seq <= until)
        found += connection.scalars(statement).all()  # not row by row: there may be hundreds of thousands
    return found


def word_entries(connection: sa.Connection, after: int, until: int) -> Iterator[WordEntry]:
    """What the word index has to hold of passages added after `after` and in force at `until`."""
    statement = (
        sa.select(passages, documents.c.collection)
        .join(documents, passages.c.document == documents.c.number)
        .where(*_added_between(after, until))
        .order_by(passages.c.version, passages.c.number)
    )
    version, text = None, ""
    for row in connection.execute(statement):
        if version is None or version.number != row.version:
            version = versions_by_number(connection, [row.version])[row.version]
            text = text_of(connection, row.version)
        header = table_header(text, version.shape.tables, row.start)
        context = " ".join(filter(None, (version.title, *section_at(version.sections, row.start), header)))
        body = text[row.start : row.end]
        yield WordEntry(row.number, row.document, row.collection, context, body, version.language)


def _added_between(after: int, until: int) -> tuple[sa.ColumnElement[bool], ...]:
    return passages.c.added_seq > after, *in_force(passages, until)


def _vector(number: int, blob: bytes | None, checksum: int) -> np.ndarray[tuple[int], np.dtype[np.float16]]:
    if blob is None or zlib.crc32(blob) != checksum:
        raise DamagedError(f"the stored vector of passage {number} is missing or changed; restore a backup")
    return np.frombuffer(blob, dtype="<f2").astype(np.float16)
