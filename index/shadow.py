"""The shadow: a generation that is built in the store beside the one in force, and is invisible until it takes over.

Its passages and the generation itself have `SHADOW_SEQ` as `added_seq`, which no state reaches: neither questions nor
the derived indexes see them, and ending a version leaves them alone. A passage that stays as it is, is shared: it gets
a second vector. Versions are taken in the order of their numbers, which those that come meanwhile continue.

What is normal while there is a shadow: passages with `SHADOW_SEQ` and vectors of its generation, for versions up to
`built_until` and for a part of the next; also for versions that have ended since, until `put_in_force` or `clear`.
Functions over one connection, except for `clear`.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from corpus.database import Database, next_seq
from corpus.passages import add_passages
from corpus.records import DocumentVersion
from corpus.store import versions_by_number
from corpus.tables import SHADOW_SEQ, passages, versions
from corpus.types import Span
from index.recipe import Recipe, is_titled
from index.store import Generation, add_generation, add_vectors, generation_of
from index.tables import generations, vectors

HalfVector = npt.NDArray[np.float16]

_CLEARED_AT_ONCE = 20_000  # passages, so that other writers need not wait long

_SHADOW_PASSAGES = passages.c.added_seq == SHADOW_SEQ


@dataclass(frozen=True, slots=True)
class ShadowState:
    """An unfinished generation, and how far it has come. `passages` counts vectors, those of ended versions included.

    `documents_total` are those in force now, `documents_done` those of them that are in it.
    """

    generation: Generation
    documents_done: int
    documents_total: int
    passages: int


def shadow_of(connection: sa.Connection) -> Generation | None:
    """The generation that is being built; there is one at most."""
    row = connection.execute(sa.select(generations).where(generations.c.added_seq == SHADOW_SEQ)).one_or_none()
    return None if row is None else generation_of(row)


def begin_shadow(connection: sa.Connection, recipe: Recipe) -> Generation:
    """Begin a shadow, where there is none."""
    generation = add_generation(connection, SHADOW_SEQ, recipe)
    mark_built(connection, generation.number, 0)
    return generation


def shadow_state(connection: sa.Connection, generation: Generation) -> ShadowState:
    """How far a shadow has come."""
    made = sa.select(sa.func.count()).select_from(vectors).where(vectors.c.generation == generation.number)
    documents = shadow_documents(connection, generation.number)
    return ShadowState(generation, *documents, connection.execute(made).scalar_one())


def shadow_documents(connection: sa.Connection, generation: int) -> tuple[int, int]:
    """How many of the documents in force are in a shadow, and how many are in force."""
    in_force = sa.select(sa.func.count()).select_from(versions).where(versions.c.removed_seq.is_(None))
    done = in_force.where(versions.c.number <= built_until(connection, generation))
    return connection.execute(done).scalar_one(), connection.execute(in_force).scalar_one()


def built_until(connection: sa.Connection, generation: int) -> int:
    """The number up to which versions in force are in a shadow."""
    return int(
        connection.execute(sa.select(generations.c.built_until).where(generations.c.number == generation)).scalar_one()
    )


def mark_built(connection: sa.Connection, generation: int, version: int) -> None:
    """Note that versions in force up to the number `version` are in a shadow."""
    connection.execute(generations.update().where(generations.c.number == generation).values(built_until=version))


def versions_to_build(connection: sa.Connection, after: int, limit: int) -> list[DocumentVersion]:
    """The first versions in force with a number above `after`, by number."""
    numbers = _in_force(versions.c.number > after).order_by(versions.c.number).limit(limit)
    found = versions_by_number(connection, connection.scalars(numbers))
    return [found[number] for number in sorted(found)]


def still_in_force(connection: sa.Connection, numbers: Sequence[int]) -> set[int]:
    """Those of a few versions that are in force."""
    return set(connection.scalars(_in_force(versions.c.number.in_(numbers))))


def known_vectors(connection: sa.Connection, version: int, shadow: Generation) -> dict[Span, HalfVector]:
    """The vectors that a version's passages of any generation have from the same model and the same form of text.

    Damaged ones are left out.
    """
    alike = [
        row.number
        for row in connection.execute(
            sa.select(generations.c.number, generations.c.fingerprint, generations.c.passage_size)
        )
        if json.loads(row.fingerprint) == shadow.fingerprint
        and is_titled(json.loads(row.passage_size)) == is_titled(shadow.passage_size)
    ]
    statement = (
        sa.select(passages.c.start, passages.c.end, vectors.c.vector, vectors.c.checksum)
        .join(vectors, vectors.c.passage == passages.c.number)
        .where(passages.c.version == version, vectors.c.generation.in_(alike))
    )
    return {
        Span(row.start, row.end): np.frombuffer(row.vector, dtype="<f2").astype(np.float16)
        for row in connection.execute(statement)
        if zlib.crc32(row.vector) == row.checksum
    }


def add_part(
    connection: sa.Connection, generation: int, version: DocumentVersion, made: Mapping[Span, HalfVector]
) -> list[Span]:
    """Put passages of a version, ascending, into a shadow; returns those that were not there yet."""
    if not made:
        return []
    there, done = _passages_there(connection, generation, version.number, list(made))
    new = [span for span in made if span not in there]
    identity = (version.number, version.document, version.document_id, version.digest)
    there |= dict(zip(new, add_passages(connection, SHADOW_SEQ, *identity, new), strict=True))
    added = [span for span in made if span not in done]
    if added:
        numbers = [there[span] for span in added]
        add_vectors(connection, generation, numbers, np.stack([made[span] for span in added]))
    return added


def put_in_force(connection: sa.Connection, generation: int) -> int:
    """Let a shadow that holds all versions in force take over; returns the `seq` from which it answers.

    Passages that it does not share with the generation before go out of force with the same `seq`.
    """
    ended = sa.select(versions.c.number).where(versions.c.removed_seq.is_not(None))
    _drop_shadow_passages(connection, passages.c.version.in_(ended))
    seq = next_seq(connection)
    shared = sa.exists().where(vectors.c.passage == passages.c.number, vectors.c.generation == generation)
    replaced = sa.and_(passages.c.removed_seq.is_(None), passages.c.added_seq < SHADOW_SEQ, ~shared)
    connection.execute(passages.update().where(replaced).values(removed_seq=seq))
    connection.execute(passages.update().where(_SHADOW_PASSAGES).values(added_seq=seq))
    this = generations.c.number == generation
    connection.execute(generations.update().where(this).values(added_seq=seq, built_until=None))
    return seq


def clear(database: Database, generation: int) -> None:
    """Remove a shadow from the store, in several transactions: broken off, it leaves a shadow with less in it."""
    with database.write() as connection:
        mark_built(connection, generation, 0)
        newest = connection.scalar(sa.select(sa.func.max(passages.c.number))) or 0
    for first in range(1, newest + 1, _CLEARED_AT_ONCE):
        last = first + _CLEARED_AT_ONCE - 1
        with database.write() as connection:
            of_it = sa.and_(vectors.c.passage.between(first, last), vectors.c.generation == generation)
            connection.execute(vectors.delete().where(of_it))
            _drop_shadow_passages(connection, passages.c.number.between(first, last))
    with database.write() as connection:
        connection.execute(generations.delete().where(generations.c.number == generation))


def _in_force(which: sa.ColumnElement[bool]) -> sa.Select[tuple[int]]:
    return sa.select(versions.c.number).where(which, versions.c.removed_seq.is_(None))


def _passages_there(
    connection: sa.Connection, generation: int, version: int, spans: Sequence[Span]
) -> tuple[dict[Span, int], set[Span]]:
    """Passages of a version, in force or in the shadow, around ascending spans; and which of them have a vector."""
    statement = (
        sa.select(passages.c.number, passages.c.start, passages.c.end, vectors.c.passage)
        .outerjoin(vectors, sa.and_(vectors.c.passage == passages.c.number, vectors.c.generation == generation))
        .where(
            passages.c.version == version,
            passages.c.start.between(spans[0].start, spans[-1].start),
            passages.c.removed_seq.is_(None),
        )
    )
    rows = connection.execute(statement).all()
    there = {Span(row.start, row.end): int(row.number) for row in rows}
    return there, {Span(row.start, row.end) for row in rows if row.passage is not None}


def _drop_shadow_passages(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    dropped = sa.select(passages.c.number).where(_SHADOW_PASSAGES, which)
    connection.execute(vectors.delete().where(vectors.c.passage.in_(dropped)))
    connection.execute(passages.delete().where(_SHADOW_PASSAGES, which))
