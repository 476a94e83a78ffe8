"""Checks of this room's rows: each against its checksum, and all against what must hold between them."""

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from corpus.checks import Tally, check_database
from corpus.checksums import COLLECTION_COLUMNS, DOCUMENT_COLUMNS, row_checksum
from corpus.database import current_seq
from corpus.errors import DamagedError
from corpus.near_duplicates import SIZE
from corpus.passages import in_force, is_passage
from corpus.store import is_text_of, text_checksum
from corpus.tables import (
    SHADOW_SEQ,
    collections,
    documents,
    layouts,
    passages,
    sketches,
    store_state,
    texts,
    versions,
)
from corpus.version_rows import is_whole

_AT_ONCE = 1_000
_SKETCH_BYTES = 4 * SIZE

StoreCheck = Callable[[sa.Connection, Tally], None]


def check_counter(connection: sa.Connection, tally: Tally) -> None:
    """The counter of changes, and that nothing was changed later than it says."""
    seq = current_seq(connection)
    if not tally.passes(connection.scalars(sa.select(store_state.c.id)).all() == [1]):
        tally.problem("there are several counters of changes")
    for table in (versions, passages):
        for column in (table.c.added_seq, table.c.removed_seq):
            later = sa.select(sa.func.count()).where(column > seq, column != SHADOW_SEQ)
            count = connection.scalar(later) or 0
            if not tally.passes(not count):
                tally.problem(f"{count} rows of {table.name} are of changes after {seq}, the newest one")
    if connection.dialect.name == "sqlite":
        _check_numbers_given(connection, tally)


def _check_numbers_given(connection: sa.Connection, tally: Tally) -> None:
    """A number that was given to a row is never given again."""
    rows = connection.execute(sa.text("SELECT name, seq FROM sqlite_sequence"))
    given: dict[str, object] = {row.name: row.seq for row in rows}
    for table in (collections, documents, versions, passages):
        highest = connection.scalar(sa.select(sa.func.max(table.c.number))) or 0
        noted = given.get(table.name, 0)
        if not tally.passes(isinstance(noted, int) and noted >= highest):
            tally.problem(f"the numbers of {table.name} go up to {highest}, where {noted!r} was noted")


def check_collections(connection: sa.Connection, tally: Tally) -> None:
    """Every collection against its checksum."""
    for row in connection.execute(sa.select(collections)):
        if not tally.passes(row_checksum(row._asdict(), COLLECTION_COLUMNS) == row.checksum):
            tally.problem(f"collection {row.name!r}: changed")


def check_documents(connection: sa.Connection, tally: Tally) -> None:
    """Every document against its checksum."""
    for row in connection.execute(sa.select(documents)).yield_per(_AT_ONCE):
        if not tally.passes(row_checksum(row._asdict(), DOCUMENT_COLUMNS) == row.checksum):
            tally.problem(f"document {row.id!r} ({row.uri!r}): its record was changed")


def check_versions(connection: sa.Connection, tally: Tally) -> None:
    """Every version against its checksum, and that no document has two in force."""
    for row in connection.execute(sa.select(versions)).yield_per(_AT_ONCE):
        if not tally.passes(is_whole(row) and _is_period(row)):
            tally.problem(f"{_named(connection, row.number)}: its record was changed")
    current = sa.select(versions.c.document).where(versions.c.removed_seq.is_(None))
    for document in connection.scalars(current.group_by(versions.c.document).having(sa.func.count() > 1)):
        tally.problem(f"document number {document} has several versions in force")


def check_texts(connection: sa.Connection, tally: Tally) -> None:
    """The text of every version against its checksum and the version's digest."""
    for number in _numbers(connection, versions.c.number):
        problem = _problem_of_text(connection, number)
        if not tally.passes(problem is None):
            tally.problem(f"{_named(connection, number)}: {problem}")


def _problem_of_text(connection: sa.Connection, number: int) -> str | None:
    joined = sa.select(texts, versions.c.digest, versions.c.parser_version).join(versions)
    try:
        row = connection.execute(joined.where(texts.c.version == number)).one_or_none()
    except DamagedError as error:
        return f"its text cannot be read: {error}"
    if row is None:
        return "its text is missing"
    if not is_text_of(row.text, row.digest, row.parser_version) or text_checksum(row.text) != row.checksum:
        return "its text was changed"
    return None


def check_layouts(connection: sa.Connection, tally: Tally) -> None:
    """The places of cells and characters against their checksums, and that versions that have some have them."""
    for row in connection.execute(sa.select(layouts)).yield_per(_AT_ONCE):
        if not tally.passes(_is_packed(row.data, row.checksum)):
            tally.problem(f"{_named(connection, row.version)}: its layout, part {row.part}, was changed")
    parts: dict[int, set[bool]] = {}
    for version, part in connection.execute(sa.select(layouts.c.version, layouts.c.part)):
        parts.setdefault(version, set()).add(part == 0)
    for number, shape in connection.execute(sa.select(versions.c.number, versions.c.shape)):
        wanted = {name == "has_cells" for name in ("has_cells", "has_boxes") if f'"{name}": true' in str(shape)}
        if parts.get(number, set()) != wanted:
            tally.problem(f"{_named(connection, number)}: its layout is missing")


def check_sketches(connection: sa.Connection, tally: Tally) -> None:
    """The sketches against their checksums."""
    for row in connection.execute(sa.select(sketches)).yield_per(_AT_ONCE):
        if not tally.passes(_is_packed(row.data, row.checksum) and len(row.data) == _SKETCH_BYTES):
            tally.problem(f"{_named(connection, row.version)}: its sketch was changed")


def check_passages(connection: sa.Connection, tally: Tally) -> None:
    """Every passage against its id; spans inside of texts; those in force of versions in force, each once."""
    lengths = dict(connection.execute(sa.select(texts.c.version, sa.func.length(texts.c.text))).all())
    joined = (
        sa.select(
            passages,
            documents.c.id.label("document_id"),
            versions.c.digest,
            versions.c.document.label("version_document"),
        )
        .outerjoin(documents, passages.c.document == documents.c.number)
        .outerjoin(versions, passages.c.version == versions.c.number)
    )
    for row in connection.execute(joined).yield_per(_AT_ONCE):
        whole = is_passage(row) and _is_period(row) and row.end <= lengths.get(row.version, 0)
        if not tally.passes(whole):
            tally.problem(f"{_named(connection, row.version)}: the record of passage {row.id!r} was changed")
    seq = current_seq(connection)
    gone = sa.select(passages.c.version).join(versions, passages.c.version == versions.c.number)
    of_others = gone.where(*in_force(passages, seq), sa.not_(sa.and_(*in_force(versions, seq))))
    for version in connection.scalars(of_others.distinct()):
        tally.problem(f"{_named(connection, version)}: it is not in force, but passages of it are")
    twice = sa.select(passages.c.id).where(*in_force(passages, seq))
    for name in connection.scalars(twice.group_by(passages.c.id).having(sa.func.count() > 1)):
        tally.problem(f"passage {name!r} is in force twice")


STORE_CHECKS: dict[str, StoreCheck] = {
    "database": check_database,
    "counter": check_counter,
    "collections": check_collections,
    "documents": check_documents,
    "versions": check_versions,
    "texts": check_texts,
    "layouts": check_layouts,
    "sketches": check_sketches,
    "passages": check_passages,
}


def _numbers(connection: sa.Connection, column: sa.Column[int]) -> Iterator[int]:
    """All values of a primary key, ascending; no statement is open while one of them is at work."""
    last = 0
    while found := connection.scalars(sa.select(column).where(column > last).order_by(column).limit(_AT_ONCE)).all():
        yield from found
        last = found[-1]


def _is_period(row: Any) -> bool:
    """Whether a row was removed after it was added, if at all."""
    removed = row.removed_seq
    if removed is None:
        return isinstance(row.added_seq, int)
    return isinstance(removed, int) and isinstance(row.added_seq, int) and removed >= row.added_seq


def _is_packed(data: object, checksum: int) -> bool:
    return isinstance(data, bytes) and zlib.crc32(data) == checksum


def _named(connection: sa.Connection, version: int) -> str:
    """A version as people know it: the document's id and title."""
    named = sa.select(documents.c.id, versions.c.title).join(documents).where(versions.c.number == version)
    row = connection.execute(named).first()
    return f"version {version}" if row is None else f"document {row.id!r} ({row.title!r}), version {version}"
