"""What filters rely on beside being right, which tests of `retrieval.filters` hold against a scan of the store."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from corpus.database import current_seq, next_seq
from corpus.document_metadata import DocumentMetadata
from corpus.errors import DamagedError
from corpus.purged import purge_rows
from index.metadata_columns import Segment
from index.metadata_index import MetadataIndex, MetadataKeeper
from index.store import delete_vectors_of
from index.vectors import Mask
from tests.index.homes import Home, open_home, text_source


def having_year(segment: Segment) -> Mask:
    return segment.having("year")


def allowed(home: Home, keeper: MetadataKeeper, seq: int | None = None) -> list[int]:
    with home.database.read() as connection:
        index = keeper.at(connection, current_seq(connection) if seq is None else seq)
        found: list[int] = np.flatnonzero(index.select(1, having_year)).tolist()
        return found


def test_segments_stay_few_and_small() -> None:
    index = MetadataIndex()
    for number in range(300):
        # Ten documents that are given a new year again and again.
        index = index.changed(number + 1, [number % 10], [DocumentMetadata(number % 10, 1, {"year": number})])
    assert len(index.segments) <= 5
    assert sum(map(len, index.segments)) <= 20
    assert index.select(1, lambda segment: segment.ordered("year", "gte", 295)).tolist() == [False] * 5 + [True] * 5
    assert [len(segment.columns["year"]["number"].values) for segment in index.segments] == list(
        map(len, index.segments)
    )
    assert index.changed(301, range(10), []).segments == ()


def test_an_earlier_value_stays_as_it_was() -> None:
    before = MetadataIndex().changed(1, (), [DocumentMetadata(number, 1, {"year": number}) for number in range(9)])
    before.changed(2, [3], [DocumentMetadata(3, 1, {})])
    assert before.select(1, having_year).tolist() == [True] * 9


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    with open_home(tmp_path / "home") as home:
        home.ingest(*(text_source(name, f"The {name}.", metadata={"year": 2020}) for name in ("cat", "owl")))
        keeper = MetadataKeeper()
        assert len(allowed(home, keeper)) == 2
        with home.database.write() as connection:
            connection.execute(sa.text("UPDATE versions SET metadata = '{}' WHERE number = 1"))
        home.ingest(text_source("fox", "The fox.", metadata={"year": 2021}))
        assert len(allowed(home, keeper)) == 3
        with pytest.raises(DamagedError, match="changed on the disk"):
            allowed(home, MetadataKeeper())


def test_nothing_of_a_purged_document_stays(tmp_path: Path) -> None:
    with open_home(tmp_path / "home") as home:
        home.ingest(*(text_source(name, f"The {name}.", metadata={"year": name}) for name in ("cat", "owl", "fox")))
        keeper = MetadataKeeper()
        assert allowed(home, keeper) == [1, 2, 3]
        with home.database.write() as connection:
            delete_vectors_of(connection, [2])
            purge_rows(connection, next_seq(connection), [2])
        assert allowed(home, keeper) == [1, 3]
        with home.database.read() as connection:
            (segment,) = keeper.at(connection, current_seq(connection)).segments
        assert segment.columns["year"]["string"].values == ["cat", "fox"]


def test_threads_that_ask_for_different_states_get_each_its_own(tmp_path: Path) -> None:
    with open_home(tmp_path / "home") as home:
        for number in range(6):
            home.ingest(text_source(str(number), "The cat.", metadata={"year": number}))
        with home.database.read() as connection:
            newest = current_seq(connection)
        expected = {seq: allowed(home, MetadataKeeper(), seq) for seq in range(1, newest + 1)}
        assert {len(documents) for documents in expected.values()} == set(range(1, 7))
        keeper = MetadataKeeper()
        with ThreadPoolExecutor(8) as pool:
            asked = [*range(1, newest + 1)] * 5
            found = pool.map(lambda seq: allowed(home, keeper, seq), asked)
            assert list(found) == [expected[seq] for seq in asked]
