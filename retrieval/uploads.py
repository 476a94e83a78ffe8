"""Uploads: kept in the home, queued as jobs, ingested by a worker process beside the serving one.

Parsing and embedding never run in the process that answers questions. A job whose server ended is taken up by the
next one, because its bytes and its row are in the home.
"""

import hashlib
import logging
import multiprocessing
import os
import signal
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, Thread

from corpus.collections import check_collection_name
from corpus.database import Database
from corpus.errors import BadInputError, DamagedError, LockedError, NotFoundError, PinciteError
from corpus.files import write_durably
from corpus.priority import step_back
from corpus.sources import Source
from index.ingest import Ingester
from index.jobs import Job, JobRequest, add_job, fail_job, finish_job, job_of, mark_running, request_of, unfinished_jobs
from index.results import FileResult, Progress

log = logging.getLogger("pincite.uploads")

_WORKER_LOCK_SECONDS = 3600.0  # a job may wait for a long ingestion of another process

_LONGEST_ID = 200
_TRIES = 3  # to start a worker process for a job

WorkerTask = Callable[[str], None]


class Uploads:
    """Accepts documents for a home and has them ingested.

    `task` is called in the worker process with the id of a job: see `retrieval.assemble.run_job`.
    """

    def __init__(self, folder: Path, database: Database, task: WorkerTask) -> None:
        self._folder = folder
        self._database = database
        self._task = task
        self._worker: _Worker | None = None
        self._closed = False
        self._lock = Lock()

    def submit(self, data: bytes, request: JobRequest) -> str:
        """Keep the bytes and queue the job; returns its id. `request.upload` is chosen here.

        Raises BadInputError for a collection's name or a document id that is not allowed.
        """
        check_collection_name(request.collection)
        if request.document_id is not None:
            _check_document_id(request.document_id)
        name = uuid.uuid4().hex
        write_durably(self._folder / name, data)
        with self._database.write() as connection:
            job = add_job(connection, replace(request, upload=name, sha256=hashlib.sha256(data).hexdigest()))
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
        """End the worker process at once; the next server takes up what it was at work on."""
        with self._lock:
            self._closed = True
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    def _start(self, job: str, tries: int = _TRIES) -> None:
        with self._lock:
            if self._closed:
                return
            worker, future = self._handed_over(job)
        future.add_done_callback(partial(self._ended, job, worker, tries))

    def _handed_over(self, job: str) -> "tuple[_Worker, Future[None]]":
        if self._worker is not None:
            try:
                return self._worker, self._worker.pool.submit(self._task, job)
            except BrokenProcessPool:
                log.warning("the worker process was ended from outside; starting another")
                # Not waited for: its thread may stand in `_ended`, waiting for the lock that is held here.
                self._worker.end(wait=False)
        self._worker = _Worker()
        return self._worker, self._worker.pool.submit(self._task, job)

    def _ended(self, job: str, worker: "_Worker", tries: int, future: "Future[None]") -> None:
        if self._closed or future.cancelled():
            return
        error = future.exception()
        if isinstance(error, BrokenProcessPool):
            self._lost(job, worker, tries)
            return
        worker.has_begun = True
        if error is not None:
            log.error("job %s failed", job, exc_info=error)
            self._fail(job, f"a defect of Pincite ({type(error).__name__}); the server's log says more")

    def _lost(self, job: str, worker: "_Worker", tries: int) -> None:
        """The worker process died. The job it was at work on may be the reason; those that waited are started again.

        It is called for jobs in the order in which they were handed over, so for the former first.
        """
        with self._lock:
            if self._worker is worker:
                self._worker = None
        try:
            status = self.job(job).status
        except NotFoundError:
            return  # its document was purged
        if status == "running":
            worker.has_begun = True
            self._fail(job, "the worker process was ended while it was at work on this; upload again")
        elif worker.has_begun or tries > 1:
            self._start(job, tries if worker.has_begun else tries - 1)
        else:
            self._fail(job, "the worker process does not start; the server's log may say why")

    def _fail(self, job: str, reason: str) -> None:
        _fail(job, self._folder, self._database, reason)


class _Worker:
    """A process that ends at once when the pipe to it closes: by `end`, or because the server is gone."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        lifeline, self._held = context.Pipe(duplex=False)
        self.has_begun = False
        self.pool = ProcessPoolExecutor(1, context, initializer=_prepare, initargs=(lifeline,))

    def end(self, wait: bool = True) -> None:
        self._held.close()
        self.pool.shutdown(wait, cancel_futures=True)


def carry_out(job: str, folder: Path, database: Database, ingester: Ingester) -> None:
    """Ingest the upload of a job and record the outcome. Runs in the worker process.

    The write lock is held from before the job is looked at until it has ended: whoever else holds it may delete jobs.
    """
    try:
        with ingester.writing(_WORKER_LOCK_SECONDS):
            request = _begun(job, database)
            if request is not None:
                _ingest(job, request, folder / request.upload, database, ingester)
    except LockedError as error:
        _fail(job, folder, database, str(error))


def _begun(job: str, database: Database) -> JobRequest | None:
    """What the job asks for; None when another server of this home was faster, or its document was purged."""
    with database.write() as connection:
        try:
            status = job_of(connection, job).status
        except NotFoundError:
            return None
        if status not in ("queued", "running"):
            return None
        mark_running(connection, job)
        return request_of(connection, job)


def _fail(job: str, folder: Path, database: Database, reason: str) -> None:
    with database.write() as connection:
        upload = request_of(connection, job).upload
        fail_job(connection, job, reason)
    (folder / upload).unlink(missing_ok=True)


def _ingest(job: str, request: JobRequest, path: Path, database: Database, ingester: Ingester) -> None:
    results: list[FileResult] = []
    try:
        ingester.ingest([_source(request, path)], request.collection, results.append, _silent, _WORKER_LOCK_SECONDS)
    except (PinciteError, OSError) as error:
        with database.write() as connection:
            fail_job(connection, job, str(error))
    else:
        with database.write() as connection:
            finish_job(connection, job, results)
    path.unlink(missing_ok=True)


def _check_document_id(document_id: str) -> None:
    if not document_id.isprintable() or len(document_id) > _LONGEST_ID:
        raise BadInputError(
            f"a document's id has up to {_LONGEST_ID} printable characters; {document_id[:_LONGEST_ID]!r} does not"
        )


def _source(request: JobRequest, path: Path) -> Source:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise DamagedError("the bytes of the upload are gone from the disk; upload it again") from error
    if request.sha256 not in (None, hashlib.sha256(data).hexdigest()):
        raise DamagedError("the upload was changed on the disk; upload it again")
    return Source(
        uri=request.uri,
        name=request.name,
        content=data.decode() if request.is_text else data,
        title=request.title,
        external_id=request.external_id,
        metadata=request.metadata,
        document_id=request.document_id,
    )


def _silent(_progress: Progress) -> None:
    """A worker has nobody to show its progress to."""


def _prepare(lifeline: Connection) -> None:
    step_back()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the server ends its worker itself
    Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    """Nothing is ever sent: the wait ends when the other end closes. Whatever was not committed is done again."""
    lifeline.poll(None)
    os._exit(0)
