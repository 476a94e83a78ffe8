"""The HTTP application, made around an open service."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi_offline import FastAPIOffline

from api.http import routes_collections, routes_documents, routes_query, routes_system
from api.http.errors import PROBLEMS, handle_errors
from api.http.guards import guard
from api.http.metrics import Metrics
from retrieval.service import Service

_WEB = Path(__file__).resolve().parents[1] / "web"
_DESCRIPTION = """
Answers questions from your own documents with ranked passages and citations.

Offsets (`start`, `end`) count Unicode code points in the text of `GET /v1/documents/{id}/text`, the end is exclusive;
pages count from 1. JavaScript strings count UTF-16 units: convert before slicing.
""".strip()


def create_app(service: Service, hosts: Sequence[str] = (), largest_upload: int = 100_000_000) -> FastAPI:
    """The application.

    `hosts` are names under which it may be called besides localhost and addresses; `largest_upload` is in bytes.
    """
    app = FastAPIOffline(title="Pincite", version="1", description=_DESCRIPTION, responses=PROBLEMS)
    app.state.service = service
    app.state.metrics = Metrics(service)
    handle_errors(app)
    for routes in (routes_query, routes_documents, routes_collections, routes_system):
        app.include_router(routes.router)
    app.mount("/", StaticFiles(directory=_WEB, html=True))
    guard(app, hosts, largest_upload)
    return app
