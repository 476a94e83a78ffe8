import multiprocessing
import resource
import sqlite3
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from corpus.database import CORPUS_MIGRATIONS, Database, current_seq, next_seq
from corpus.errors import DamagedError, LockedError, PinciteError
from corpus.tables import collections, store_state

ROOT = Path(__file__).resolve().parents[2]


def open_database(path: Path) -> Database:
    return Database(f"sqlite:///{path}", (CORPUS_MIGRATIONS,))


@pytest.fixture
def database(tmp_path):
    opened = open_database(tmp_path / "store.db")
    yield opened
    opened.close()


def write_once(database: Database, who: str) -> int:
    with database.write() as connection:
        seq = next_seq(connection)
        connection.execute(collections.insert().values(name=f"{who}-{seq}", created_at=who))
    return seq


def seqs_in_order_of_commits(database: Database) -> list[int]:
    """Rows get their numbers inside the transaction, one writer after the other."""
    with database.read() as connection:
        return [int(name.rpartition("-")[2]) for name in names(connection)]


def names(connection: sa.Connection) -> list[str]:
    """The collections without the one that every new home has."""
    found = sa.select(collections.c.name).where(collections.c.name != "default")
    return list(connection.scalars(found.order_by(collections.c.number)))


def write_from_a_process(path: Path, count: int) -> list[int]:
    database = open_database(path)
    try:
        return [write_once(database, "process") for _ in range(count)]
    finally:
        database.close()


def test_seq_counts_commits_of_threads_and_processes(database, tmp_path):
    path = tmp_path / "store.db"
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, spawn) as processes, ThreadPoolExecutor(4) as threads:
        elsewhere = [processes.submit(write_from_a_process, path, 20) for _ in range(2)]
        here = [threads.submit(lambda: [write_once(database, "thread") for _ in range(10)]) for _ in range(4)]
        given = [seq for future in (*elsewhere, *here) for seq in future.result()]
        for future in (*elsewhere, *here):
            assert future.result() == sorted(future.result())
    assert sorted(given) == list(range(1, 81))
    assert seqs_in_order_of_commits(database) == list(range(1, 81))


def test_a_rollback_leaves_no_trace(database):
    write_once(database, "first")

    def break_off() -> None:
        with database.write() as connection:
            assert next_seq(connection) == 2
            connection.execute(collections.insert().values(name="never-2", created_at=""))
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        break_off()
    with database.read() as connection:
        assert current_seq(connection) == 1
    assert write_once(database, "second") == 2
    assert seqs_in_order_of_commits(database) == [1, 2]


def test_a_read_sees_one_state_from_its_first_statement_to_its_last(database):
    with database.read() as connection:
        assert current_seq(connection) == 0
        write_once(database, "meanwhile")
        assert current_seq(connection) == 0
        assert names(connection) == []
    with database.read() as connection:
        assert current_seq(connection) == 1


def test_a_commit_is_on_the_disk_when_it_returns(database):
    with database.read() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _PRAGMAS}
    assert pragmas == _PRAGMAS


_PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_an_error_of_the_disk_is_said_and_leaves_the_store_as_it_was(database):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # no file may grow
    try:
        with pytest.raises(PinciteError, match=r"store.db' cannot be written: the disk reports an error"):
            write_once(database, "a")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with database.read() as connection:
        assert names(connection) == []


def test_several_processes_may_create_the_same_database(tmp_path):
    code = (
        "import sys; from pathlib import Path; from tests.corpus.test_database import open_database, store_id\n"
        "sys.stdin.readline(); print(store_id(open_database(Path(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "store.db")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    children = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(3)]
    for child in children:  # all of them wait here with their imports done
        child.stdin.write("go\n")
        child.stdin.flush()
    outcomes = [child.communicate(timeout=60) for child in children]
    assert [child.returncode for child in children] == [0] * 3, outcomes
    assert len({output for output, _ in outcomes}) == 1


def store_id(database: Database) -> str:
    with database.read() as connection:
        return str(connection.scalar(sa.select(store_state.c.store_id)))


def test_opening_again_keeps_what_is_there(tmp_path):
    first = open_database(tmp_path / "store.db")
    write_once(first, "first")
    name = store_id(first)
    first.close()
    again = open_database(tmp_path / "store.db")
    assert store_id(again) == name
    assert seqs_in_order_of_commits(again) == [1]
    again.close()


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_called_damaged(tmp_path, content):
    (tmp_path / "store.db").write_bytes(content)
    with pytest.raises(DamagedError, match=r"store\.db.*put back a backup"):
        open_database(tmp_path / "store.db")


def test_a_page_that_was_overwritten_is_called_damaged_when_it_is_read(tmp_path):
    database = open_database(tmp_path / "store.db")
    with database.write() as connection:
        rows = [{"name": f"c-{number}", "created_at": "x" * 500} for number in range(100)]
        connection.execute(collections.insert(), rows)
    database.close()
    content = bytearray((tmp_path / "store.db").read_bytes())
    content[-10 * 4096 :] = b"\xff" * (10 * 4096)
    (tmp_path / "store.db").write_bytes(content)
    database = open_database(tmp_path / "store.db")
    with pytest.raises(DamagedError, match="is damaged"), database.read() as connection:
        connection.execute(sa.select(collections)).all()
    database.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE store_state SET seq = 5",
        "UPDATE store_state SET seq = 'x'",
        "UPDATE store_state SET countdown = 0",
        "DELETE FROM store_state",
    ],
)
def test_a_counter_that_was_changed_is_called_damaged(database, tmp_path, damage):
    write_once(database, "first")
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute(damage)
    connection.close()
    with pytest.raises(DamagedError, match="counter"), database.read() as opened:
        current_seq(opened)
    with pytest.raises(DamagedError, match="counter"), database.write() as opened:
        next_seq(opened)


def test_a_text_that_is_no_utf_8_is_called_damaged(database, tmp_path):
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE collections SET name = CAST(x'ff' AS TEXT)")
    connection.close()
    with pytest.raises(DamagedError, match="put back a backup"), database.read() as opened:
        opened.execute(sa.select(collections)).all()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path):
    open_database(tmp_path / "store.db").close()
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'corpus_9999'")
    connection.close()
    with pytest.raises(PinciteError, match="newer version"):
        open_database(tmp_path / "store.db")
    with sqlite3.connect(tmp_path / "store.db") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("corpus_9999",)]
    connection.close()


def test_a_writer_that_waits_too_long_is_told_why(tmp_path, monkeypatch):
    monkeypatch.setattr("corpus.database._BUSY_SECONDS", 0.1)
    database, other = open_database(tmp_path / "store.db"), open_database(tmp_path / "store.db")
    with other.write() as connection:
        next_seq(connection)
        with pytest.raises(LockedError, match="another process"), database.write():
            pass
    assert write_once(database, "later") == 2
    database.close()
    other.close()


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PinciteError, match="cannot be opened"):
        open_database(tmp_path / "missing" / "store.db")


def test_the_schema_holds_rows_together(database):
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.execute(sa.text("INSERT INTO texts (version, text, checksum) VALUES (99, '', '')"))
