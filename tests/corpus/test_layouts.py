import sqlite3

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.collections import ensure_collection
from corpus.database import CORPUS_MIGRATIONS, Database, next_seq
from corpus.errors import DamagedError
from corpus.identity import version_digest
from corpus.layouts import CellRange, boxes_of, cell_rows_of, cells_in
from corpus.records import Identity, NewVersion, ReadReport, Shape
from corpus.store import add_version, current_version, end_version
from corpus.types import CellRow, CharacterBoxes, Span, Table

TEXT = "Fares\n\nroute | price\nKarn | 4\nVellmar | 6"
ROWS = (CellRow(7, 1, 1, 2), CellRow(21, 2, 1, 2), CellRow(30, 3, 1, 3))


@pytest.fixture
def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path / 'store.db'}", (CORPUS_MIGRATIONS,))
    yield opened
    opened.close()


def new(uri="file:///fares.xlsx", **fields) -> NewVersion:
    fixed = dict.fromkeys(("name", "title"), "fares.xlsx")
    fields = {"text": TEXT, "page_starts": (0,), "sections": (), "spans": (Span(0, len(TEXT)),), **fields}
    return NewVersion(
        uri,
        None,
        "fares",
        version_digest(fields["text"], "2"),
        "2",
        "0" * 64,
        media_type="x",
        metadata={},
        **fixed,
        **fields,
    )


def store(database, *versions: NewVersion) -> int:
    with database.write() as connection:
        seq = next_seq(connection)
        collection = ensure_collection(connection, "default")
        for version in versions:
            add_version(connection, seq, collection, version)
    return seq


def in_force(database, uri):
    with database.read() as connection:
        return current_version(connection, "default", uri)


@pytest.mark.parametrize(
    ("span", "cells"),
    [
        (Span(0, 5), None),
        (Span(0, 8), "A1:B1"),
        (Span(21, 29), "A2:B2"),
        (Span(21, 30), "A2:B2"),
        (Span(25, 31), "A2:C3"),
        (Span(7, len(TEXT)), "A1:C3"),
    ],
)
def test_the_cells_of_a_span_are_those_of_the_rows_that_it_touches(database, span, cells):
    store(database, new(cell_rows=ROWS, shape=Shape(has_cells=True)))
    with database.read() as connection:
        rows = cell_rows_of(connection, in_force(database, "file:///fares.xlsx").number)
    found = cells_in(rows, span)
    assert (None if found is None else str(found)) == cells


@pytest.mark.parametrize(
    ("column", "name"), [(1, "A1"), (26, "Z1"), (27, "AA1"), (702, "ZZ1"), (703, "AAA1"), (16384, "XFD1")]
)
def test_columns_are_called_as_in_spreadsheets(column, name):
    assert str(CellRange(1, 1, column, column)) == name


@settings(max_examples=20)
@given(st.lists(st.tuples(*[st.integers(0, 65535)] * 4), min_size=1, max_size=50), st.integers(0, 2**40))
def test_boxes_come_back_as_they_were(tmp_path_factory, boxes, start):
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('boxes') / 'store.db'}", (CORPUS_MIGRATIONS,))
    page = CharacterBoxes(2, start, np.array(boxes, dtype="<u2").tobytes())
    store(database, new(boxes=(page,), shape=Shape(has_boxes=True)))
    with database.read() as connection:
        number = in_force(database, "file:///fares.xlsx").number
        assert (boxes_of(connection, number, 2), boxes_of(connection, number, 1)) == (page, None)
    database.close()


def test_a_changed_layout_is_noticed(database, tmp_path):
    store(database, new(cell_rows=ROWS, shape=Shape(has_cells=True)))
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE layouts SET data = CAST(data || x'00' AS BLOB)")
    connection.close()
    with database.read() as connection, pytest.raises(DamagedError, match="layout of version"):
        cell_rows_of(connection, in_force(database, "file:///fares.xlsx").number)


def test_shape_and_report_come_back_and_are_covered_by_the_checksum(database, tmp_path):
    shape = Shape(("i", "ii"), (Table(7, 20, len(TEXT)),), has_cells=True, has_boxes=False)
    report = ReadReport(2, 1, 0, ("the chart on page 2 is not read",))
    store(database, new(shape=shape, report=report))
    found = in_force(database, "file:///fares.xlsx")
    assert (found.shape, found.report) == (shape, report)
    with sqlite3.connect(tmp_path / "store.db") as connection:
        connection.execute("UPDATE versions SET report = '{}'")
    connection.close()
    with pytest.raises(DamagedError, match="was changed on the disk"):
        in_force(database, "file:///fares.xlsx")


PARENT = Identity("file:///post.zip", None, "post")


def test_attachments_know_their_parent_and_go_with_it(database):
    first, second, inner = (f"file:///post.zip#{name}" for name in ("a", "b", "b#c"))
    attached = (first, second)
    store(
        database,
        new(first, parent=PARENT),
        new(inner, parent=Identity(second, None, "b")),
        new(second, parent=PARENT, attachments=(inner,)),
        new(PARENT.uri, attachments=attached),
    )
    parent = in_force(database, PARENT.uri)
    assert in_force(database, first).parent_id == parent.document_id
    assert in_force(database, inner).parent_id == in_force(database, second).document_id
    # A new version that no longer holds `b` takes it out of force, and what is in `b` as well.
    store(database, new(PARENT.uri, text=TEXT + "!", attachments=(first,)))
    assert [in_force(database, uri) is not None for uri in (first, second, inner)] == [True, False, False]
    with database.write() as connection:
        end_version(connection, next_seq(connection), parent.document)
    assert in_force(database, first) is None
