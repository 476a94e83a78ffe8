"""`pincite status`: what the home holds."""

from typing import TYPE_CHECKING

import typer

from api.cli.context import context_of
from api.cli.languages import uncovered_languages
from api.cli.output import JsonOption, print_json, print_table

if TYPE_CHECKING:
    from retrieval.service import Reindexing


def status(context: typer.Context, as_json: JsonOption = False) -> None:
    """Show what the home holds and which models it uses."""
    from api.schemas import StatusOut

    with context_of(context).service() as service:
        found = service.status()
    if as_json:
        print_json(StatusOut.model_validate(found))
        return
    rows = [
        ("home", found.home),
        ("documents", str(found.documents)),
        ("passages", str(found.passages)),
        ("index version", str(found.index_version)),
        ("collections", ", ".join(found.collections) or "-"),
        *((role, str(model["name"])) for role, model in found.models.items()),
    ]
    if found.uncovered_languages:
        rows.append(("not covered", uncovered_languages(found)))
    if found.reindexing is not None:
        rows.append(("built anew", _reindexing(found.reindexing)))
    print_table(("", "value"), rows)


def _reindexing(state: "Reindexing") -> str:
    done = f"{state.documents_done} of {state.documents_total} documents, {state.passages_done} passages"
    return (
        f"{done}, with {state.model} and passages of {state.passage_tokens} tokens; `pincite reindex` with the same "
        "options and settings goes on, `pincite reindex --discard` drops it"
    )
