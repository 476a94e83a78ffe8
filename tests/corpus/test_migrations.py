import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from corpus.collections import collection_number
from corpus.database import CORPUS_MIGRATIONS, Database, MigrationLine, current_seq, next_seq
from corpus.errors import DamagedError
from corpus.records import Given
from corpus.store import versions_by_number
from corpus.tables import metadata
from index.migrations import INDEX_MIGRATIONS
from index.tables import generations, jobs, vectors

ROOT = Path(__file__).resolve().parents[2]
INDEX_TABLES = {table.name for table in (generations, vectors, jobs)}


def test_the_revisions_make_the_tables_that_the_rooms_declare(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'store.db'}", (CORPUS_MIGRATIONS, INDEX_MIGRATIONS))
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        made = {table: columns(connection, table) for table in sa.inspect(connection).get_table_names()}
    database.close()
    declared = made_directly()
    made.pop("alembic_version")
    made.pop("sqlite_sequence", None)
    assert made == declared
    assert made.keys() >= INDEX_TABLES


def made_directly() -> dict[str, list[object]]:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        declared = {name: columns(connection, name) for name in metadata.tables}
    engine.dispose()
    return declared


def columns(connection: sa.Connection, table: str) -> list[object]:
    """What autogeneration does not compare: order of columns, keys, and the numbers that are never used again."""
    statement = sa.text("SELECT sql FROM sqlite_master WHERE name = :name")
    return [
        *connection.exec_driver_sql(f'PRAGMA table_info("{table}")').fetchall(),
        # Without their numbers, which follow from the order in which the tables were written down.
        *sorted(row[2:] for row in connection.exec_driver_sql(f'PRAGMA foreign_key_list("{table}")').fetchall()),
        *sorted(row[1:] for row in connection.exec_driver_sql(f'PRAGMA index_list("{table}")').fetchall()),
        "AUTOINCREMENT" in str(connection.scalar(statement, {"name": table})),
    ]


def test_a_home_of_the_corpus_alone_takes_the_index_tables_in_later(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    Database(url, (CORPUS_MIGRATIONS,)).close()
    database = Database(url, (CORPUS_MIGRATIONS, INDEX_MIGRATIONS))
    with database.read() as connection:
        assert set(sa.inspect(connection).get_table_names()) >= INDEX_TABLES
    database.close()


def test_a_home_of_today_is_opened_without_alembic_and_without_waiting_for_a_writer(tmp_path):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    code = (
        "import sys; from corpus.database import *; from index.migrations import *\n"
        "Database(sys.argv[1], (CORPUS_MIGRATIONS, INDEX_MIGRATIONS)).close()\n"
        "assert 'sqlalchemy' in sys.modules and 'alembic' not in sys.modules"
    )
    database = Database(url, (CORPUS_MIGRATIONS, INDEX_MIGRATIONS))
    with database.write() as connection:
        next_seq(connection)
        subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, check=True, timeout=60)
    database.close()


def test_metadata_from_before_counts_as_given_and_damaged_records_stay_so(tmp_path):
    (tmp_path / "first").mkdir()
    shutil.copy(CORPUS_MIGRATIONS.folder / "corpus_0001.py", tmp_path / "first")
    first = MigrationLine(tmp_path / "first", "corpus_0001")
    url = f"sqlite:///{tmp_path / 'store.db'}"
    Database(url, (first,)).close()
    fields = {
        **dict.fromkeys(("digest", "parser_version", "original", "name", "media_type", "title"), "x"),
        **{"metadata": '{"line": "Käm", "year": 2026}', "page_starts": "[]", "sections": "[]"},
    }
    checksum = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("INSERT INTO documents VALUES (1, 'd', 1, 'u', 'e')")
        connection.execute("UPDATE store_state SET seq = 3")
        for number, kept in ((1, checksum), (2, "damaged")):
            row = {**fields, "number": number, "document": 1, "checksum": kept, "created_at": "", "added_seq": 1}
            names = ", ".join(f'"{name}"' for name in row)
            connection.execute(f"INSERT INTO versions ({names}) VALUES ({', '.join('?' * len(row))})", [*row.values()])
    connection.close()
    database = Database(url, (CORPUS_MIGRATIONS,))
    with database.read() as connection:
        assert versions_by_number(connection, [1])[1].given == Given(None, {"line": "Käm", "year": 2026})
        with pytest.raises(DamagedError):
            versions_by_number(connection, [2])
        assert collection_number(connection, "default") == 1, "its checksum is right"
        assert current_seq(connection) == 3
    database.close()
