import sqlite3
from pathlib import Path

import pytest

from corpus.collections import ensure_collection
from corpus.database import CORPUS_MIGRATIONS, current_seq, next_seq
from corpus.errors import DamagedError
from corpus.home import open_store
from corpus.originals import Originals


def fill(home: Path) -> None:
    database = open_store(home, (CORPUS_MIGRATIONS,))
    with database.write() as connection:
        next_seq(connection)
        ensure_collection(connection, "notes")
    Originals(home / "originals").put(b"bytes")
    database.close()


def open_and_read(home: Path) -> int:
    database = open_store(home, (CORPUS_MIGRATIONS,))
    try:
        with database.read() as connection:
            return current_seq(connection)
    finally:
        database.close()


def make_empty(path: Path) -> None:
    """As a database is whose log was lost before anything was copied from it."""
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


DAMAGES = {"missing": Path.unlink, "of no bytes": lambda path: path.write_bytes(b""), "without tables": make_empty}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_lost_store_is_not_begun_anew_beside_what_it_left(tmp_path, damage):
    fill(tmp_path)
    damage(tmp_path / "store.db")
    with pytest.raises(DamagedError, match=r"missing or empty; put back a backup.*or delete .*originals to begin anew"):
        open_and_read(tmp_path)
    (tmp_path / "originals").rename(tmp_path / "elsewhere")  # as the message says
    assert open_and_read(tmp_path) == 0


def test_the_log_of_a_store_that_is_gone_is_not_thrown_away(tmp_path):
    database = open_store(tmp_path, (CORPUS_MIGRATIONS,))
    with database.write() as connection:
        next_seq(connection)
    log = (tmp_path / "store.db-wal").read_bytes()
    database.close()
    (tmp_path / "store.db").unlink()
    (tmp_path / "store.db-wal").write_bytes(log)
    with pytest.raises(DamagedError, match=r"delete .*store\.db-wal"):
        open_and_read(tmp_path)
    assert (tmp_path / "store.db-wal").read_bytes() == log


def test_a_home_whose_first_process_was_killed_is_begun(tmp_path):
    (tmp_path / "store.db").touch()
    assert open_and_read(tmp_path) == 0


def test_a_whole_home_opens(tmp_path):
    fill(tmp_path)
    assert open_and_read(tmp_path) == 1
