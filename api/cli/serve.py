"""`pincite serve`: the web page and the HTTP interface."""

import logging
import signal
import socket
from ipaddress import ip_address
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.context import context_of
from api.cli.output import note

if TYPE_CHECKING:
    from fastapi import FastAPI

    from retrieval.service import Service

log = logging.getLogger("pincite")

_SECONDS_TO_FINISH = 3  # for requests that are being answered when the server is stopped


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    allowed_host: Annotated[
        list[str] | None, typer.Option(help="A further name under which the server is called; may be repeated.")
    ] = None,
    sample_if_empty: Annotated[
        bool, typer.Option("--sample-if-empty", help="Ingest the sample documents when the home is empty.")
    ] = False,
) -> None:
    """Serve the web page and the HTTP interface until it is stopped."""
    from api.http.app import create_app

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("pincite").setLevel(logging.INFO)
    largest_upload = context_of(context).settings().max_file_mb * 1_000_000
    with _listen(host, port) as listening, context_of(context).service() as service:
        service.warm_up()
        if sample_if_empty and service.status().documents == 0:
            _ingest_sample(service)
        service.uploads.resume()
        _serve(create_app(service, [host, *(allowed_host or [])], largest_upload), listening)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Leave in an orderly way: the service is closed. uvicorn passes the signal on when it has ended."""
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    """Bound before anything is loaded, so that a busy port is said at once."""
    from corpus.errors import CannotListenError

    try:
        return socket.create_server((host, port), family=_family(host), backlog=128)
    except OSError as error:
        raise CannotListenError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; choose another with --host or --port"
        ) from error


def url_of(address: str, port: int) -> str:
    """Where a browser on this machine finds a server that listens on `address`."""
    if ip_address(address).is_unspecified:
        return f"http://localhost:{port}"
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _ingest_sample(service: "Service") -> None:
    from importlib.resources import as_file, files

    from corpus.sources import file_source, find_files

    note("ingesting the sample documents")
    with as_file(files("corpus") / "sample") as folder:
        service.ingest([file_source(path) for path in find_files([folder])])


def _serve(app: "FastAPI", listening: socket.socket) -> None:
    import uvicorn

    address, port = listening.getsockname()[:2]
    if not ip_address(address).is_loopback:
        log.warning("whoever reaches this machine can read and change all documents: there are no passwords")
    note(f"Pincite is ready on {url_of(address, port)}")
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=_SECONDS_TO_FINISH)
    uvicorn.Server(config).run(sockets=[listening])
