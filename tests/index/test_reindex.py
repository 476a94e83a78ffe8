"""Building a home anew beside everything else: nothing shows before the switch, and then all of it at one `seq`."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from corpus.checks import Tally, run_check
from corpus.database import current_seq, next_seq
from corpus.errors import BadInputError, LockedError, ModelError, ReindexError
from corpus.store import count_in_force, text_of
from corpus.tables import SHADOW_SEQ, passages, versions
from index import shadow_builder
from index.derived_checks import check_embeddings
from index.embedder import FloatMatrix, FloatVector
from index.generation import Recipes
from index.recipe import Recipe
from index.reindex import Reindexed, Reindexer
from index.shadow_builder import ReindexProgress
from index.store import add_generation, generations_until
from index.tables import generations, vectors
from index.tiers import Tiers
from tests.index.homes import HashEmbedder, Home, open_home, text_source

TEXT = "The harbour opens at nine. The gate closes at ten. The ferry leaves at noon. The bell rings at one."
QUESTIONS = ["gate", "When does the ferry leave?", "gulls"]


class OtherEmbedder(HashEmbedder):
    """Another model: what is near to what is the same, the numbers are not."""

    fingerprint = replace(HashEmbedder.fingerprint, name="other", digest="1" * 64)

    def embed_question(self, question: str) -> FloatVector:
        return np.asarray(super().embed_question(question)[::-1])


class BrokenEmbedder(OtherEmbedder):
    """A model that now and then makes nonsense."""

    fingerprint = replace(HashEmbedder.fingerprint, name="broken")

    def embed_passages(self, texts) -> FloatMatrix:  # type: ignore[no-untyped-def]
        made = super().embed_passages(texts)
        made[-1] = np.nan
        return made


class MoodyEmbedder(OtherEmbedder):
    """A model that never makes the same of a text again."""

    fingerprint = replace(HashEmbedder.fingerprint, name="moody")

    def embed_passages(self, texts) -> FloatMatrix:  # type: ignore[no-untyped-def]
        made = np.random.default_rng().standard_normal((len(texts), 32)).astype(np.float32)
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), dtype=np.float32)


def silent(_progress: ReindexProgress) -> None:
    """Nobody watches."""


def reindexer(home: Home, passage_tokens: int | None = None, embedder: HashEmbedder | None = None) -> Reindexer:
    """One that builds the home anew with other passages, another model, or both."""
    by_name = {"hash": home.embedder, "other": OtherEmbedder(), "broken": BrokenEmbedder(), "moody": MoodyEmbedder()}
    model = None if embedder is None else embedder.fingerprint.name
    by_name |= {} if model is None or embedder is None else {model: embedder}
    recipes = Recipes(lambda name: by_name[name], model, passage_tokens)
    return Reindexer(home.path, home.database, home.keeper, home.lock, recipes)


def rows(home: Home, table: sa.Table) -> list[tuple[object, ...]]:
    with home.database.read() as connection:
        return [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]


def passages_in_force(home: Home) -> Counter[tuple[int, int, int]]:
    with home.database.read() as connection:
        seq = current_seq(connection)
        statement = sa.select(passages).where(
            passages.c.added_seq <= seq, sa.or_(passages.c.removed_seq.is_(None), passages.c.removed_seq > seq)
        )
        return Counter((row.version, row.start, row.end) for row in connection.execute(statement))


def check_whole(home: Home) -> None:
    """The indexes hold what the store has in force, each passage once, with a vector of the generation in force."""
    snapshot = home.keeper.snapshot()
    in_force = passages_in_force(home)
    assert set(in_force.values()) <= {1}
    assert len(snapshot.vectors) == len(snapshot.words) == len(in_force)
    with home.database.read() as connection:
        assert snapshot.seq == current_seq(connection)
        of_ended = sa.select(sa.func.count()).select_from(passages).join(versions)
        of_ended = of_ended.where(versions.c.removed_seq.is_not(None), passages.c.added_seq <= snapshot.seq)
        assert connection.scalar(of_ended.where(passages.c.removed_seq.is_(None))) == 0


def shadow_rows(home: Home) -> tuple[int, int]:
    """How many passages and generations are not in force yet."""
    with home.database.read() as connection:
        counts = [
            connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.added_seq == SHADOW_SEQ))
            for table in (passages, generations)
        ]
    return counts[0] or 0, counts[1] or 0


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with open_home(tmp_path / "home") as opened:
        opened.ingest(text_source("a", TEXT), text_source("b", "Gulls sleep on the quay."))
        yield opened


class Interrupted(Exception):
    """Stands for a process that ends."""


class At:
    """Calls something at a step of the work."""

    def __init__(self, step: int, call) -> None:  # type: ignore[no-untyped-def]
        self._step, self._call, self.steps = step, call, 0

    def __call__(self, _progress: ReindexProgress) -> None:
        self.steps += 1
        if self.steps == self._step:
            self._call()


def stop() -> None:
    raise Interrupted


# --- titles in front of passages ------------------------------------------------------------------------------------


def test_a_home_of_an_older_version_goes_on_without_titles_until_it_is_built_anew(tmp_path: Path) -> None:
    with open_home(tmp_path / "older") as home:
        with home.database.write() as connection:
            add_generation(connection, next_seq(connection), Recipe("hash", home.embedder, home.target_tokens, False))
        home.ingest(text_source("a", "Gulls sleep.", title="Quay"), text_source("b", "The gate is shut.", title="Gate"))
        assert _vector_of(home, "Gulls sleep.") == home.embedder.embed_question("Gulls sleep.").astype("<f2").tobytes()
        assert_vectors_fit(home)
        reindexer(home).reindex(silent)
        titled = home.embedder.embed_question("Quay\nGulls sleep.").astype("<f2").tobytes()
        assert _vector_of(home, "Gulls sleep.") == titled
        assert_vectors_fit(home)


def assert_vectors_fit(home: Home) -> None:
    """As `pincite verify --deep` does: every passage embedded again."""

    def work(tally: Tally) -> None:
        with home.database.read() as connection:
            check_embeddings(connection, home.keeper.snapshot(), home.embedder, tally)

    assert run_check("embeddings", lambda _name, _checked: None, work).status == "ok"


def _vector_of(home: Home, text: str) -> bytes:
    """The stored vector of a passage in the generation in force."""
    generation = home.keeper.snapshot().generation
    assert generation is not None
    with home.database.read() as connection:
        statement = sa.select(passages, vectors.c.vector).join(vectors).where(vectors.c.generation == generation.number)
        rows = connection.execute(statement).all()
        return next(row.vector for row in rows if text_of(connection, row.version)[row.start : row.end] == text)


# --- switching ---------------------------------------------------------------------------------------------------


def test_passages_of_another_size_come_into_force_together(home: Home) -> None:
    before = home.keeper.snapshot()
    done = reindexer(home, 6).reindex(silent)
    after = home.keeper.snapshot()
    assert after.seq == done.seq == before.seq + 1
    assert "The gate closes at ten." in home.by_vectors("gate")
    assert len(after.vectors) == len(after.words) == done.passages > len(before.vectors) == len(before.words)
    assert after.generation is not None
    assert (after.generation.number, after.generation.passage_size) == (
        done.generation,
        {"target_tokens": 6, "title": 1},
    )
    with home.database.read() as connection:
        assert count_in_force(connection, after.seq) == (2, len(after.vectors))
        assert count_in_force(connection, before.seq) == (2, len(before.vectors))
    check_whole(home)
    assert shadow_rows(home) == (0, 0)


def test_passages_that_stay_are_shared_and_the_words_left_alone(home: Home) -> None:
    before = rows(home, passages)
    done = reindexer(home, embedder=OtherEmbedder()).reindex(silent)
    assert rows(home, passages) == before
    assert (done.embedded, done.reused, done.passages) == (len(before), 0, len(before))
    home.embedder = OtherEmbedder()
    check_whole(home)
    assert "Gulls sleep on the quay." in home.by_vectors("gulls", k=1)


def test_only_the_files_of_the_generation_in_force_are_kept(tmp_path: Path) -> None:
    """Of those of another one that are damaged, nobody would ever make new ones."""
    with open_home(tmp_path / "home", tiers=Tiers(flush=2, fan_out=2, bulk=20)) as home:
        home.ingest(text_source("a", TEXT), text_source("b", "Gulls sleep on the quay."))
        done = reindexer(home, 6).reindex(silent)
        folders = [path.name for path in (home.path / "index" / "vectors").iterdir() if path.is_dir()]
        assert folders == [str(done.generation)]


def test_it_gives_what_a_new_home_would_have(home: Home, tmp_path: Path) -> None:
    reindexer(home, 6, OtherEmbedder()).reindex(silent)
    home.embedder = OtherEmbedder()
    with open_home(tmp_path / "new", OtherEmbedder()) as new:
        new.ingester._recipes = new.recipes(6)
        new.ingest(text_source("a", TEXT), text_source("b", "Gulls sleep on the quay."))
        for question in QUESTIONS:
            assert home.by_vectors(question, k=2) == new.by_vectors(question, k=2)
            assert home.by_words(question) == new.by_words(question)


def test_an_empty_home_takes_the_settings_on(tmp_path: Path) -> None:
    with open_home(tmp_path) as home:
        done = reindexer(home, 6, home.embedder).reindex(silent)
        assert (done.documents, done.passages, done.validation.lowest_cosine) == (0, 0, None)
        home.ingester._recipes = home.recipes(6)
        home.ingest(text_source("a", TEXT))
        check_whole(home)


def test_progress_counts_up_to_all(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow_builder, "_PART_PASSAGES", 2)
    steps: list[ReindexProgress] = []
    done = reindexer(home, 6).reindex(steps.append)
    assert steps[-1] == ReindexProgress(2, 2, done.passages)
    assert [step.passages_done for step in steps] == sorted(step.passages_done for step in steps)
    assert {step.documents_done for step in steps} == {0, 1, 2}


# --- beside others -----------------------------------------------------------------------------------------------


def test_nothing_shows_before_the_switch(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow_builder, "_PART_PASSAGES", 2)
    before, in_force = home.answers(QUESTIONS), passages_in_force(home)

    def look() -> None:
        assert shadow_rows(home)[0] > 0
        assert home.answers(QUESTIONS) == before
        with open_home(home.path) as other:
            assert other.answers(QUESTIONS) == before
            assert passages_in_force(other) == in_force

    watching = At(3, look)
    reindexer(home, 6).reindex(watching)
    assert watching.steps >= 3


def test_documents_that_come_change_and_go_meanwhile_are_as_they_are_then(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadow_builder, "_PART_PASSAGES", 2)
    ids = {result.path: result.document_id for result in home.ingest(text_source("c", "Owls hunt. " * 40))}

    def change() -> None:
        assert shadow_rows(home)[0] > 0
        home.ingest(text_source("a", "The harbour is closed. The gate is closed. Nobody opens the gate."))
        home.ingest(text_source("d", "Terns came from the north. They stay. They eat fish."))
        home.remover.remove_document(str(ids["c"]))
        with home.database.read() as connection:
            seq = current_seq(connection)
            ended = sa.select(sa.func.count()).select_from(passages).join(versions)
            ended = ended.where(versions.c.removed_seq.is_not(None), passages.c.added_seq <= seq)
            assert connection.scalar(ended.where(passages.c.removed_seq.is_(None))) == 0

    done = reindexer(home, 6).reindex(At(3, change))
    assert done.documents == 3
    assert home.by_words("owls") == set()
    assert home.by_words("ten") == set(), "a text that was replaced meanwhile is found"
    assert home.by_words("terns north") == {"Terns came from the north."}
    assert "The gate is closed." in home.by_vectors("gate", k=3)
    check_whole(home)
    assert shadow_rows(home) == (0, 0)


def test_what_is_purged_meanwhile_leaves_no_trace_and_compaction_does_no_harm(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadow_builder, "_PART_PASSAGES", 2)
    home.ingest(text_source("c", "Owls hunt. " * 40, document_id="owls"))

    def purge_and_compact() -> None:
        assert shadow_rows(home)[0] > 0
        home.purger.purge(["owls"])
        home.compactor.compact()

    for step in (2, 4):  # before its passages are in the shadow, and while they come
        home.ingest(text_source("c", "Owls hunt. " * 40, document_id="owls"))
        done = reindexer(home, 4 + step).reindex(At(step, purge_and_compact))
        home.ingester._recipes = home.recipes(4 + step)
        assert done.documents == 2
        assert home.by_words("owls") == set()
        check_whole(home)
        with home.database.read() as connection:
            ownerless = sa.select(vectors.c.passage).where(vectors.c.passage.not_in(sa.select(passages.c.number)))
            assert connection.scalars(ownerless).all() == []
    back = reindexer(home).rollback(silent)
    assert back.embedded == 0, "compaction keeps the generation before"


def test_whoever_writes_for_long_is_waited_for_and_taken_in_meanwhile(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.reindex._TRY_SECONDS", 0.05)
    is_writing, taken_in = threading.Event(), threading.Event()

    def write() -> None:
        with open_home(home.path) as other, other.lock.held(0):
            is_writing.set()
            other.ingest(text_source("c", "Owls hunt at night. They sleep by day."))
            assert taken_in.wait(20), "nothing is taken in while the lock is held"

    def note(step: ReindexProgress) -> None:
        if step.documents_done == 3:
            taken_in.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert is_writing.wait(20)
        done = reindexer(home, 6).reindex(note)
        writing.result()
    assert done.documents == 3
    check_whole(home)


def test_a_run_that_cannot_switch_has_lost_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.reindex._TRY_SECONDS", 0.05)
    monkeypatch.setattr("index.reindex._SWITCH_WAIT_SECONDS", 0.1)

    def attempt() -> None:
        with open_home(home.path) as other, pytest.raises(LockedError, match="writing to this home"):
            reindexer(other, 6).reindex(silent)

    with home.lock.held(0), ThreadPoolExecutor(1) as pool:
        pool.submit(attempt).result()
    done = reindexer(home, 6).reindex(silent)
    assert (done.embedded, done.resumed) == (0, done.passages)


def test_a_home_is_built_anew_by_one_process_at_a_time(home: Home) -> None:
    def another() -> None:
        with open_home(home.path) as other:
            for call in (lambda: reindexer(other, 8).reindex(silent), lambda: reindexer(other).discard()):
                with pytest.raises(LockedError, match="reindexing this home"):
                    call()

    with ThreadPoolExecutor(1) as pool:
        trying = At(1, lambda: pool.submit(another).result())
        reindexer(home, 6).reindex(trying)
    assert trying.steps


# --- broken off --------------------------------------------------------------------------------------------------


def test_a_run_that_was_broken_off_goes_on(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow_builder, "_PART_PASSAGES", 1)
    before = home.answers(QUESTIONS)
    with pytest.raises(Interrupted):
        reindexer(home, 6).reindex(At(5, stop))
    assert home.answers(QUESTIONS) == before
    state = reindexer(home, 6).state()
    assert state is not None
    assert (state.documents_done, state.documents_total) == (0, 2), "it stopped inside of the first document"
    assert state.passages == 2
    done = reindexer(home, 6).reindex(silent)
    assert (done.resumed, done.embedded, done.reused) == (2, done.passages - 3, 1), "one passage stays as it is"
    check_whole(home)
    assert reindexer(home).state() is None


def test_a_run_with_another_target_begins_anew(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow_builder, "_PART_PASSAGES", 1)
    with pytest.raises(Interrupted):
        reindexer(home, 6).reindex(At(5, stop))
    first = reindexer(home).state()
    done = reindexer(home, 9).reindex(silent)
    assert first is not None
    assert done.generation > first.generation.number
    assert done.resumed == 0
    assert first.generation.number not in {row[0] for row in rows(home, generations)}
    check_whole(home)


def test_what_was_built_can_be_discarded(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow_builder, "_PART_PASSAGES", 1)
    monkeypatch.setattr("index.shadow._CLEARED_AT_ONCE", 2)
    before = [rows(home, table) for table in (passages, vectors, generations)]
    assert not reindexer(home).discard()
    with pytest.raises(Interrupted):
        reindexer(home, 6, OtherEmbedder()).reindex(At(9, stop))
    assert [rows(home, table) for table in (passages, vectors, generations)] != before
    assert reindexer(home).discard()
    assert [rows(home, table) for table in (passages, vectors, generations)] == before
    assert reindexer(home).state() is None


# --- checks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("embedder", "said"), [(BrokenEmbedder(), "no number in it|cosine"), (MoodyEmbedder(), "embedded again")]
)
def test_vectors_that_are_not_right_are_not_put_in_force(home: Home, embedder: HashEmbedder, said: str) -> None:
    before = home.answers(QUESTIONS)
    with pytest.raises(ReindexError, match=said):
        reindexer(home, 6, embedder).reindex(silent)
    assert home.answers(QUESTIONS) == before
    check_whole(home)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE vectors SET vector = zeroblob(64) WHERE generation = 2", "changed on the disk"),
        ("UPDATE vectors SET vector = zeroblob(64), checksum = 1972200246 WHERE generation = 2", "not of length 1"),
        ("UPDATE vectors SET vector = x'00' WHERE generation = 2", "changed on the disk"),
        ("DELETE FROM vectors WHERE generation = 2", "has no passages"),
    ],
)
def test_a_shadow_that_was_damaged_is_not_put_in_force(
    home: Home, monkeypatch: pytest.MonkeyPatch, damage: str, said: str
) -> None:
    def hurt() -> None:
        with home.database.write() as connection:
            connection.exec_driver_sql(damage)

    before = home.answers(QUESTIONS)
    with pytest.raises(ReindexError, match=said):
        reindexer(home, 6).reindex(At(2, hurt))
    assert home.answers(QUESTIONS) == before


def test_a_passage_that_is_missing_is_noticed_where_the_sample_looks(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadow_builder, "_PART_PASSAGES", 1)
    real = shadow_builder.add_part
    monkeypatch.setattr(
        shadow_builder,
        "add_part",
        lambda *arguments: [] if min(span.start for span in arguments[3]) > 50 else real(*arguments),
    )
    with pytest.raises(ReindexError, match="split into"):
        reindexer(home, 6).reindex(silent)


def test_what_was_checked_is_reported(home: Home) -> None:
    home.ingest(text_source("c", TEXT * 3))
    checked = reindexer(home, 6).reindex(silent).validation
    assert (checked.documents, checked.dimension, checked.sampled_documents) == (3, 32, 3)
    assert checked.passages > checked.sampled_passages == 5
    assert checked.lowest_cosine == pytest.approx(1, abs=1e-3)


# --- reuse and rollback ------------------------------------------------------------------------------------------


def test_going_back_embeds_nothing_again_and_answers_as_before(home: Home) -> None:
    before = {question: home.by_vectors(question, k=2) for question in QUESTIONS}
    reindexer(home, 6, OtherEmbedder()).reindex(silent)
    home.embedder = RefusingButForSamples()
    done = reindexer(home, 6, OtherEmbedder()).rollback(silent)
    assert (done.embedded, done.reused, done.resumed) == (0, done.passages, 0)
    assert (done.model, done.passage_tokens, done.generation) == ("hash", 16, 3)
    assert {question: home.by_vectors(question, k=2) for question in QUESTIONS} == before
    check_whole(home)


class RefusingButForSamples(HashEmbedder):
    """Embeds as many passages as checks do."""

    def embed_passages(self, texts) -> FloatMatrix:  # type: ignore[no-untyped-def]
        assert len(texts) <= 4
        return super().embed_passages(texts)


def test_documents_that_came_since_are_embedded_when_going_back(home: Home) -> None:
    reindexer(home, 6, OtherEmbedder()).reindex(silent)
    with open_home(home.path, OtherEmbedder()) as other:
        other.ingester._recipes = other.recipes(6)
        other.ingest(text_source("c", "Owls hunt at night. They sleep by day."))
    done = reindexer(home).rollback(silent)
    assert (done.embedded, done.reused) == (1, done.passages - 1)
    assert home.by_vectors("Owls hunt at night", k=1) == {"Owls hunt at night. They sleep by day."}
    check_whole(home)
    forth = reindexer(home).rollback(silent)
    assert (forth.model, forth.passage_tokens, forth.embedded) == ("other", 6, 0)


def test_where_there_is_nothing_to_go_back_to_nothing_changes(home: Home) -> None:
    before = [rows(home, table) for table in (passages, vectors, generations)]
    with pytest.raises(BadInputError, match="nothing to go back to"):
        reindexer(home).rollback(silent)
    assert [rows(home, table) for table in (passages, vectors, generations)] == before


def test_without_the_model_of_before_nothing_changes(home: Home) -> None:
    reindexer(home, embedder=OtherEmbedder()).reindex(silent)
    before = [rows(home, table) for table in (passages, vectors, generations)]
    home.embedder = OtherEmbedder()  # under the name of the first
    with pytest.raises(ModelError, match="built with the model 'hash', not with 'other'"):
        reindexer(home).rollback(silent)
    assert [rows(home, table) for table in (passages, vectors, generations)] == before


def test_vectors_that_were_changed_on_the_disk_are_made_again(home: Home) -> None:
    with home.database.write() as connection:
        connection.exec_driver_sql("UPDATE vectors SET vector = zeroblob(64) WHERE passage = 1")
    done = reindexer(home).reindex(silent)
    assert (done.embedded, done.reused) == (1, done.passages - 1)
    check_whole(home)


def test_generations_are_known_newest_first(home: Home) -> None:
    reindexer(home, 6).reindex(silent)
    reindexer(home).rollback(silent)
    with home.database.read() as connection:
        found = generations_until(connection, current_seq(connection))
    assert [generation.number for generation in found] == [3, 2, 1]
    assert [generation.passage_size["target_tokens"] for generation in found] == [16, 6, 16]


# --- at random ---------------------------------------------------------------------------------------------------


def test_a_home_is_whole_whatever_happens_in_whatever_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps in random order, some of them in the middle of a reindexing, which may be broken off."""
    monkeypatch.setattr(shadow_builder, "_PART_PASSAGES", 3)
    for number in range(2):
        drawn = random.Random(seed := time.time_ns())
        with open_home(tmp_path / str(number)) as home:
            texts: dict[str, str] = {}
            home.ingest(text_source("first", TEXT))
            texts["first"] = TEXT

            def change(drawn=drawn, home=home, texts=texts) -> None:  # type: ignore[no-untyped-def]
                name = drawn.choice("abcde")
                if name in texts and drawn.random() < 0.4:
                    (found,) = home.ingest(text_source(name, texts.pop(name)))
                    home.remover.remove_document(str(found.document_id))
                else:
                    texts[name] = " ".join(
                        f"Word {drawn.randrange(30)} stands here." for _ in range(drawn.randint(1, 9))
                    )
                    home.ingest(text_source(name, texts[name]))

            for _ in range(4):
                size = drawn.choice([5, 8, 16])
                steps: list[object] = [change, change, stop] if drawn.random() < 0.4 else [change, change]
                step = At(drawn.randint(1, 4), drawn.choice(steps))
                try:
                    done: Reindexed | None = reindexer(home, size).reindex(step)
                except Interrupted:
                    done = None
                if done is not None:
                    home.ingester._recipes = home.recipes(size)
                    assert done.passages == len(passages_in_force(home))
                if drawn.random() < 0.5:
                    change()
                check_whole(home)
                with home.database.read() as connection:
                    assert count_in_force(connection, current_seq(connection))[0] == len(texts), seed
