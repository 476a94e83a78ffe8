"""`pincite restore`: a home from a backup."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file that `pincite backup` made.")],
    as_json: JsonOption = False,
) -> None:
    """Make the home from a backup. There must be none yet, or an empty folder; every byte is checked before."""
    from api.cli.byte_progress import byte_progress
    from retrieval.assemble import restore_home

    with byte_progress("restore", as_json) as on_progress:
        done = restore_home(context_of(context).settings(), file, on_progress)
    if as_json:
        print_json(asdict(done))
    else:
        note(f"{done.home} is as it was at {done.created_at}, change {done.seq}: {done.files} files")
