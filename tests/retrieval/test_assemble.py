import hashlib
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import BadInputError, DamagedError, ModelError, NotFoundError
from corpus.files import write_durably
from corpus.sources import Source
from index.jobs import JobRequest, add_job, job_of
from retrieval.assemble import open_service, profile_of, run_job
from retrieval.profile import Profile, write_profile
from retrieval.settings import Settings
from retrieval.types import QueryRequest


def test_a_home_is_made_where_there_is_none(tmp_path: Path) -> None:
    home = tmp_path / "some" / "where"
    with open_service(Settings(home=home)) as service:
        status = service.status()
        assert (status.documents, status.passages, status.index_version, status.collections) == (0, 0, 0, ("default",))
        assert status.models["embedder"] == {"name": "bge-small-en-v1.5"}
        assert status.models["reranker"]["name"] == "ms-marco-MiniLM-L-12-v2"
        assert len(status.models["reranker"]["digest"]) == 64
        result = service.query(QueryRequest("x"))
        assert result.abstained
        assert result.passages == ()
        with pytest.raises(NotFoundError):
            service.query(QueryRequest("x", "elsewhere"))
    assert (home / "store.db").is_file()


def test_what_was_ingested_is_there_when_the_home_is_opened_again(tmp_path: Path) -> None:
    with open_service(Settings(home=tmp_path)) as service:
        (result,) = service.ingest([Source("text:owls", "owls", "Owls hunt at night.", metadata={"year": 2026})])
    with open_service(Settings(home=tmp_path)) as service:
        status = service.status()
        assert (status.documents, status.passages, status.index_version) == (1, 1, result.seq)
        assert status.models["embedder"]["dimension"] == 384
        assert service.document_ids("default") == {result.document_id: "owls"}
        assert service.query(QueryRequest("When do owls hunt?")).citations[0].quote == "Owls hunt at night."
        (again,) = service.ingest([Source("text:owls", "owls", "Owls hunt at night.", metadata={"year": 2026})])
        assert (again.status, again.document_id) == ("unchanged", result.document_id)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInputError, match=r"the home .*file' cannot be made"):
        open_service(Settings(home=tmp_path / "file"))


def test_a_store_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"not a database, however long it may be" * 100)
    with pytest.raises(DamagedError, match="not a database; put back a backup"):
        open_service(Settings(home=tmp_path))


def test_a_store_whose_text_was_changed_is_not_quoted_from(tmp_path: Path) -> None:
    with open_service(Settings(home=tmp_path)) as service:
        service.ingest([Source("text:owls", "owls", "Owls hunt at night.")])
    store = sqlite3.connect(tmp_path / "store.db")
    store.execute("UPDATE texts SET text = 'Owls hunt by day!!!'")
    store.commit()
    store.close()
    with open_service(Settings(home=tmp_path)) as service, pytest.raises(DamagedError, match="restore a backup"):
        service.query(QueryRequest("When do owls hunt?"))


def test_passages_that_the_store_lost_are_called_damage(tmp_path: Path) -> None:
    with open_service(Settings(home=tmp_path)) as service:
        service.ingest([Source("text:owls", "owls", "Owls hunt at night.")])
    with open_service(Settings(home=tmp_path)) as service:
        service.query(QueryRequest("When do owls hunt?"))
        store = sqlite3.connect(tmp_path / "store.db")
        store.execute("UPDATE passages SET removed_seq = 1")
        store.commit()
        store.close()
        with pytest.raises(DamagedError, match="not in the store; run: pincite verify"):
            service.query(QueryRequest("When do owls hunt?"))


def test_one_service_answers_many_threads_while_it_ingests(tmp_path: Path) -> None:
    with open_service(Settings(home=tmp_path)) as service:
        service.ingest([Source("text:owls", "owls", "Owls hunt at night.")])
        problems: list[BaseException] = []
        versions: list[list[int]] = [[] for _ in range(6)]

        def ask(seen: list[int]) -> None:
            try:
                for _ in range(8):
                    result = service.query(QueryRequest("When do owls hunt?", rerank=False, min_confidence=0.01))
                    assert result.citations[0].verified
                    seen.append(result.index_version)
            except BaseException as error:
                problems.append(error)

        threads = [threading.Thread(target=ask, args=(seen,)) for seen in versions]
        for thread in threads:
            thread.start()
        for number in range(5):
            service.ingest([Source(f"text:{number}", "other", f"Number {number} is a number.")])
        for thread in threads:
            thread.join()
        assert problems == []
        assert all(seen == sorted(seen) and len(seen) == 8 for seen in versions)


def test_a_home_keeps_its_model_and_a_service_follows_when_it_changes(tmp_path: Path) -> None:
    question = QueryRequest("When do owls hunt?", mode="dense", rerank=False, min_confidence=0)
    with open_service(Settings(home=tmp_path)) as service:
        service.ingest([Source("text:owls", "owls", "Owls hunt at night.")])
        first = service.query(question)
        with open_service(Settings(home=tmp_path, model="all-MiniLM-L6-v2", passage_tokens=100)) as other:
            with pytest.raises(ModelError, match=r"built with the model 'bge-small-en-v1\.5'"):
                other.query(question)
            seq = other.reindex().seq
            assert other.query(question).index_version == seq
        second = service.query(question)
        assert second.index_version == seq
        assert second.passages[0].id == first.passages[0].id
        assert second.passages[0].scores.dense != first.passages[0].scores.dense
        (added,) = service.ingest([Source("text:gulls", "gulls", "Gulls sleep on the quay.")])
        assert added.status == "added"
        with (
            open_service(Settings(home=tmp_path, model="bge-small-en-v1.5")) as other,
            pytest.raises(ModelError, match="built with the model 'all-MiniLM-L6-v2'"),
        ):
            other.query(question)
        back = service.rollback()
        assert (back.model, back.passage_tokens, back.embedded, back.reused) == ("bge-small-en-v1.5", 200, 1, 1)
        assert service.query(question).passages[0].scores == first.passages[0].scores


def test_the_settings_may_name_what_a_home_has(tmp_path: Path) -> None:
    with open_service(Settings(home=tmp_path, passage_tokens=50)) as service:
        service.ingest([Source("text:owls", "owls", "Owls hunt at night.")])
    for settings in (Settings(home=tmp_path), Settings(home=tmp_path, model="bge-small-en-v1.5", passage_tokens=50)):
        with open_service(settings) as service:
            assert service.query(QueryRequest("owls", rerank=False)).passages


def test_an_upload_that_was_changed_on_the_disk_is_not_ingested(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with open_service(settings) as service:
        write_durably(tmp_path / "uploads" / "x", b"Owls hunt by day.")
        given = hashlib.sha256(b"Owls hunt at night.").hexdigest()
        with service.database.write() as connection:
            job = add_job(connection, JobRequest("default", "upload:x", "x.txt", "x", sha256=given))
        run_job(settings, job)
        with service.database.read() as connection:
            found = job_of(connection, job)
        assert (found.status, found.errors) == ("failed", ("the upload was changed on the disk; upload it again",))
        assert service.status().documents == 0


def test_jobs_of_one_home_share_a_service(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with open_service(settings) as service:
        for number in range(2):
            write_durably(tmp_path / "uploads" / str(number), f"Text number {number}.".encode())
            with service.database.write() as connection:
                request = JobRequest("default", f"upload:{number}", f"{number}.txt", str(number))
                job = add_job(connection, request)
            run_job(settings, job)
            with service.database.read() as connection:
                assert job_of(connection, job).status == "done"
        assert service.status().documents == 2


def test_the_budget_of_the_settings_wins_over_that_of_the_profile(tmp_path: Path) -> None:
    tuned = Profile(rerank_depth=5, rerank_characters=900)
    write_profile(tuned, tmp_path / "tuned.json")
    assert profile_of(Settings(home=tmp_path, profile=tmp_path / "tuned.json")) == tuned
    bounded = profile_of(Settings(home=tmp_path, profile=tmp_path / "tuned.json", rerank_characters=400))
    assert bounded == replace(tuned, rerank_characters=400)
