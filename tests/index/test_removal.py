import io
import zipfile
from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.collections import ensure_collection
from corpus.database import CORPUS_MIGRATIONS, Database, current_seq, next_seq
from corpus.errors import NotFoundError
from corpus.sources import Source
from corpus.store import add_version, end_documents, version_of
from corpus.tables import documents, passages, versions
from corpus.types import Span
from index.store import passages_removed
from tests.corpus.test_store import version
from tests.index.homes import open_home, text_source


@pytest.fixture
def home(tmp_path):
    with open_home(tmp_path / "home") as opened:
        yield opened


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}", (CORPUS_MIGRATIONS,))
    yield opened
    opened.close()


def numbers(home):
    with home.database.read() as connection:
        return list(connection.scalars(sa.select(documents.c.number).order_by(documents.c.number)))


def test_documents_are_removed_in_one_change(home):
    added = home.ingest(*(text_source(f"{n}", f"Puffin {n}.") for n in range(5)))
    seq = home.remover.remove_documents([str(result.document_id) for result in added[:3]])
    assert home.by_words("puffin") == home.by_vectors("puffin") == {"Puffin 3.", "Puffin 4."}
    with home.database.read() as connection:
        assert current_seq(connection) == seq
        assert len(passages_removed(connection, seq - 1, seq)) == 3


def test_an_unknown_document_leaves_the_others_as_they_are(home):
    (added,) = home.ingest(text_source("a", "One puffin."))
    with home.database.read() as connection:
        before = current_seq(connection)
    with pytest.raises(NotFoundError, match="'nobody'"):
        home.remover.remove_documents([str(added.document_id), "nobody"])
    assert home.by_words("puffin") == {"One puffin."}
    with home.database.read() as connection:
        assert current_seq(connection) == before


def test_what_is_inside_goes_along_whatever_the_depth(home):
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr("deep.txt", "Puffins dive deep.")
    with zipfile.ZipFile(outer, "w") as packed:
        packed.writestr("inner.zip", inner.getvalue())
    results = home.ingest(
        text_source("a", "One puffin."),
        Source("file:///outer.zip", "outer.zip", outer.getvalue()),
    )
    (whole,) = (result for result in results if result.path == "outer.zip")
    home.remover.remove_documents([str(whole.document_id)])
    assert home.by_words("puffins puffin") == {"One puffin."}


def test_more_documents_than_fit_into_one_statement(database):
    with database.write() as connection:
        seq = next_seq(connection)
        collection = ensure_collection(connection, "default")
        for number in range(620):
            add_version(connection, seq, collection, version(uri=f"file:///{number}"))
        end_documents(connection, next_seq(connection), range(1, 601))
        left = connection.scalars(sa.select(versions.c.document).where(versions.c.removed_seq.is_(None))).all()
        assert sorted(left) == list(range(601, 621))
        assert connection.scalar(sa.select(sa.func.count()).where(passages.c.removed_seq.is_(None))) == 40
        connection.rollback()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_any_set_out_of_any_trees_ends_as_one_by_one(database, seed):
    random = Random(seed)
    count = random.randint(1, 12)
    parents = [random.choice([None, *range(number)]) for number in range(count)]
    chosen = [number for number in range(count) if random.random() < 0.3]
    ended = {number for number in range(count) if _line(parents, number) & set(chosen)}
    with database.write() as connection:
        seq = next_seq(connection)
        collection = ensure_collection(connection, "default")
        for number, parent in enumerate(parents):
            stored = add_version(connection, seq, collection, version(uri=str(number), spans=(Span(0, 3),)))
            values = {"parent": None if parent is None else parent + 1}
            connection.execute(documents.update().where(documents.c.id == stored.document_id).values(values))
        end_documents(connection, next_seq(connection), [number + 1 for number in chosen])
        for table in (versions, passages):
            left = connection.scalars(sa.select(table.c.document).where(table.c.removed_seq.is_(None))).all()
            assert {number - 1 for number in left} == set(range(count)) - ended
        connection.rollback()


def _line(parents: list[int | None], number: int | None) -> set[int]:
    """A document and all that it is inside of."""
    return set() if number is None else {number} | _line(parents, parents[number])


def test_removed_documents_are_unknown_from_then_on(home):
    (added,) = home.ingest(text_source("a", "One puffin."))
    seq = home.remover.remove_numbers(numbers(home))
    with home.database.read() as connection, pytest.raises(NotFoundError):
        version_of(connection, str(added.document_id), seq)
