"""Guards around every request: who may ask, how much may be sent, what browsers may do with the answer.

Any web page can make its visitor's browser post to a server on this machine. So a request must name this server
(`Host`, against DNS rebinding) and, if it changes something, come from this server's own pages (`Origin`).
"""

import ipaddress
import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import defect, problem
from api.http.metrics import Metrics

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LARGEST_QUERY = 1_000_000
_MULTIPART_OVERHEAD = 1_000_000

_HEADERS = {
    "Cache-Control": "no-cache",  # asked for again each time, so that a page never mixes two releases or two states
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}

# The pages of the API's documentation carry their set-up inline; nothing of a document is shown there.
_PAGES_WITH_INLINE_SCRIPT = frozenset({"/docs", "/redoc"})
_CSP_OF_API_PAGES = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; worker-src blob:; base-uri 'none'; frame-ancestors 'none'"
)


def guard(app: FastAPI, hosts: Sequence[str], largest_upload: int) -> None:
    """Put the guards around the application. `largest_upload` is in bytes."""
    metrics: Metrics = app.state.metrics
    app.add_middleware(Guards, hosts=hosts, largest_upload=largest_upload, metrics=metrics)


class Guards:
    """Middleware: checks `Host`, `Origin` and the size of bodies; adds a request id and headers; counts."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str], largest_upload: int, metrics: Metrics) -> None:
        self._app = app
        self._hosts = {"localhost", *(host.lower() for host in hosts)}
        self._largest_upload = largest_upload
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = f"req_{uuid.uuid4().hex[:20]}"
        scope.setdefault("state", {})["request_id"] = request_id
        limit = _LARGEST_QUERY if scope["path"] == "/v1/query" else self._largest_upload + _MULTIPART_OVERHEAD
        sender = self._sender(scope, send, request_id)
        refusal = self._refusal(scope, headers, limit)
        if refusal is not None:
            await problem(scope, *refusal)(scope, receive, sender)
            return
        try:
            await self._app(scope, _limited(receive, limit), sender)
        except Exception as error:
            answer = defect(scope, error)
            if scope["state"].get("answered"):
                raise  # too late for another answer
            await answer(scope, receive, sender)

    def _refusal(self, scope: Scope, headers: Headers, limit: int) -> tuple[int, str, str, str] | None:
        host = headers.get("host", "")
        if not self._is_own(host):
            detail = f"this server does not answer as {host!r}; start it with --allowed-host to allow the name"
            return 421, "wrong-host", "Misdirected request", detail
        origin = headers.get("origin")
        if scope["method"] not in _SAFE_METHODS and origin is not None and not _is_of(origin, host):
            return 403, "wrong-origin", "Forbidden", f"pages of {origin!r} may not change anything here"
        if headers.get("content-length", "0").isdigit() and int(headers.get("content-length", "0")) > limit:
            return 413, "too-large", "Too large", f"the body may have {limit} bytes at most"
        return None

    def _is_own(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:  # a bracket that does not close
            return False
        return name in self._hosts or _is_address(name)

    def _sender(self, scope: Scope, send: Send, request_id: str) -> Send:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"] in _PAGES_WITH_INLINE_SCRIPT:
                    headers["Content-Security-Policy"] = _CSP_OF_API_PAGES
                headers["X-Request-ID"] = request_id
                self._metrics.request_done(scope["method"], message["status"])
                scope["state"]["answered"] = True
            await send(message)

        return send_with_headers


def _is_address(name: str) -> bool:
    """Rebinding needs a name: whoever asks by address has not been misled."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_of(origin: str, host: str) -> bool:
    """Whether a page of `origin` ("http://localhost:8000", or "null") came from the server called `host`."""
    return origin.lower().partition("://")[2] == host.lower()


def _limited(receive: Receive, limit: int) -> Receive:
    """`receive` that refuses a body longer than `limit`, whatever its declared length."""
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise HTTPException(413, f"the body may have {limit} bytes at most")
        return message

    return receive_limited
