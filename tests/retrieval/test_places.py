from pathlib import Path

import pytest

from corpus.errors import DamagedError
from corpus.sources import Source
from corpus.store import versions_by_number
from corpus.tables import layouts
from corpus.types import Span
from retrieval.places import Places
from tests.index.homes import open_home


def test_cells_that_the_store_lost_are_damage_and_no_missing_place(tmp_path: Path) -> None:
    with open_home(tmp_path / "home") as home:
        home.ingest(Source("file:///dues.csv", "dues.csv", b"boat;euros\nferry;12\nskiff;7\nyacht;30\n"))
        with home.database.write() as connection:
            (version,) = versions_by_number(connection, [1]).values()
            assert Places(connection).of(version, Span(0, 4)).cells is not None
            connection.execute(layouts.delete())
            with pytest.raises(DamagedError, match=version.document_id):
                Places(connection).of(version, Span(0, 4))
