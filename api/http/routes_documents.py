"""Documents: lists, uploads, texts, originals, page images."""

import asyncio
import hashlib
import time
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile

from api.http.state import ServiceOf
from api.schemas import (
    CODE_POINTS,
    BoxList,
    BoxOut,
    DocumentDetail,
    DocumentList,
    DocumentOut,
    JobOut,
    MetadataIn,
    TextBody,
)
from corpus.errors import BadInputError, UnreadableError
from index.jobs import Job, JobRequest
from retrieval.service import Service

router = APIRouter(prefix="/v1/documents", tags=["documents"])

DocumentId = Annotated[str, Path(description="Id of the document.")]
Version = Annotated[str | None, Query(description="A version's digest; the current one if left out.")]
Wait = Annotated[float, Query(ge=0, le=60, description="Seconds to wait for the job; then 201 if it is done.")]

_METADATA: TypeAdapter[MetadataIn] = TypeAdapter(MetadataIn)
_POLL_SECONDS = 0.05
_BINARY = {"type": "string", "format": "binary"}
_FILE_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": _BINARY,
        "title": {"type": "string"},
        "metadata": {"type": "string", "description": "A JSON object."},
    },
}
_BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FILE_FORM},
            "application/json": {"schema": TextBody.model_json_schema()},
        },
    }
}


def _content(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": _BINARY}}}}


@router.get("")
def list_documents(
    service: ServiceOf,
    collection: str = "default",
    limit: Annotated[int, Query(ge=1, le=1000)] = 20,
    after: Annotated[str | None, Query(description="The last id of the page before.")] = None,
) -> DocumentList:
    """Documents of a collection, by id."""
    page = service.library.documents(collection, limit, after)
    return DocumentList(data=[DocumentOut.of(version) for version in page.data], has_more=page.has_more)


@router.post("", status_code=202, openapi_extra=_BODIES, responses={201: {"model": JobOut}})
async def add_document(
    request: Request, response: Response, service: ServiceOf, collection: str = "default", wait: Wait = 0
) -> JobOut:
    """Ingest a file (multipart) or a text (JSON): 202 with a job. The same name or `uri` again replaces it."""
    return await _accept(request, response, service, collection, None, wait)


@router.put("/{document_id}", status_code=202, openapi_extra=_BODIES, responses={201: {"model": JobOut}})
async def put_document(
    document_id: DocumentId,
    request: Request,
    response: Response,
    service: ServiceOf,
    collection: str = "default",
    wait: Wait = 0,
) -> JobOut:
    """Ingest under an id of your own; the same id again replaces the document."""
    return await _accept(request, response, service, collection, document_id, wait)


@router.get("/{document_id}")
def show_document(document_id: DocumentId, service: ServiceOf, version: Version = None) -> DocumentDetail:
    """What is known of a document."""
    return DocumentDetail.of(service.library.document(document_id, version))


@router.delete("/{document_id}", status_code=204)
def delete_document(
    document_id: DocumentId,
    service: ServiceOf,
    purge: Annotated[
        bool, Query(description="Leave no trace of it on the disk; it may have been removed before.")
    ] = False,
) -> None:
    """Remove a document; the next answer no longer holds it."""
    if purge:
        service.purger.purge([document_id])
    else:
        service.remover.remove_document(document_id)


@router.get("/{document_id}/text", response_class=PlainTextResponse)
def document_text(document_id: DocumentId, service: ServiceOf, version: Version = None) -> Response:
    """The canonical text that all offsets count in."""
    text = service.text(document_id, version)
    return Response(text, media_type="text/plain; charset=utf-8", headers=_lasting(version))


@router.get("/{document_id}/original", response_class=Response, responses=_content("application/octet-stream"))
def document_original(document_id: DocumentId, service: ServiceOf, version: Version = None) -> Response:
    """The file as it was given, always as an attachment: a browser must not run what is in it."""
    original = service.library.original(document_id, version)
    disposition = f"attachment; filename*=UTF-8''{quote(original.name, safe='')}"
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": "sandbox; default-src 'none'"}
    # Given as a header, the type of a text gets no charset: the encoding of the file is its own.
    return Response(original.data, headers={**headers, "Content-Type": original.media_type})


@router.get("/{document_id}/pages/{page}.png", response_class=Response, responses=_content("image/png"))
def page_image(document_id: DocumentId, page: int, service: ServiceOf, version: Version = None) -> Response:
    """A page of a PDF as an image."""
    image = service.library.page_image(document_id, page, version)
    return Response(image, media_type="image/png", headers=_lasting(version))


@router.get("/{document_id}/boxes")
def text_boxes(
    document_id: DocumentId,
    service: ServiceOf,
    start: Annotated[int, Query(ge=0, description=CODE_POINTS)],
    end: Annotated[int, Query(ge=1)],
    version: Version = None,
) -> BoxList:
    """Where a piece of the text stands on the page images, as for a citation; empty for formats without them."""
    boxes = service.library.boxes(document_id, start, end, version)
    return BoxList(data=[BoxOut.model_validate(box) for box in boxes])


def _lasting(version: str | None) -> dict[str, str]:
    """A named version never changes, so that browsers may keep what belongs to it."""
    return {} if version is None else {"Cache-Control": "private, max-age=31536000, immutable"}


async def _accept(
    request: Request, response: Response, service: Service, collection: str, document_id: str | None, wait: float
) -> JobOut:
    data, job_request = await _read(request, collection, document_id)
    job_id = await run_in_threadpool(service.uploads.submit, data, job_request)
    job = await _waited(service, job_id, wait)
    if wait and job.status == "failed":
        raise UnreadableError("; ".join(job.errors))
    if job.status == "done":
        response.status_code = 201
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    return JobOut.model_validate(job)


async def _waited(service: Service, job_id: str, seconds: float) -> Job:
    """The job when it has ended, or as it stands after `seconds`. Holds no thread: questions need them."""
    until = time.monotonic() + seconds
    job = await run_in_threadpool(service.uploads.job, job_id)
    while job.status in ("queued", "running") and time.monotonic() < until:
        await asyncio.sleep(_POLL_SECONDS)
        job = await run_in_threadpool(service.uploads.job, job_id)
    return job


async def _read(request: Request, collection: str, document_id: str | None) -> tuple[bytes, JobRequest]:
    """The bytes and the description of what was sent."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _read_form(request, collection, document_id)
    if kind == "application/json":
        return _read_text(await request.body(), collection, document_id)
    raise BadInputError(f"send multipart/form-data with a file or application/json with a text, not {kind!r}")


async def _read_form(request: Request, collection: str, document_id: str | None) -> tuple[bytes, JobRequest]:
    async with request.form(max_files=1, max_fields=10) as form:
        file, title = form.get("file"), form.get("title")
        if not isinstance(file, UploadFile):
            raise BadInputError("the form has no file in its field 'file'")
        metadata = _metadata(form.get("metadata"))
        name = file.filename or "upload"
        data = await file.read()
    uri = f"upload:{name}" if document_id is None else f"document:{document_id}"
    return data, JobRequest(
        collection,
        uri,
        name,
        "",
        title=str(title) if title else None,
        external_id=document_id,
        document_id=document_id,
        metadata=metadata,
    )


def _read_text(body: bytes, collection: str, document_id: str | None) -> tuple[bytes, JobRequest]:
    try:
        given = TextBody.model_validate_json(body)
    except ValidationError as error:
        raise BadInputError(
            "; ".join(f"{'/'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        ) from error
    if not given.text.strip():
        raise BadInputError("the text is empty")
    data = given.text.encode("utf-8", "replace")
    label = given.title or given.uri or document_id or "text"
    uri = given.uri or _uri_of_text(data, given, document_id)
    return data, JobRequest(
        collection,
        uri,
        label,
        "",
        is_text=True,
        title=given.title,
        external_id=document_id,
        document_id=document_id,
        metadata=None if given.metadata is None else dict(given.metadata),
    )


def _uri_of_text(data: bytes, given: TextBody, document_id: str | None) -> str:
    if document_id is not None:
        return f"document:{document_id}"
    return f"text:{given.title or hashlib.sha256(data).hexdigest()}"


def _metadata(value: Any) -> MetadataIn | None:
    try:
        return _METADATA.validate_json(value) if value else None
    except ValidationError as error:
        detail = error.errors()[0]["msg"]
        raise BadInputError(f"metadata must be a JSON object of strings, numbers and booleans: {detail}") from error
