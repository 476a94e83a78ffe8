"""Errors as RFC 9457 problem documents."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope

from api.schemas import Problem
from corpus.errors import LockedError, PinciteError

log = logging.getLogger("pincite.http")

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = "5"

_SCHEMA = {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {"model": Problem, "description": "An error as RFC 9457 describes it.", "content": {MEDIA_TYPE: _SCHEMA}}
}


def problem(scope: Scope, status: int, slug: str, title: str, detail: str, **more: Any) -> JSONResponse:
    """A problem document for the request of `scope`."""
    body = Problem(
        type=f"urn:pincite:problem:{slug}",
        title=title,
        status=status,
        detail=detail,
        instance=str(scope.get("path", "")),
        request_id=str(scope.get("state", {}).get("request_id", "")),
        errors=more.get("errors", []),
    )
    return JSONResponse(body.model_dump(), status, headers=more.get("headers"), media_type=MEDIA_TYPE)


def handle_errors(app: FastAPI) -> None:
    """Turn the errors that routes raise on purpose into problem documents; for others see `defect`."""
    app.add_exception_handler(PinciteError, _pincite_error)
    app.add_exception_handler(OSError, _system_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


def _pincite_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PinciteError)
    headers = {"Retry-After": _RETRY_SECONDS} if isinstance(error, LockedError) else None
    return problem(request.scope, error.http_status, error.slug, error.title, str(error), headers=headers)


def _system_error(request: Request, error: Exception) -> JSONResponse:
    """The disk is full, or may not be written to."""
    log.error("%s %s: the system refused it: %s", request.method, request.url.path, error)
    detail = f"the system refused it: {error}; see to the disk and try again"
    return problem(request.scope, PinciteError.http_status, PinciteError.slug, PinciteError.title, detail)


def _validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = [
        {
            "pointer": "/" + "/".join(str(part) for part in item["loc"][1:]),
            "in": item["loc"][0],
            "detail": item["msg"].removeprefix("Value error, "),  # pydantic's words before ours
        }
        for item in error.errors()
    ]
    detail = "; ".join(f"{item['pointer']}: {item['detail']}" for item in problems)
    return problem(request.scope, 422, "bad-input", "The input is not valid", detail, errors=problems)


def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    title = {404: "Not found", 405: "Method not allowed"}.get(error.status_code, "The request is not accepted")
    return problem(request.scope, error.status_code, "http", title, str(error.detail), headers=error.headers)


def defect(scope: Scope, error: Exception) -> JSONResponse:
    """The answer to a request that met a defect, which is logged."""
    request_id = scope["state"]["request_id"]
    log.error("%s %s failed (%s)", scope["method"], scope["path"], request_id, exc_info=error)
    detail = "a defect of Pincite; the server's log says more under the request_id"
    return problem(scope, 500, "internal", "Internal error", detail)
