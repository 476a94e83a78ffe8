"""`pincite`: the command line. Commands import what they need when they run, so that help is there at once."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli import (
    ask,
    backup,
    compact,
    documents,
    evaluation,
    ingest,
    models,
    reindex,
    restore,
    serve,
    status,
    sync,
    verify,
)
from api.cli.context import Context
from corpus.errors import PinciteError

app = typer.Typer(
    name="pincite",
    help="Answers questions from your own documents with citations that point at the exact characters.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # loading rich would be half of what help costs
    add_completion=False,
)


@app.callback()
def main(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the store and the indexes.", envvar="PINCITE_HOME", show_default="user data folder"
        ),
    ] = None,
) -> None:
    """Remember the options that stand before the command."""
    context.obj = Context(home)


app.command("ingest")(ingest.ingest)
app.command("sync")(sync.sync)
app.command("ask")(ask.ask)
app.add_typer(documents.app, name="documents")
app.command("status")(status.status)
app.command("verify")(verify.verify)
app.command("backup")(backup.backup)
app.command("restore")(restore.restore)
app.command("compact")(compact.compact)
app.command("reindex")(reindex.reindex)
app.command("serve")(serve.serve)
app.add_typer(models.app, name="models")
app.add_typer(evaluation.app, name="eval")


def run() -> None:
    """Entry point of the console script: errors become one line on stderr and an exit code."""
    try:
        app()
    except PinciteError as error:
        typer.secho(f"pincite: {error}", err=True, fg=typer.colors.RED)
        sys.exit(error.exit_code)
    except OSError as error:
        # The disk is full, or may not be written to: what was reported before is kept.
        typer.secho(f"pincite: the system refused it: {error}; see to the disk and try again", err=True, fg="red")
        sys.exit(PinciteError.exit_code)
