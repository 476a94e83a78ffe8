"""Building vectors anew: another passage size takes effect at one `seq`, and a snapshot from before still answers."""

from pathlib import Path

from corpus.store import count_in_force
from index.reindex import Reindexer
from index.results import Progress
from tests.index.homes import open_home, text_source

TEXT = "The harbour opens at nine. The gate closes at ten. The ferry leaves at noon. The bell rings at one."


def _silent(_progress: Progress) -> None:
    """Nobody watches."""


def test_passages_of_another_size_come_into_force_together(tmp_path: Path) -> None:
    with open_home(tmp_path) as home:
        home.ingest(text_source("a", TEXT), text_source("b", "Gulls sleep on the quay."))
        before = home.keeper.snapshot()
        texts_before = home.by_vectors("gate")
        reindexer = Reindexer(home.database, home.keeper, home.lock, lambda: home.embedder, 6)
        seq = reindexer.reindex(_silent, 10)
        after = home.keeper.snapshot()
        assert after.seq == seq == before.seq + 1
        assert "The gate closes at ten." in home.by_vectors("gate")
        assert len(after.vectors) == len(after.words) > len(before.vectors) == len(before.words) == len(texts_before)
        assert after.generation is not None
        assert after.generation.passage_size == {"target_tokens": 6}
        with home.database.read() as connection:
            assert count_in_force(connection, after.seq) == (2, len(after.vectors))
            assert count_in_force(connection, before.seq) == (2, len(before.vectors))
