"""Checks of this room's rows: generations, vectors, jobs."""

import json
import zlib

import sqlalchemy as sa

from corpus.checks import Tally
from corpus.database import current_seq
from corpus.passages import in_force
from corpus.tables import documents, passages, versions
from index.jobs import is_whole_job
from index.store import generation_at
from index.tables import generations, jobs, vectors

_AT_ONCE = 1_000
_BYTES_OF_VALUE = 2


def check_generations(connection: sa.Connection, tally: Tally) -> None:
    """The generations, and that every passage in force has a vector of the one in force."""
    for row in connection.execute(sa.select(generations)):
        if not tally.passes(_is_generation(row.fingerprint, row.passage_size)):
            tally.problem(f"generation {row.number}: its record was changed")
    seq = current_seq(connection)
    held = connection.scalar(sa.select(sa.func.count()).select_from(passages).where(*in_force(passages, seq))) or 0
    generation = generation_at(connection, seq)
    if generation is None:
        if held:
            tally.problem(f"{held} passages are in force, but no generation of vectors is")
        return
    of_generation = sa.and_(vectors.c.passage == passages.c.number, vectors.c.generation == generation.number)
    lacking = (
        sa.select(documents.c.id, versions.c.title, sa.func.count().label("count"))
        .select_from(passages)
        .join(versions, passages.c.version == versions.c.number)
        .join(documents, versions.c.document == documents.c.number)
        .outerjoin(vectors, of_generation)
        .where(*in_force(passages, seq), vectors.c.passage.is_(None))
        .group_by(documents.c.id, versions.c.title)
    )
    for row in connection.execute(lacking):
        tally.problem(f"document {row.id!r} ({row.title!r}): {row.count} passages have no vector")


def check_vectors(connection: sa.Connection, tally: Tally) -> None:
    """Every vector against its checksum and the dimension of its generation."""
    sizes = {
        row.number: _BYTES_OF_VALUE * _dimension(row.fingerprint)
        for row in connection.execute(sa.select(generations.c.number, generations.c.fingerprint))
    }
    for row in connection.execute(sa.select(vectors)).yield_per(_AT_ONCE):
        whole = isinstance(row.vector, bytes) and zlib.crc32(row.vector) == row.checksum
        if not tally.passes(whole and len(row.vector) == sizes.get(row.generation)):
            tally.problem(f"{_owner(connection, row.passage)}: the vector of passage {row.passage} was changed")


def check_jobs(connection: sa.Connection, tally: Tally) -> None:
    """Every job against its checksum."""
    for row in connection.execute(sa.select(jobs)).yield_per(_AT_ONCE):
        if not tally.passes(is_whole_job(row)):
            tally.problem(f"job {row.id!r}: its record was changed")


INDEX_STORE_CHECKS = {"generations": check_generations, "vectors in the store": check_vectors, "jobs": check_jobs}


def _is_generation(fingerprint: object, passage_size: object) -> bool:
    try:
        return isinstance(json.loads(str(passage_size)), dict) and _dimension(fingerprint) > 0
    except ValueError:
        return False


def _dimension(fingerprint: object) -> int:
    """0 for a fingerprint that cannot be read."""
    try:
        found = json.loads(str(fingerprint))["dimension"]
    except (ValueError, KeyError, TypeError):
        return 0
    return found if isinstance(found, int) else 0


def _owner(connection: sa.Connection, passage: int) -> str:
    named = sa.select(documents.c.id, versions.c.title).select_from(passages)
    joined = named.join(versions, passages.c.version == versions.c.number).join(documents)
    row = connection.execute(joined.where(passages.c.number == passage)).first()
    return f"document {row.id!r} ({row.title!r})" if row is not None else "no document"
