"""A copy of the store's database as it stands at one moment, while others go on writing."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from corpus.database import current_seq, driver_of, explain
from corpus.tables import store_state, versions


@dataclass(frozen=True, slots=True)
class StoreCopy:
    """What was copied: the state `seq` of a store, and the originals that it refers to."""

    store_id: str
    seq: int
    originals: tuple[str, ...]


def copy_store(connection: sa.Connection, path: Path) -> StoreCopy:
    """Copy the state that a transaction reads to a new file.

    Raises PinciteError when the disk is full or the store is damaged.
    """
    # The first statement chooses the state that the transaction reads, be it the last one or another.
    seq = current_seq(connection)
    try:
        with closing(sqlite3.connect(path)) as target:
            driver_of(connection).backup(target)
    except sqlite3.Error as error:
        explain(error, f"{connection.engine.url.database} or its copy {path}")
        raise
    return StoreCopy(
        str(connection.scalar(sa.select(store_state.c.store_id))),
        seq,
        tuple(connection.scalars(sa.select(versions.c.original).distinct().order_by(versions.c.original))),
    )
