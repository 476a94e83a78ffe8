"""`pincite status`: what the home holds."""

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, print_json, print_table


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
    print_table(("", "value"), rows)
