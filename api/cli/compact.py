"""`pincite compact`: room that removed documents took is given back."""

from dataclasses import asdict

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json, print_table


def compact(context: typer.Context, as_json: JsonOption = False) -> None:
    """Write store and indexes anew, without what was removed. Questions go on meanwhile."""
    from api.cli.byte_progress import in_units
    from retrieval.assemble import open_service

    with open_service(context_of(context).settings_of_home()) as service:
        done = service.compactor.compact()
    if as_json:
        print_json(asdict(done))
    else:
        before, after = asdict(done.before), asdict(done.after)
        rows = [(part, in_units(size), in_units(after[part])) for part, size in before.items()]
        print_table(("part", "before", "after"), rows)
        if done.generations_dropped:
            note(f"vectors of {done.generations_dropped} former models or passage sizes were dropped")
    if not done.log_emptied:
        note("the log of the store is read all the time and keeps its size; run this again later")
        raise typer.Exit(1)
