import threading
from random import Random

import numpy as np
import pytest
import sqlalchemy as sa

from corpus.database import current_seq, next_seq
from corpus.tables import passages
from index import compaction, vector_folder
from index.recipe import Recipe
from index.store import add_generation, add_vectors, generation_at, rows_added
from index.tables import generations, vectors
from index.tantivy_words import TantivyWords
from index.tiers import Tiers
from tests.contracts.words import entries
from tests.index.homes import open_home, text_source

QUESTIONS = ("puffin", "gull tern", "nest on the cliff")


# So small that a few passages make a file.
TIERS = Tiers(flush=4, fan_out=3, bulk=20)


@pytest.fixture
def home(tmp_path):
    with open_home(tmp_path / "home", tiers=TIERS) as opened:
        yield opened


def fill(home, count: int = 30) -> list[str]:
    birds = ("puffin", "gull", "tern", "owl")
    random = Random(4)
    texts = (" ".join(random.choices(birds, k=12)) + f" nest {n} on the cliff." for n in range(count))
    results = home.ingest(*(text_source(f"{n}", text, document_id=f"d{n}") for n, text in enumerate(texts)))
    return [str(result.document_id) for result in results]


def scored(home) -> list[object]:
    """What the words find, by name and with scores to the last bit."""
    snapshot = home.keeper.snapshot()
    with home.database.read() as connection:
        names = {row.number: row.id for row in connection.execute(sa.select(passages))}
    found = [snapshot.words.search(question, 100, home.scope()) for question in QUESTIONS]
    return [sorted((names[hit.number], hit.score) for hit in hits) for hits in found]


def test_scores_of_words_are_those_of_a_fresh_build(home, tmp_path):
    fill(home, 30)
    home.remover.remove_documents([f"d{n}" for n in range(10, 30)])
    removed = scored(home)
    home.compactor.compact()
    with open_home(tmp_path / "fresh", tiers=TIERS) as fresh:
        fill(fresh, 10)
        assert scored(home) == scored(fresh)
        assert removed != scored(fresh), "nothing was there to be compacted"


def test_a_home_with_removed_documents_takes_less_room_and_says_so(home):
    ids = fill(home, 60)
    home.remover.remove_documents(ids[40:])
    done = home.compactor.compact()
    assert done.log_emptied
    for part in ("store", "words", "vectors"):
        assert getattr(done.after, part) < getattr(done.before, part), part
    assert done.after.originals == done.before.originals > 0
    assert (home.path / "store.db-wal").stat().st_size == 0
    assert sum(path.stat().st_size for path in home.path.glob("store.db*")) == done.after.store


def test_compacting_changes_no_answer(home):
    fill(home, 10)
    with open_home(home.path, tiers=TIERS) as other:
        home.compactor.compact()
        before = other.answers(QUESTIONS)
        home.compactor.compact()
        assert home.answers(QUESTIONS) == before
        assert other.answers(QUESTIONS) == before
    with open_home(home.path, tiers=TIERS) as again:
        assert again.answers(QUESTIONS) == before


def test_questions_go_on_while_vectors_are_merged(home, monkeypatch):
    fill(home)
    home.remover.remove_document("d7")
    home.keeper.close()  # so that no merge in the background comes between
    before, merging, asked = home.keeper.snapshot(), threading.Event(), threading.Event()
    write = vector_folder.write_segment

    def waiting(*arguments):
        merging.set()
        assert asked.wait(10), "the question waits for the merge"
        return write(*arguments)

    thread = threading.Thread(target=home.keeper.compact)
    with home.lock.held(0), monkeypatch.context() as patch:
        patch.setattr(vector_folder, "write_segment", waiting)
        thread.start()
        assert merging.wait(10)
        question = threading.Thread(target=lambda: home.keeper.snapshot() and asked.set())
        question.start()
        for one in (thread, question):
            one.join(15)
    assert asked.is_set()
    assert len(home.keeper.snapshot().vectors) == len(before.vectors)
    assert len(home.keeper.snapshot().vectors.stored) == 1


def test_vectors_are_kept_of_the_generation_in_force_and_the_one_before_it(home):
    fill(home, 3)
    with home.database.read() as connection:
        first = generation_at(connection, current_seq(connection))
        numbers = connection.scalars(sa.select(passages.c.number)).all()
        matrix = np.concatenate(
            [rows.vectors for rows in rows_added(connection, first.number, 0, current_seq(connection))]
        )
    for _ in range(3):
        with home.database.write() as connection:
            seq = next_seq(connection)
            made = add_generation(connection, seq, Recipe("hash", home.embedder, home.target_tokens))
            add_vectors(connection, made.number, numbers, matrix)
    before = home.by_vectors("puffin gull", k=2)
    assert home.compactor.compact().generations_dropped == 2
    with home.database.read() as connection:
        kept = connection.scalars(sa.select(generations.c.number)).all()
        assert kept == [made.number - 1, made.number]
        assert sorted(set(connection.scalars(sa.select(vectors.c.generation)))) == kept
        assert connection.scalars(sa.select(passages.c.number)).all() == numbers
    assert home.by_vectors("puffin gull", k=2) == before
    assert home.compactor.compact().generations_dropped == 0


def test_a_log_that_is_read_all_the_time_is_reported(home, monkeypatch):
    monkeypatch.setattr(compaction, "_LOG_SECONDS", 0.1)
    fill(home, 2)
    with home.database.read() as connection:
        connection.execute(sa.select(passages)).all()
        assert not home.compactor.compact().log_emptied
    assert home.compactor.compact().log_emptied


def test_words_made_anew_hold_what_they_are_given_and_no_file_of_before(tmp_path):
    random = Random(5)
    words = TantivyWords(tmp_path)
    words.change(entries(random, 50, 0), [], 1)
    words.change(entries(random, 50, 50), list(range(20)), 2)
    reader, before = words.snapshot(), {path.name for path in tmp_path.iterdir()}
    words.rebuild(entries(random, 10, 200), 3)
    snapshot = words.snapshot()
    assert (len(snapshot), snapshot.seq) == (10, 3)
    assert (reader.seq, len(reader)) == (2, 81)
    left = before & {path.name for path in tmp_path.iterdir()}
    assert not [name for name in left if not name.endswith((".lock", ".json"))]


def test_words_whose_remaking_fails_stay_as_they_were(tmp_path):
    words = TantivyWords(tmp_path)
    random = Random(6)
    words.change(entries(random, 20, 0), [], 1)

    def broken():
        yield from entries(random, 3, 100)
        raise KeyError("gone")

    with pytest.raises(KeyError):
        words.rebuild(broken(), 2)
    assert (len(words.snapshot()), words.snapshot().seq) == (20, 1)
    words.change(entries(random, 1, 200), [], 2)
    assert (len(TantivyWords(tmp_path).snapshot()), words.snapshot().seq) == (21, 2)
