import shutil
import sqlite3
import zlib
from pathlib import Path

import pytest

from corpus.checks import Check
from corpus.sources import Source
from corpus.store_checks import STORE_CHECKS
from index.jobs import JobRequest, add_job
from index.store_checks import INDEX_STORE_CHECKS
from index.tantivy_words import TantivyWords
from index.tiers import Tiers
from index.verification import Verifier
from index.words import WordEntry
from tests.index.homes import Home, open_home, text_source

SAMPLE = Path(__file__).resolve().parents[2] / "corpus" / "sample"
TIERS = Tiers(flush=4, fan_out=4, approximate=10**6, bulk=400)
NAMES = (*STORE_CHECKS, *INDEX_STORE_CHECKS, "originals", "words", "vectors")


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "home"
    with open_home(path, tiers=TIERS) as home:
        home.ingest(Source("file:///r.pdf", "r.pdf", (SAMPLE / "harbour-regulation-2023.pdf").read_bytes()))
        home.ingest(Source("file:///dues.csv", "dues.csv", b"boat;euros\nferry;12\nskiff;7\nyacht;30\n"))
        home.ingest(*(text_source(f"owl {number}", f"Owl {number} hunts at night.") for number in range(3)))
        home.ingest(text_source("owl 1", "Owl 1 hunts by day.\n\nIt sleeps at night."))
        with home.database.write() as connection:
            add_job(connection, JobRequest("default", "upload:x", "x.txt", "x"))
        (removed,) = home.ingest(text_source("gone", "Nobody lives here."))
        home.remover.remove_document(removed.document_id)
    return path


@pytest.fixture
def path(filled, tmp_path) -> Path:
    shutil.copytree(filled, tmp_path / "home")
    return tmp_path / "home"


def verify(home: Home, deep: bool = False) -> dict[str, Check]:
    verifier = Verifier(home.path, home.database, home.keeper, home.lock, lambda _snapshot: home.embedder)
    return {check.name: check for check in verifier.verify(deep, lambda _name, _checked: None, 10)}


def verified(path: Path, deep: bool = False) -> dict[str, Check]:
    with open_home(path, tiers=TIERS) as home:
        return verify(home, deep)


def found_by(checks: dict[str, Check]) -> dict[str, str]:
    return {name: check.status for name, check in checks.items() if check.status != "ok"}


def tamper(path: Path, *statements: str) -> None:
    """Change rows as a damaged disk may: against what the schema allows, and without anything else following."""
    connection = sqlite3.connect(path / "store.db")
    with connection:
        for statement in statements:
            assert connection.execute(statement).rowcount >= 1, statement
    connection.close()


def test_a_whole_home_is_called_so(path):
    shallow, deep = verified(path), verified(path, deep=True)
    assert tuple(shallow) == NAMES
    assert tuple(deep) == (*NAMES, "embeddings")
    assert found_by(shallow) == found_by(deep) == {}
    assert all(check.checked for check in deep.values())
    count = deep["embeddings"].checked
    assert deep["embeddings"].details == (f"{count} of {count} passages were embedded again",)


STORE_DAMAGES = {
    "a collection": ("UPDATE collections SET created_at = 'x'", "collections", "'default'"),
    "a document's source": ("UPDATE documents SET uri = 'text:x' WHERE uri = 'text:owl 1'", "documents", "text:x"),
    "a version's title": ("UPDATE versions SET title = 'x' WHERE title = 'owl 2'", "versions", "'x'"),
    "a version's time": ("UPDATE versions SET removed_seq = 1 WHERE title = 'owl 2'", "versions", "owl 2"),
    "a text": ("UPDATE texts SET text = text || '!' WHERE text LIKE 'Owl 2%'", "texts", "owl 2"),
    "a text's checksum": ("UPDATE texts SET checksum = 'x' WHERE text LIKE 'Owl 2%'", "texts", "owl 2"),
    "a lost text": ("DELETE FROM texts WHERE text LIKE 'Owl 2%'", "texts", "owl 2"),
    "no text at all": ("UPDATE texts SET text = x'ff' WHERE text LIKE 'Owl 2%'", "texts", "owl 2"),
    "a layout": ("UPDATE layouts SET data = x'00' WHERE part = 0", "layouts", "its layout"),
    "a lost layout": ("DELETE FROM layouts WHERE part = 0", "layouts", "its layout"),
    "a sketch": ("UPDATE sketches SET data = x'00' WHERE version = 3", "sketches", "owl 0"),
    "a passage's end": ('UPDATE passages SET "end" = "end" + 1 WHERE version = 3', "passages", "owl 0"),
    "a passage of a version that ended": (
        "UPDATE passages SET removed_seq = NULL WHERE version = (SELECT number FROM versions WHERE title = 'gone')",
        "passages",
        "gone",
    ),
    "a passage of the future": ("UPDATE passages SET added_seq = 999 WHERE version = 3", "counter", "after"),
    "the counter": ("UPDATE store_state SET seq = seq + 1", "counter", "counter"),
    "numbers given": ("UPDATE sqlite_sequence SET seq = 1 WHERE name = 'passages'", "counter", "numbers of passages"),
    "a generation": ("UPDATE generations SET fingerprint = '{}'", "generations", "generation 1"),
    "a lost vector": (
        "DELETE FROM vectors WHERE passage = (SELECT max(number) - 1 FROM passages)",
        "generations",
        "owl 1",
    ),
    "a vector": (
        "UPDATE vectors SET vector = zeroblob(64) WHERE passage = 1",
        "vectors in the store",
        "Harbour Regulation",
    ),
    "a job": ("UPDATE jobs SET request = '{}'", "jobs", "job_"),
    "an index": ("DROP INDEX passages_by_version", "database", "the table passages"),
    "a reference": ("UPDATE versions SET document = 999 WHERE title = 'owl 2'", "database", "not there"),
}


@pytest.mark.parametrize(("statement", "name", "named"), STORE_DAMAGES.values(), ids=STORE_DAMAGES.keys())
def test_damage_to_the_store_is_told_with_what_is_affected(path, statement, name, named):
    with open_home(path, tiers=TIERS) as home:
        home.keeper.snapshot()
        if statement.startswith("DROP"):
            sqlite3.connect(path / "store.db").execute(statement)
        else:
            tamper(path, statement)
        check = verify(home)[name]
    assert check.status == "damaged"
    assert any(named in detail for detail in check.details), check.details


def test_nothing_is_made_anew_from_a_damaged_store(path):
    with open_home(path, tiers=TIERS) as home:
        home.keeper.snapshot()
        tamper(path, "UPDATE texts SET text = replace(text, 'hunts', 'rests') WHERE text LIKE 'Owl 2%'")
        (path / "index" / "words" / "store").unlink()
        checks = verify(home)
        assert found_by(checks) == {"texts": "damaged", "words": "damaged"}
        assert not (path / "index" / "words" / "store").exists()


def test_originals_are_missed_always_and_compared_deeply(path):
    files = sorted((path / "originals").glob("*/*"))
    files[0].write_bytes(b"x")
    assert found_by(verified(path)) == {}
    (detail,) = verified(path, deep=True)["originals"].details
    assert f"its original {files[0].name} was changed" in detail
    files[0].unlink()
    check = verified(path)["originals"]
    assert (check.status, len(check.details)) == ("damaged", 1)
    assert "is missing" in check.details[0]


def test_files_that_no_version_knows_are_no_damage(path):
    (path / "originals" / "ab").mkdir(exist_ok=True)
    (path / "originals" / "ab" / ("ab" + "0" * 62)).write_bytes(b"left by a kill")
    check = verified(path, deep=True)["originals"]
    assert (check.status, check.details) == ("ok", (f"1 files in {path / 'originals'} belong to no version",))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    "pattern", ["words/*.idx", "words/store", "words/meta.json", "vectors/1/*.npy", "vectors/1/manifest.json"]
)
def test_damaged_indexes_are_repaired_once(path, pattern):
    for file in (path / "index").glob(pattern):
        flip(file)
    at_open = verified(path, deep=True)
    assert found_by(at_open) == {pattern.partition("/")[0]: "repaired"}
    assert found_by(verified(path, deep=True)) == {}
    with open_home(path, tiers=TIERS) as home:
        home.keeper.snapshot()
        for file in (path / "index").glob(pattern):
            flip(file)
        assert found_by(verify(home, deep=True)) == {pattern.partition("/")[0]: "repaired"}
    assert found_by(verified(path, deep=True)) == {}


def test_words_of_other_texts_are_found_deeply(path):
    with open_home(path, tiers=TIERS) as home:
        snapshot = home.keeper.snapshot()
        number = int(max(snapshot.words.passages()))
    words = TantivyWords(path / "index" / "words")
    words.change([WordEntry(number, 1, 1, "x", "Seals rest.")], [number], snapshot.seq)
    checks = verified(path, deep=True)
    assert found_by(checks) == {"words": "repaired"}
    assert f"1 passages are not found by their words: {number}" in checks["words"].details
    assert found_by(verified(path, deep=True)) == {}


def test_vectors_of_other_texts_are_found_deeply(path):
    with open_home(path, tiers=TIERS) as home:
        vector = home.embedder.embed_question("Seals rest on the pier.").astype("<f2").tobytes()
    connection = sqlite3.connect(path / "store.db")
    with connection:
        changed = "UPDATE vectors SET vector = ?, checksum = ? WHERE passage = 1"
        connection.execute(changed, (vector, zlib.crc32(vector)))
    connection.close()
    checks = verified(path, deep=True)
    assert found_by(checks) == {"vectors": "repaired", "embeddings": "damaged"}
    assert "1 vectors are not those of the store: 1" in checks["vectors"].details
    assert found_by(verified(path)) == {}, "the vectors were taken from the store"


def test_a_home_that_holds_nothing_is_whole(tmp_path):
    assert found_by(verified(tmp_path / "home", deep=True)) == {}


def test_what_is_purged_while_it_is_looked_at_is_no_damage(path, monkeypatch):
    with open_home(path, tiers=TIERS) as home:
        before = home.keeper.snapshot()
        (result,) = home.ingest(text_source("owl 1", "Owl 1 hunts by day.\n\nIt sleeps at night."))
        home.purger.purge([str(result.document_id)])
        assert len(home.keeper.snapshot().words) < len(before.words)
        monkeypatch.setattr(home.keeper, "snapshot", lambda: before)
        assert found_by(verify(home, deep=True)) == {}
