import logging
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from corpus.database import next_seq
from corpus.errors import DamagedError, LockedError
from corpus.sources import Source
from corpus.store import count_in_force, end_version, version_of
from corpus.tables import store_state
from index import keeper as keeper_module
from index.keeper import IndexKeeper
from index.tantivy_words import ANALYZER, TantivyWords
from index.tiers import Tiers
from index.vector_folder import VectorFolder
from index.word_files import read_note, write_note
from tests.index.disks import files_of_at_most
from tests.index.homes import Home, RefusingEmbedder, open_home, text_source

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ["ferry to Karn", "lamp burns paraffin", "nobody", "harbour dues in euros", "the"]
TEXTS = {
    "ferry": "The ferry to Karn sails at noon.\n\nDogs travel free of charge on deck.",
    "light": "Karn Light was lit in 1887.\n\nIts lamp burns paraffin. Nobody lives there.",
    "dues": "Harbour dues are paid in euros.\n\nBoats below six metres pay nothing.",
}


# Small, so that a few texts make several files.
TIERS = Tiers(flush=8, fan_out=3, bulk=20)


def fill(path: Path) -> list[object]:
    """A home of several commits, with a replaced and a removed document; gives its answers."""
    with open_home(path, tiers=TIERS) as home:
        for name, text in TEXTS.items():
            home.ingest(text_source(name, text))
        for first in range(0, 40, 10):
            home.ingest(*(filler(number) for number in range(first, first + 10)))
        home.ingest(text_source("light", TEXTS["light"] + "\n\nThe keeper left."))
        (removed,) = home.ingest(text_source("filler 3", "Filler number 3 again."))
        home.remover.remove_document(removed.document_id)
        return home.answers(QUESTIONS)


def filler(number: int) -> Source:
    return text_source(f"filler {number}", f"Filler number {number} speaks of the ferry {number} times.")


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> tuple[Path, list[object]]:
    path = tmp_path_factory.mktemp("filled") / "home"
    return path, fill(path)


@pytest.fixture
def home_and_answers(filled, tmp_path) -> tuple[Path, list[object]]:
    shutil.copytree(filled[0], tmp_path / "home")
    return tmp_path / "home", filled[1]


def one(folder: Path, pattern: str) -> Path:
    return sorted(folder.glob(pattern))[0]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


VECTOR_DAMAGES: dict[str, Callable[[Path], object]] = {
    "a missing file": lambda folder: one(folder, "*.rows.npy").unlink(),
    "a truncated file": lambda folder: shorten(one(folder, "*.vectors.npy")),
    "a flipped byte of the vectors": lambda folder: flip(one(folder, "*.vectors.npy")),
    "a flipped byte of the rows": lambda folder: flip(one(folder, "*.rows.npy")),
    "a flipped byte of the tombstones": lambda folder: flip(one(folder, "*.removed.npy")),
    "a manifest of garbage": lambda folder: (folder / "manifest.json").write_bytes(b"\x00garbage"),
    "a flipped byte of the manifest": lambda folder: flip(folder / "manifest.json"),
}


@pytest.mark.parametrize("damage", VECTOR_DAMAGES.values(), ids=VECTOR_DAMAGES.keys())
def test_damaged_vectors_are_made_from_the_store_and_mended_by_the_first_reader(home_and_answers, caplog, damage):
    path, answers = home_and_answers
    damage(path / "index" / "vectors" / "1")
    with open_home(path, RefusingEmbedder(), TIERS) as home:
        assert home.answers(QUESTIONS) == answers
        (warning,) = caplog.messages
        assert "the vector index is made anew from the stored vectors: " in warning
        assert str(path / "index" / "vectors") in warning
    caplog.clear()
    with open_home(path, RefusingEmbedder(), TIERS) as home:
        assert home.answers(QUESTIONS) == answers
    assert caplog.messages == []


def test_without_saved_vectors_they_are_read_from_the_store(home_and_answers, caplog):
    """As in a home whose first ingestion was killed: nothing is wrong with it."""
    path, answers = home_and_answers
    shutil.rmtree(path / "index" / "vectors")
    with open_home(path, RefusingEmbedder()) as home:
        assert home.answers(QUESTIONS) == answers
        assert not home.keeper.snapshot().vectors.stored
    with open_home(path, RefusingEmbedder(), TIERS) as home:  # so large that every reader would wait for it
        assert home.answers(QUESTIONS) == answers
        assert home.keeper.snapshot().vectors.stored
    assert caplog.messages == []


def fewer_entries(folder: Path) -> None:
    """Words that stand at the same `seq` as the store and do not hold what it holds."""
    words = TantivyWords(folder)
    seq = words.snapshot().seq
    words.change([], range(1, 20), seq)
    assert words.snapshot().seq == seq


def another_home(folder: Path) -> None:
    """The words of a home that has gone through as many changes, and holds as many passages."""
    other = folder.parent.parent.parent / "other"
    fill(other)
    shutil.rmtree(folder)
    shutil.copytree(other / "index" / "words", folder)


def every_file(change: Callable[[Path], object], pattern: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for path in folder.glob(pattern):
            change(path)

    return damage


WORD_DAMAGES: dict[str, Callable[[Path], object]] = {
    "a missing folder": shutil.rmtree,
    "a missing state": lambda folder: (folder / "meta.json").unlink(),
    "a state of garbage": lambda folder: (folder / "meta.json").write_bytes(b"\x00garbage"),
    "an empty state": lambda folder: (folder / "meta.json").write_bytes(b""),
    "missing files": every_file(Path.unlink, "*.term"),
    "truncated files": every_file(shorten, "*.idx"),
    "files of a few bytes": every_file(lambda path: path.write_bytes(b"garbage"), "*.store"),
    "a flipped byte of every kind of file": lambda folder: [flip(path) for path in sorted(folder.glob("*.*"))[3:9]],
    "a missing note": lambda folder: (folder / "store").unlink(),
    "a flipped byte of the note": lambda folder: flip(folder / "store"),
    "another analyzer": lambda folder: write_note(folder, read_note(folder).store_id, "pincite_en_0"),
    "fewer entries": fewer_entries,
    "the words of another home": another_home,
}


@pytest.mark.parametrize("damage", WORD_DAMAGES.values(), ids=WORD_DAMAGES.keys())
def test_damaged_words_are_made_from_the_store(home_and_answers, caplog, damage):
    path, answers = home_and_answers
    damage(path / "index" / "words")
    with open_home(path, RefusingEmbedder()) as home:
        scores_may_differ(home.answers(QUESTIONS), answers)
        (warning,) = caplog.messages
        assert warning.startswith("the word index is made anew from the store: ")
    caplog.clear()
    with open_home(path, RefusingEmbedder()) as home:
        scores_may_differ(home.answers(QUESTIONS), answers)
    assert caplog.messages == []


def scores_may_differ(found: list, expected: list) -> None:
    """Until removed entries are merged away, tantivy counts them in its statistics; what matches is the same."""
    for (words, vectors), (expected_words, expected_vectors) in zip(found, expected, strict=True):
        assert {number for number, _ in words} == {number for number, _ in expected_words}
        assert vectors == expected_vectors


def test_words_that_turn_out_damaged_with_a_write_are_mended_by_it(home_and_answers, caplog):
    path, _ = home_and_answers
    with open_home(path) as home:
        home.keeper.snapshot()
        every_file(lambda file: file.write_bytes(b"garbage"), "*.fieldnorm")(path / "index" / "words")
        (result,) = home.ingest(text_source("new", "A puffin nests on the light."))
        assert result.status == "added"
        assert home.by_words("puffin") == {"A puffin nests on the light."}
        assert home.by_words("paraffin")
    assert any("the word index is made anew" in message for message in caplog.messages)


def test_a_store_that_was_replaced_by_an_older_one_is_called_damaged(home_and_answers, tmp_path):
    path, _ = home_and_answers
    shutil.copy(path / "store.db", tmp_path / "older.db")
    with open_home(path) as home:
        home.ingest(text_source("new", "A puffin nests on the light."))
    shutil.copy(tmp_path / "older.db", path / "store.db")
    with open_home(path) as home:
        with pytest.raises(DamagedError, match="older"):
            home.keeper.snapshot()
        with pytest.raises(DamagedError, match="older"):
            home.ingest(text_source("newer", "Seals rest on the pier."))
        with home.database.read() as connection:
            assert count_in_force(connection, 10**6)[0] == 42, "nothing may be added to such a home"
    shutil.rmtree(path / "index")  # as the message says
    with open_home(path, RefusingEmbedder()) as home:
        assert home.by_words("puffin") == set()
        assert home.by_words("paraffin")


def test_a_store_of_another_home_is_called_damaged(home_and_answers, tmp_path):
    path, answers = home_and_answers
    fill(tmp_path / "other")
    (path / "store.db").rename(tmp_path / "kept.db")
    shutil.copy(tmp_path / "other" / "store.db", path / "store.db")
    with pytest.raises(DamagedError, match="made from another store"), open_home(path):
        pass
    (tmp_path / "kept.db").rename(path / "store.db")
    with open_home(path) as home:
        assert home.answers(QUESTIONS) == answers


def test_nothing_is_made_from_a_store_that_contradicts_itself(home_and_answers):
    path, _ = home_and_answers
    with sqlite3.connect(path / "store.db") as store:
        store.execute("PRAGMA writable_schema=ON")
        store.execute("UPDATE sqlite_schema SET sql = replace(sql, 'added_seq', 'start') WHERE name LIKE '%_added_seq'")
    store.close()
    shutil.rmtree(path / "index" / "words")
    with pytest.raises(DamagedError, match="put back a backup"), open_home(path):
        pass


# --- between the store's commit and that of the words ----------------------------------------------------------------


def commit_without_words(home: Home, monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """What a writer leaves that was killed after its transaction."""
    with monkeypatch.context() as patch:
        patch.setattr(home.keeper, "catch_up", lambda: None)
        patch.setattr(home.keeper, "publish", lambda: None)
        change()


def test_the_next_reader_makes_up_for_a_killed_writer(home_and_answers, monkeypatch):
    path, _ = home_and_answers
    with open_home(path) as home:
        before = home.keeper.snapshot()
        (ferry,) = home.ingest(text_source("ferry", TEXTS["ferry"]))
        added = text_source("new", "A puffin nests on the light.")
        commit_without_words(home, monkeypatch, lambda: home.ingest(added))
        commit_without_words(home, monkeypatch, lambda: home.remover.remove_document(ferry.document_id))
        assert home.keeper.snapshot().seq == before.seq + 2
        assert home.by_words("puffin") == {"A puffin nests on the light."}
        assert home.by_words("noon") == set()
    with open_home(path) as home:
        commit_without_words(home, monkeypatch, lambda: home.ingest(text_source("seal", "Seals rest on the pier.")))
    with open_home(path, RefusingEmbedder()) as home:
        assert home.by_words("seals") == {"Seals rest on the pier."}
        assert "Seals rest on the pier." in home.by_vectors("seals")


@pytest.mark.parametrize("room", [0, 100], ids=["no file", "small files"])
def test_a_full_disk_keeps_no_reader_from_the_state_that_is_there(home_and_answers, monkeypatch, caplog, room):
    path, answers = home_and_answers
    with open_home(path) as home:
        commit_without_words(home, monkeypatch, lambda: home.ingest(text_source("new", "A puffin nests.")))
    with open_home(path) as home:
        with files_of_at_most(room):
            assert home.answers(QUESTIONS) == answers
        assert "the words are behind the store and cannot be brought there" in caplog.messages[-1]
        assert home.by_words("puffin") == {"A puffin nests."}


def test_a_snapshot_is_a_state_that_all_three_hold(home_and_answers, monkeypatch):
    path, _ = home_and_answers
    with open_home(path) as writer, open_home(path) as reader:
        old = reader.keeper.snapshot()
        assert len(old.words) == len(old.vectors) == in_force(reader, old.seq)
        with writer.lock.held(0):
            commit_without_words(writer, monkeypatch, lambda: writer.ingest(text_source("new", "A puffin nests.")))
            behind = reader.keeper.snapshot()
            assert (behind.seq, len(behind.words), len(behind.vectors)) == (old.seq, len(old.words), len(old.vectors))
            assert reader.by_vectors("puffin", k=1) != {"A puffin nests."}
        new = reader.keeper.snapshot()
        assert new.seq == old.seq + 1
        assert len(new.words) == len(new.vectors) == in_force(reader, new.seq) == len(old.words) + 1
        assert (len(old.words), len(old.vectors)) == (len(new.words) - 1, len(new.vectors) - 1)


def in_force(home: Home, seq: int) -> int:
    with home.database.read() as connection:
        return count_in_force(connection, seq)[1]


def test_a_snapshot_of_an_empty_home(tmp_path):
    with open_home(tmp_path / "home") as home:
        snapshot = home.keeper.snapshot()
        assert (snapshot.seq, snapshot.generation, len(snapshot.vectors), len(snapshot.words)) == (0, None, 0, 0)
        home.keeper.publish()
        home.ingest(text_source("a", TEXTS["ferry"]))
        assert home.keeper.snapshot().seq == 1


def test_a_snapshot_never_goes_back_while_another_process_makes_the_words_anew(home_and_answers):
    path, answers = home_and_answers
    with open_home(path) as reader:
        before = reader.keeper.snapshot()
        with open_home(path) as writer, writer.lock.held(0):
            with writer.database.write() as connection:
                next_seq(connection)
            shutil.rmtree(path / "index" / "words")
            TantivyWords(path / "index" / "words")  # begun, and holding nothing yet
            assert reader.keeper.snapshot() is before
        scores_may_differ(reader.answers(QUESTIONS), answers)
        assert reader.keeper.snapshot().seq == before.seq + 1


def test_a_new_reader_says_that_it_waited_in_vain_for_words(home_and_answers, monkeypatch):
    path, _ = home_and_answers
    with open_home(path) as writer, writer.lock.held(0):
        shutil.rmtree(path / "index" / "words")
        TantivyWords(path / "index" / "words")
        write_note(path / "index" / "words", store_id(writer), ANALYZER)
        monkeypatch.setattr(keeper_module, "_REBUILD_WAIT_SECONDS", 0.2)
        monkeypatch.setattr(IndexKeeper, "_whole_words", lambda keeper: TantivyWords(path / "index" / "words"))
        with open_home(path) as reader, pytest.raises(LockedError, match="is writing to this home"):
            reader.keeper.snapshot()


def test_a_reader_that_finds_newer_vectors_than_words_takes_newer_words(home_and_answers, monkeypatch):
    """As when a writer publishes between its looking at the words and at the vectors."""
    path, _ = home_and_answers
    with open_home(path, tiers=TIERS) as reader, open_home(path, tiers=TIERS) as writer:
        stale = iter([reader.keeper._words.snapshot()])
        writer.ingest(*(text_source(f"new {number}", f"Puffin {number} nests here.") for number in range(9)))
        words = reader.keeper._words
        current = words.snapshot
        monkeypatch.setattr(words, "snapshot", lambda: next(stale, None) or current())
        monkeypatch.setattr(reader.keeper, "_catch_up_unless_somebody_writes", lambda newest: None)
        assert reader.keeper.snapshot().seq == writer.keeper.snapshot().seq
        assert "Puffin 4 nests here." in reader.by_vectors("puffin")


def test_a_writer_that_comes_between_is_not_taken_for_an_older_store(home_and_answers, monkeypatch):
    """A reader sees the store as it was when it began, and the files of vectors as they are."""
    path, _ = home_and_answers
    with open_home(path, tiers=TIERS) as reader, open_home(path, tiers=TIERS) as writer:
        look = keeper_module.generation_at

        def publish_meanwhile(connection, seq):
            found = look(connection, seq)
            monkeypatch.undo()
            writer.ingest(*(text_source(f"new {number}", f"Puffin {number} nests here.") for number in range(9)))
            return found

        monkeypatch.setattr(keeper_module, "generation_at", publish_meanwhile)
        assert reader.keeper.snapshot().seq == writer.keeper.snapshot().seq
        assert "Puffin 4 nests here." in reader.by_vectors("puffin")


def test_a_new_reader_waits_while_all_words_are_made_anew(home_and_answers):
    path, answers = home_and_answers
    shutil.rmtree(path / "index" / "words")
    ready, found = threading.Event(), []

    def read() -> None:
        with open_home(path) as reader:
            ready.set()
            found.extend(reader.answers(QUESTIONS))

    with open_home(path) as writer, writer.lock.held(0):
        thread = threading.Thread(target=read)
        thread.start()
        assert ready.wait(10)
        thread.join(0.3)
        assert thread.is_alive(), "it answered from an index without words"
        writer.keeper.catch_up()
        thread.join(10)
    scores_may_differ(found, answers)


def test_snapshots_of_many_threads_beside_a_writer_are_whole(tmp_path):
    with open_home(tmp_path / "home") as home:
        home.ingest(text_source("0", "Document 0 of the ferry."))
        stop, wrong = threading.Event(), []

        def read() -> None:
            last = 0
            while not stop.is_set():
                snapshot = home.keeper.snapshot()
                if not (len(snapshot.words) == len(snapshot.vectors) == in_force(home, snapshot.seq) >= last):
                    wrong.append(snapshot)
                last = len(snapshot.words)

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(1, 9):
            home.ingest(text_source(str(number), f"Document {number} of the ferry."))
            # Acknowledged means published.
            assert f"Document {number} of the ferry." in home.by_words(f"document {number}")
        stop.set()
        for thread in threads:
            thread.join(10)
        assert wrong == []


# --- other processes -------------------------------------------------------------------------------------------------

_CHILD = """
import sys
from pathlib import Path
from tests.index.homes import open_home, text_source
with open_home(Path(sys.argv[1])) as home:
    for line in sys.stdin:
        command, _, text = line.strip().partition(" ")
        if command == "read":
            print(home.keeper.snapshot().seq, sorted(home.by_words(text)), flush=True)
        if command == "write":
            print([result.seq for result in home.ingest(text_source(text, text))], flush=True)
        if command == "hold":
            with home.lock.held(10):
                print("held", flush=True)
                sys.stdin.readline()
            print("released", flush=True)
"""


class Child:
    """A process with the same home open that does what it is told."""

    def __init__(self, path: Path) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen([sys.executable, "-c", _CHILD, str(path)], cwd=ROOT, **pipes)

    def ask(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def child(tmp_path):
    opened = Child(tmp_path / "home")
    yield opened
    opened.close()


def test_processes_see_each_others_commits(tmp_path, child):
    with open_home(tmp_path / "home") as home:
        assert home.ingest(text_source("a", "One puffin."))[0].seq == 1
        assert child.ask("read puffin") == "1 ['One puffin.']"
        assert child.ask("write Two puffins.") == "[2]"
        assert home.by_words("puffin") == {"One puffin.", "Two puffins."}
        home.remover.remove_document(home.ingest(text_source("a", "One puffin."))[0].document_id)
        assert child.ask("read puffin") == "3 ['Two puffins.']"


def test_a_reader_answers_from_the_older_state_while_another_process_writes(tmp_path, child):
    with open_home(tmp_path / "home") as home:
        (puffin,) = home.ingest(text_source("a", "One puffin."))
        assert home.keeper.snapshot().seq == 1
        assert child.ask("hold") == "held"
        with home.database.write() as connection:  # that process has committed, and its words are still to come
            seq = next_seq(connection)
            end_version(connection, seq, version_of(connection, puffin.document_id, seq).document)
        assert home.keeper.snapshot().seq == 1
        assert home.by_words("puffin") == {"One puffin."}
        assert child.ask("") == "released"
        assert home.keeper.snapshot().seq == 2
        assert home.by_words("puffin") == set()


def test_the_database_is_the_only_thing_a_copy_needs(home_and_answers, tmp_path):
    path, answers = home_and_answers
    (tmp_path / "copy").mkdir()
    with sqlite3.connect(path / "store.db") as source, sqlite3.connect(tmp_path / "copy" / "store.db") as target:
        source.backup(target)
    source.close()
    target.close()
    with open_home(tmp_path / "copy", RefusingEmbedder()) as home:
        scores_may_differ(home.answers(QUESTIONS), answers)


def test_vectors_that_cannot_be_saved_fail_nothing(home_and_answers, caplog, monkeypatch):
    path, _ = home_and_answers

    def refuse(*_arguments, **_options):
        raise OSError("no space left")

    monkeypatch.setattr("index.vector_folder.write_segment", refuse)
    with open_home(path, tiers=TIERS) as home:
        results = home.ingest(*(text_source(f"new {number}", f"Puffin {number} nests here.") for number in range(9)))
        assert {result.status for result in results} == {"added"}
    assert any("no space left" in record.message for record in caplog.records if record.levelno == logging.WARNING)
    monkeypatch.undo()
    with open_home(path, RefusingEmbedder(), TIERS) as home:
        assert "Puffin 4 nests here." in home.by_vectors("puffin")


def test_files_that_are_merged_in_another_process_are_taken_up(home_and_answers):
    path, answers = home_and_answers
    with open_home(path, RefusingEmbedder(), TIERS) as home:
        before = home.keeper.snapshot()
        folder = VectorFolder(path / "index" / "vectors", store_id(home), 1, TIERS)
        assert folder.merge(everything=True)
        after = home.keeper.snapshot()
        assert (after.seq, len(after.vectors.stored)) == (before.seq, 1)
        assert home.answers(QUESTIONS) == answers


def store_id(home: Home) -> str:
    with home.database.read() as connection:
        return str(connection.scalar(sa.select(store_state.c.store_id)))


def test_a_long_ingestion_leaves_few_segments_and_little_in_memory(tmp_path):
    with open_home(tmp_path, tiers=TIERS) as home:
        for number in range(60):
            home.ingest(filler(number))
    with open_home(tmp_path, RefusingEmbedder(), TIERS) as home:
        vectors = home.keeper.snapshot().vectors
        assert len(vectors) == 60
        assert sum(len(segment.rows) for segment in vectors.newest) < TIERS.flush
        assert len(vectors.stored) < 3 * TIERS.fan_out
