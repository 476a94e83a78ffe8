"""`pincite backup`: the home in one file, while it is in use."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; an older one is replaced when all went well.")],
    as_json: JsonOption = False,
) -> None:
    """Write the home to one file. Questions and ingestions go on meanwhile."""
    from api.cli.byte_progress import byte_progress, in_units
    from retrieval.assemble import open_service

    settings = context_of(context).settings_of_home()
    with open_service(settings) as service, byte_progress("backup", as_json) as on_progress:
        done = service.backup.write(file, on_progress)
    if as_json:
        print_json(asdict(done))
    else:
        note(f"{done.path} holds the home at change {done.seq}: {done.files} files, {in_units(done.bytes)}")
