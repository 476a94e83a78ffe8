"""`pincite verify`: whether everything that the home holds is what was put there."""

from typing import Annotated

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json, print_table, printable


def verify(
    context: typer.Context,
    deep: Annotated[
        bool, typer.Option("--deep", help="Also originals against their hashes, and both indexes against every text.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the store, the originals and the indexes. Indexes that are damaged are made anew from the store."""
    from dataclasses import asdict

    from api.cli.verify_progress import verify_progress
    from retrieval.assemble import verify_home

    settings = context_of(context).settings_of_home()
    with verify_progress(as_json) as on_step:
        checks = verify_home(settings, deep, on_step)
    statuses = {check.status for check in checks}
    worst = next(status for status in ("damaged", "repaired", "ok") if status in statuses)
    if as_json:
        print_json({"status": worst, "deep": deep, "checks": [asdict(check) for check in checks]})
    else:
        print_table(
            ("check", "status", "checked"), [(check.name, check.status, str(check.checked)) for check in checks]
        )
        for check in checks:
            for detail in check.details:
                note(f"{check.name}: {printable(detail)}")
    if worst != "ok":
        raise typer.Exit(1)
