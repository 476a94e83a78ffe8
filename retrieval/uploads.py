"""Uploads: kept in the home, queued as jobs, ingested by a worker process beside the serving one.

Parsing and embedding never run in the process that answers questions. A job whose server ended is taken up by the
next one, because its bytes and its row are in the home.
"""

import multiprocessing
import os
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock

from corpus.database import Database
from corpus.errors import PinciteError
from corpus.files import write_durably
from corpus.sources import Source
from index.ingest import FileResult, Ingester, Progress
from index.jobs import Job, JobRequest, add_job, fail_job, finish_job, job_of, mark_running, request_of, unfinished_jobs

_WORKER_NICENESS = 5  # questions come first
_WORKER_LOCK_SECONDS = 3600.0  # a job may wait for a long ingestion of another process

WorkerTask = Callable[[str], None]


class Uploads:
    """Accepts documents for a home and has them ingested.

    `task` is called in the worker process with the id of a job: see `retrieval.assemble.run_job`.
    """

    def __init__(self, folder: Path, database: Database, task: WorkerTask) -> None:
        self._folder = folder
        self._database = database
        self._task = task
        self._pool: ProcessPoolExecutor | None = None
        self._lock = Lock()

    def submit(self, data: bytes, request: JobRequest) -> str:
        """Keep the bytes and queue the job; returns its id. `request.upload` is chosen here."""
        name = uuid.uuid4().hex
        write_durably(self._folder / name, data)
        with self._database.write() as connection:
            job = add_job(connection, replace(request, upload=name))
        self._start(job)
        return job

    def job(self, job_id: str) -> Job:
        """Raises NotFoundError for an unknown id."""
        with self._database.read() as connection:
            return job_of(connection, job_id)

    def resume(self) -> None:
        """Take up what a former server left unfinished."""
        with self._database.read() as connection:
            waiting = unfinished_jobs(connection)
        for job in waiting:
            self._start(job)

    def close(self) -> None:
        """End the worker process; unfinished jobs stay queued."""
        with self._lock:
            if self._pool is not None:
                self._pool.shutdown(wait=True, cancel_futures=True)
                self._pool = None

    def _start(self, job: str) -> None:
        with self._lock:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(1, context, initializer=_be_nice)
            future = self._pool.submit(self._task, job)
        future.add_done_callback(lambda done: self._ended(job, done))

    def _ended(self, job: str, future: "Future[None]") -> None:
        if future.cancelled() or (error := future.exception()) is None:
            return
        with self._lock:
            self._pool = None  # its process may be gone
        with self._database.write() as connection:
            fail_job(connection, job, f"the worker process failed ({error or type(error).__name__}); upload again")


def carry_out(job: str, folder: Path, database: Database, ingester: Ingester) -> None:
    """Ingest the upload of a job and record the outcome. Runs in the worker process."""
    with database.write() as connection:
        request = request_of(connection, job)
        mark_running(connection, job)
    results: list[FileResult] = []
    path = folder / request.upload
    try:
        ingester.ingest([_source(request, path)], request.collection, results.append, _silent, _WORKER_LOCK_SECONDS)
    except (PinciteError, OSError) as error:
        with database.write() as connection:
            fail_job(connection, job, str(error))
        return
    with database.write() as connection:
        finish_job(connection, job, results)
    path.unlink(missing_ok=True)


def _source(request: JobRequest, path: Path) -> Source:
    data = path.read_bytes()
    return Source(
        uri=request.uri,
        name=request.name,
        content=data.decode() if request.is_text else data,
        title=request.title,
        external_id=request.external_id,
        metadata=request.metadata or {},
        document_id=request.document_id,
    )


def _silent(_progress: Progress) -> None:
    """A worker has nobody to show its progress to."""


def _be_nice() -> None:
    os.nice(_WORKER_NICENESS)
