import io
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from corpus.database import current_seq
from corpus.errors import BadInputError, GoneError, NotFoundError, UnfinishedError
from corpus.files import write_durably
from corpus.sources import Source
from corpus.store import version_of
from corpus.tables import documents, metadata, passages, versions
from index import compaction
from index.jobs import JobRequest, add_job, finish_job, job_of, mark_running, unfinished_jobs
from index.results import FileResult
from index.store import passages_removed
from index.tables import vectors
from index.tiers import Tiers
from index.verification import Verifier
from index.word_files import files_in_force, meta_of
from tests.index.homes import Home, open_home, text_source

SECRET = "Zwetschgenkuchen"


# So small that a few passages make a file.
TIERS = Tiers(flush=4, fan_out=3, bulk=20)


@pytest.fixture
def home(tmp_path):
    with open_home(tmp_path / "home", tiers=TIERS) as opened:
        yield opened


def secret(text: str = "It was about a secret: the recipe of Zwetschgenkuchen.", **fields: object) -> Source:
    named = {"title": f"{SECRET} title", "metadata": {"key": f"{SECRET} value"}, "document_id": f"{SECRET}-id"}
    return Source(f"file:///{SECRET}.txt", f"{SECRET}.txt", text, **{**named, **fields})  # type: ignore[arg-type]


def traces(folder: Path, *words: bytes) -> list[tuple[str, bytes]]:
    """Files of the home in whose bytes or names a word is found, in the forms in which it may be there."""
    found = []
    for path in folder.rglob("*"):
        content = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
        found += [(path.name, word) for word in words if word.lower() in content.lower()]
    return found


def forms(*words: str) -> tuple[bytes, ...]:
    return tuple(word.encode(code) for word in words for code in ("utf-8", "utf-16-le", "utf-16-be"))


def vector_bytes(home: Home, document: str) -> list[bytes]:
    number = sa.select(documents.c.number).where(documents.c.id == document)
    joined = sa.select(vectors.c.vector).join(passages).where(passages.c.document.in_(number))
    with home.database.read() as connection:
        return list(connection.scalars(joined))


# Stems as the word index has them, and everything in which they are.
WORDS = forms("zwetschgenkuch", "mirabellentort")


def test_nothing_of_a_document_is_left_in_any_byte_of_the_home(home):
    home.ingest(text_source("a", "One puffin."), secret("Before, it was a Mirabellentorte. " * 20))
    home.ingest(secret(), text_source("b", "Two puffins."))
    purged = vector_bytes(home, f"{SECRET}-id")
    assert traces(home.path, *WORDS)
    assert traces(home.path, *purged)
    words = home.path / "index" / "words"
    word_files = list(files_in_force(words, meta_of(words)))
    home.purger.purge([f"{SECRET}-id"])
    # A dictionary of terms is packed so that no search for bytes finds a word in it.
    assert not [path for path in word_files if path.exists()]
    assert traces(home.path, *WORDS, *purged) == []
    assert home.by_words("puffin") == home.by_vectors("puffin") == {"One puffin.", "Two puffins."}


def test_nothing_of_it_is_left_in_files_of_vectors_that_nobody_reads(home):
    home.ingest(secret())
    (purged,) = vector_bytes(home, f"{SECRET}-id")
    folder = home.path / "index" / "vectors"
    for name in ("1-112-112.rows.npz", "1/0123456789abcdef.vectors.npy"):  # of an older format, and of a killed process
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(purged)
    home.purger.purge([f"{SECRET}-id"])
    assert traces(home.path, purged) == []


def test_what_was_removed_or_replaced_before_is_purged_too(home):
    home.ingest(secret("Mirabellentorte."))
    home.remover.remove_document(f"{SECRET}-id")
    home.purger.purge([f"{SECRET}-id"])
    assert traces(home.path, *WORDS) == []
    with home.database.read() as connection:
        for table in metadata.sorted_tables:
            if table.name not in ("store_state", "collections", "generations", "purged", "purged_passages"):
                assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0, table.name


def test_what_is_inside_goes_along_and_cannot_go_alone(home):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{SECRET}.txt", "The recipe of Zwetschgenkuchen.")
    results = home.ingest(Source("file:///all.zip", "all.zip", packed.getvalue()))
    inside, whole = (str(result.document_id) for result in results)
    with pytest.raises(BadInputError, match=f"{inside}.*inside of '{whole}'"):
        home.purger.purge([inside])
    assert home.by_words(SECRET)
    home.purger.purge([whole])
    assert traces(home.path, *WORDS) == []
    for name in (inside, whole):
        assert says(home, name, GoneError)


def says(home: Home, document_id: str, kind: type[Exception], digest: str | None = None) -> bool:
    with home.database.read() as connection, pytest.raises(kind):
        version_of(connection, document_id, current_seq(connection), digest)
    return True


def test_its_id_is_gone_until_it_comes_back(home):
    home.ingest(secret())
    with home.database.read() as connection:
        digest = version_of(connection, f"{SECRET}-id", current_seq(connection)).digest
    home.purger.purge([f"{SECRET}-id"])
    assert says(home, f"{SECRET}-id", GoneError)
    assert says(home, f"{SECRET}-id", GoneError, digest)
    (back,) = home.ingest(secret("Something else."))
    assert (back.document_id, back.status) == (f"{SECRET}-id", "added")
    assert says(home, f"{SECRET}-id", GoneError, digest)
    home.remover.remove_document(f"{SECRET}-id")
    assert says(home, f"{SECRET}-id", NotFoundError)
    home.purger.purge([f"{SECRET}-id"])
    assert says(home, f"{SECRET}-id", GoneError)


def test_an_unknown_document_leaves_the_others_as_they_are(home):
    home.ingest(secret())
    with pytest.raises(NotFoundError, match="'nobody'"):
        home.purger.purge([f"{SECRET}-id", "nobody"])
    assert home.by_words(SECRET)
    assert home.originals.digests()


def test_bytes_that_another_document_has_stay(home):
    home.ingest(secret("The same text."), text_source("b", "The same text."))
    home.purger.purge([f"{SECRET}-id"])
    assert traces(home.path, *WORDS) == []
    assert len(home.originals.digests()) == 1
    assert home.by_words("same") == {"The same text."}


@pytest.mark.parametrize("broken", ["compact", "remove", "rewrite"])
def test_a_purge_that_was_broken_off_is_finished_by_the_next(home, monkeypatch, broken):
    home.ingest(secret(), text_source("a", "One puffin."))
    (home.path / "uploads").mkdir()
    (home.path / "uploads" / "leaving").write_bytes(home.originals.get(original_of(home, f"{SECRET}-id")))

    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    target = {"compact": home.keeper, "remove": home.originals, "rewrite": home.database}[broken]
    monkeypatch.setattr(target, broken, killed)
    with pytest.raises(KeyboardInterrupt):
        home.purger.purge([f"{SECRET}-id"])
    monkeypatch.undo()
    with open_home(home.path, tiers=TIERS) as opened:
        verifier = Verifier(opened.path, opened.database, opened.keeper, opened.lock, lambda _snapshot: opened.embedder)
        checks = verifier.verify(True, lambda *_: None, 10)
        assert {check.status for check in checks} == {"ok"}, checks
        assert opened.by_words(f"{SECRET} puffin") == {"One puffin."}
        assert opened.by_vectors("puffin") == {"One puffin."}
        opened.purger.purge([f"{SECRET}-id"])
    assert traces(home.path, *WORDS) == []


def original_of(home: Home, document_id: str) -> str:
    with home.database.read() as connection:
        return version_of(connection, document_id, current_seq(connection)).original


def test_another_process_that_stood_before_the_removal_no_longer_finds_it(home):
    home.ingest(secret(), text_source("a", "One puffin."))
    with open_home(home.path, tiers=TIERS) as other:
        before = other.keeper.snapshot()
        assert len(before.vectors) == 2
        home.purger.purge([f"{SECRET}-id"])
        after = other.keeper.snapshot()
        assert (len(after.vectors), len(after.words)) == (1, 1)
        with other.database.read() as connection:
            assert len(passages_removed(connection, before.seq, after.seq)) == 1
        assert other.by_vectors(SECRET) == {"One puffin."}


def test_jobs_that_name_it_go_and_others_stay(home):
    home.ingest(secret())

    def job(uri: str, *results: FileResult) -> str:
        with home.database.write() as connection:
            name = add_job(connection, JobRequest("default", uri, uri, "upload"))
            if results:
                finish_job(connection, name, results)
            else:
                mark_running(connection, name)
        return name

    other = FileResult("other", "other", "added", None, 1)
    gone = [
        job("upload:x", FileResult("x", f"{SECRET}-id", "added", None, 1)),
        job("upload:y", FileResult("y", "y", "added", None, 1, near_duplicates=(f"{SECRET}-id",))),
        job(f"file:///{SECRET}.txt", FileResult("z", None, "failed", "unreadable", None)),
    ]
    stay = [job("upload:other", other), job("upload:running")]
    home.purger.purge([f"{SECRET}-id"])
    with home.database.read() as connection:
        assert [job_of(connection, name).id for name in stay] == stay
        for name in gone:
            with pytest.raises(NotFoundError):
                job_of(connection, name)
    assert traces(home.path, *WORDS) == []


@pytest.mark.parametrize("is_running", [False, True])
def test_an_upload_that_waits_does_not_bring_it_back(home, is_running):
    home.ingest(secret())
    write_durably(home.path / "uploads" / "upload", f"More about {SECRET}.".encode())
    request = JobRequest("default", f"upload:{SECRET}.txt", f"{SECRET}.txt", "upload", document_id=f"{SECRET}-id")
    with home.database.write() as connection:
        job = add_job(connection, request)
        if is_running:  # by a worker that was killed
            mark_running(connection, job)
    home.purger.purge([f"{SECRET}-id"])
    assert traces(home.path, *WORDS) == []
    with home.database.read() as connection:
        assert unfinished_jobs(connection) == []


def test_a_log_that_is_read_all_the_time_is_said_to_be_left(home, monkeypatch):
    monkeypatch.setattr(compaction, "_LOG_SECONDS", 0.1)
    home.ingest(secret())
    with home.database.read() as connection:
        connection.execute(sa.select(versions)).all()
        with pytest.raises(UnfinishedError, match="run the same command again"):
            home.purger.purge([f"{SECRET}-id"])
    home.purger.purge([f"{SECRET}-id"])
    assert traces(home.path, *WORDS) == []
