"""Jobs: ingestions that a server accepted and a worker process carries out. Their rows outlive both."""

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import sqlalchemy as sa

from corpus.checksums import check_row, row_checksum
from corpus.errors import NotFoundError
from corpus.passages import chunks
from corpus.records import now
from index.results import FileResult
from index.tables import jobs

# What a job's checksum covers.
_CHECKED = ("kind", "status", "request", "done", "total", "results", "errors", "seq", "created_at", "updated_at")

JobStatus = Literal["queued", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One upload to ingest. `upload` is the name of its file in the home's folder of uploads.

    `sha256` is that of its bytes; requests from before it existed have none.
    """

    collection: str
    uri: str
    name: str
    upload: str
    is_text: bool = False
    title: str | None = None
    external_id: str | None = None
    document_id: str | None = None
    metadata: dict[str, str | int | float | bool] | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """`done` of `total` files; `seq` is the state of the store that holds them all."""

    id: str
    kind: str
    status: JobStatus
    done: int
    total: int
    results: tuple[FileResult, ...]
    errors: tuple[str, ...]
    seq: int | None
    created_at: str
    updated_at: str


def add_job(connection: sa.Connection, request: JobRequest) -> str:
    """Queue an ingestion; returns the job's id."""
    name = f"job_{uuid.uuid4().hex[:20]}"
    row: dict[str, Any] = {"id": name, "kind": "ingest", "status": "queued", "request": json.dumps(asdict(request))}
    row |= {"done": 0, "total": 1, "results": "[]", "errors": "[]", "created_at": now(), "updated_at": now()}
    row |= {"seq": None}
    connection.execute(jobs.insert().values({**row, "checksum": row_checksum(row, _CHECKED)}))
    return name


def job_of(connection: sa.Connection, name: str) -> Job:
    """Raises NotFoundError for an unknown id."""
    row = _row(connection, name)
    results = tuple(map(_result, json.loads(row.results)))
    return Job(
        row.id,
        row.kind,
        row.status,
        row.done,
        row.total,
        results,
        tuple(json.loads(row.errors)),
        row.seq,
        row.created_at,
        row.updated_at,
    )


def request_of(connection: sa.Connection, name: str) -> JobRequest:
    """What the job was asked to do."""
    return JobRequest(**json.loads(_row(connection, name).request))


def mark_running(connection: sa.Connection, name: str) -> None:
    """A worker has taken up the job."""
    _update(connection, name, {"status": "running"})


def finish_job(connection: sa.Connection, name: str, results: Sequence[FileResult]) -> None:
    """Record what became of the upload and of the files inside of it."""
    errors = [f"{result.path}: {result.reason}" for result in results if result.status == "failed"]
    fields = {
        # The last result is that of the upload itself; files inside of it may fail alone.
        "status": "failed" if results and results[-1].status == "failed" else "done",
        "done": len(results),
        "total": len(results),  # how many files are inside shows when they are read
        "results": json.dumps([asdict(result) for result in results]),
        "errors": json.dumps(errors),
        "seq": max((result.seq for result in results if result.seq is not None), default=None),
    }
    _update(connection, name, fields)


def fail_job(connection: sa.Connection, name: str, reason: str) -> None:
    """Record that the job ended without a result."""
    _update(connection, name, {"status": "failed", "errors": json.dumps([reason])})


def delete_jobs_about(
    connection: sa.Connection, ids: Collection[str], sources: Collection[tuple[str, str]]
) -> list[str]:
    """Delete the jobs that name one of the documents, or had one of these collections and sources.

    Returns the files of their uploads. Call it with the write lock held: then no job is at work.
    """
    about = [row for row in connection.execute(sa.select(jobs)) if _is_about(row, ids, sources)]
    for part in chunks([row.id for row in about]):
        connection.execute(jobs.delete().where(jobs.c.id.in_(part)))
    return [str(json.loads(row.request)["upload"]) for row in about]


def _is_about(row: Any, ids: Collection[str], sources: Collection[tuple[str, str]]) -> bool:
    request = JobRequest(**json.loads(row.request))
    results = [_result(fields) for fields in json.loads(row.results)]
    named = {
        request.document_id,
        *(name for result in results for name in (result.document_id, *result.near_duplicates)),
    }
    return bool(named & set(ids)) or (request.collection, request.uri) in sources


def uploads_waiting(connection: sa.Connection) -> set[str]:
    """The files of the uploads that are still to be ingested."""
    waiting = sa.select(jobs.c.request).where(jobs.c.status.in_(["queued", "running"]))
    return {str(json.loads(request)["upload"]) for request in connection.scalars(waiting)}


def unfinished_jobs(connection: sa.Connection) -> list[str]:
    """Jobs that are queued or were running when their server ended, oldest first."""
    waiting = sa.select(jobs.c.id).where(jobs.c.status.in_(["queued", "running"])).order_by(jobs.c.created_at)
    return [str(row[0]) for row in connection.execute(waiting)]


def is_whole_job(row: Any) -> bool:
    """Whether a row of the table matches its checksum."""
    return bool(row_checksum(row._asdict(), _CHECKED) == row.checksum)


def _result(fields: dict[str, Any]) -> FileResult:
    lists = {name: tuple(fields.get(name, ())) for name in ("losses", "near_duplicates")}
    return FileResult(**{**fields, **lists})


def _row(connection: sa.Connection, name: str) -> Any:
    row = connection.execute(sa.select(jobs).where(jobs.c.id == name)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no job {name!r}")
    check_row(row, _CHECKED, f"job {name!r}")
    return row


def _update(connection: sa.Connection, name: str, fields: dict[str, Any]) -> None:
    values = {**_row(connection, name)._asdict(), **fields, "updated_at": now()}
    values["checksum"] = row_checksum(values, _CHECKED)
    connection.execute(jobs.update().where(jobs.c.id == name).values(values))
