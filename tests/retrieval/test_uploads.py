"""Jobs as the worker carries them out; the process itself is tested with the server."""

import io
import multiprocessing
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from corpus.errors import BadInputError, NotFoundError
from corpus.files import write_durably
from index.jobs import Job, JobRequest, add_job, fail_job, finish_job, job_of, unfinished_jobs
from retrieval.assemble import open_service
from retrieval.settings import Settings
from retrieval.uploads import Uploads, carry_out
from tests.corpus.files import pdf
from tests.index.homes import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with open_home(tmp_path / "home") as opened:
        yield opened


def _queued(home: Home, data: bytes, **fields: object) -> str:
    request = {"collection": "default", "uri": "upload:a.txt", "name": "a.txt", "upload": "bytes", **fields}
    write_durably(home.path / "uploads" / "bytes", data)
    with home.database.write() as connection:
        return add_job(connection, JobRequest(**request))  # type: ignore[arg-type]


def _carried_out(home: Home, job: str) -> Job:
    carry_out(job, home.path / "uploads", home.database, home.ingester)
    with home.database.read() as connection:
        return job_of(connection, job)


def _left_behind(home: Home) -> list[Path]:
    return list((home.path / "uploads").iterdir())


def test_a_job_that_is_done_says_where_its_document_is(home: Home) -> None:
    job = _carried_out(home, _queued(home, b"Owls hunt at night.", title="Owls", metadata={"year": 2026}))
    assert (job.status, job.done, job.total, job.errors, job.seq) == ("done", 1, 1, (), 1)
    assert job.results[0].status == "added"
    assert job.results[0].document_id is not None
    assert home.by_words("owls") == {"Owls hunt at night."}
    assert _left_behind(home) == []


def test_an_archive_is_done_although_a_file_inside_cannot_be_read(home: Home) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("owls.txt", "Owls hunt at night.")
        archive.writestr("program", b"\x7fELF" + bytes(100))
    job = _carried_out(home, _queued(home, packed.getvalue(), name="post.zip"))
    assert (job.status, job.done, job.total, job.seq) == ("done", 3, 3, 1)
    assert [error.partition(": ")[0] for error in job.errors] == ["post.zip#program"]
    assert home.by_words("owls") == {"Owls hunt at night."}


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b" \n", "a.txt", "is empty"),
        (b"\x7fELF" + bytes(100), "a.txt", "an executable"),
        (pdf(["Secret."], password="x"), "a.pdf", "encrypted with a password"),
        (b"x" * 100_001, "a.txt", "the limit is 100,000"),
    ],
)
def test_a_document_that_cannot_be_read_fails_its_job_with_the_reason(
    home: Home, data: bytes, name: str, said: str
) -> None:
    job = _carried_out(home, _queued(home, data, name=name))
    assert (job.status, job.done, job.seq) == ("failed", 1, None)
    assert said in job.errors[0]
    assert job.errors[0].startswith(f"{name}: ")
    assert job.results[0].reason is not None
    assert _left_behind(home) == []


def test_an_id_of_another_collection_fails_the_job_with_the_reason(home: Home) -> None:
    _carried_out(home, _queued(home, b"Owls hunt at night.", document_id="owls", uri="document:owls"))
    again = _queued(home, b"Owls sleep by day.", document_id="owls", uri="document:owls", collection="other")
    job = _carried_out(home, again)
    assert job.status == "failed"
    assert "another collection" in job.errors[0]
    assert _left_behind(home) == []


def test_a_job_without_its_bytes_fails(home: Home) -> None:
    name = _queued(home, b"Owls hunt at night.")
    (home.path / "uploads" / "bytes").unlink()
    job = _carried_out(home, name)
    assert (job.status, job.errors) == ("failed", ("the bytes of the upload are gone from the disk; upload it again",))


def test_a_job_that_has_ended_is_not_carried_out_again(home: Home) -> None:
    """Two servers of one home may both have found it unfinished."""
    done, failed = _queued(home, b"Owls hunt at night."), _queued(home, b"Cats sleep.")
    with home.database.write() as connection:
        finish_job(connection, done, [])
        fail_job(connection, failed, "some reason")
    assert _carried_out(home, done).status == "done"
    assert _carried_out(home, failed).errors == ("some reason",)
    assert home.by_words("owls cats") == set()


def test_a_job_whose_document_was_purged_while_it_waited_is_not_carried_out(home: Home) -> None:
    fields = {"document_id": "owls", "uri": "document:owls"}
    _carried_out(home, _queued(home, b"Owls hunt at night.", **fields))
    job = _queued(home, b"Owls sleep by day.", **fields)
    with ThreadPoolExecutor(1) as worker:
        with home.lock.held(10):
            waiting = worker.submit(carry_out, job, home.path / "uploads", home.database, home.ingester)
            time.sleep(0.2)  # so that it waits; if it begins later, the outcome must be the same
            home.purger.purge(["owls"])
        waiting.result(30)
    assert home.by_words("owls") == set()
    assert _left_behind(home) == []


@pytest.mark.parametrize("document_id", ["a\nb", "a\0b", "\u202e", "x" * 201, "\ud800"])
def test_ids_that_no_address_could_hold_are_refused(home: Home, document_id: str) -> None:
    uploads = Uploads(home.path / "uploads", home.database, print)
    with pytest.raises(BadInputError, match="a document's id has up to 200 printable characters"):
        uploads.submit(b"x", JobRequest("default", "document:x", "x", "", document_id=document_id))
    assert not (home.path / "uploads").exists()


@pytest.mark.parametrize("collection", ["", "../x", "a b", "x" * 65])
def test_collections_that_cannot_be_are_refused_before_anything_is_kept(home: Home, collection: str) -> None:
    uploads = Uploads(home.path / "uploads", home.database, print)
    with pytest.raises(BadInputError, match="a collection's name has"):
        uploads.submit(b"x", JobRequest(collection, "upload:x", "x", ""))
    assert not (home.path / "uploads").exists()


def test_an_unknown_job_is_said(home: Home) -> None:
    with pytest.raises(NotFoundError, match="there is no job 'job_x'"):
        Uploads(home.path / "uploads", home.database, print).job("job_x")


def test_closing_ends_the_worker_and_leaves_what_is_queued_to_the_next(tmp_path: Path) -> None:
    # Those that read documents for other tests live on.
    others = set(multiprocessing.active_children())
    with open_service(Settings(home=tmp_path / "home")) as service:
        job = service.uploads.submit(b"Owls hunt at night.", JobRequest("default", "upload:o", "o.txt", ""))
        (worker,) = set(multiprocessing.active_children()) - others
        service.uploads.close()
        assert not worker.is_alive()
        with service.database.read() as connection:
            assert unfinished_jobs(connection) == [job]
            assert job_of(connection, job).errors == ()
        assert service.uploads.submit(b"Late.", JobRequest("default", "upload:l", "l.txt", "")), (
            "kept for the next, too"
        )
        assert set(multiprocessing.active_children()) <= others


def _break(_job: str) -> None:
    raise KeyError("a defect")


def test_a_defect_fails_the_job_without_telling_strangers_its_details(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    uploads = Uploads(home.path / "uploads", home.database, partial(_break))
    job = uploads.submit(b"Owls hunt at night.", JobRequest("default", "upload:o", "o.txt", ""))
    for _ in range(400):
        if uploads.job(job).status == "failed":
            break
        time.sleep(0.05)
    uploads.close()
    assert uploads.job(job).errors == ("a defect of Pincite (KeyError); the server's log says more",)
    assert "a defect" in caplog.text
    assert _left_behind(home) == []
