import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from corpus.database import CORPUS_MIGRATIONS, Database, next_seq
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
