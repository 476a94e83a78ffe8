"""`pincite eval draft`: a set of one's own, proposed from one's own documents."""

import shlex
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.context import context_of
from api.cli.output import JsonOption, note, print_json

if TYPE_CHECKING:
    from eval.drafting import Drafted


def draft(
    context: typer.Context,
    documents: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the documents.", show_default=False)],
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder for the set; it must not hold one.", show_default=False)
    ],
    questions: Annotated[int, typer.Option(min=1, help="How many questions to propose.")] = 50,
    seed: Annotated[int, typer.Option(help="Another seed chooses other sentences.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Propose questions for review. They come with their evidence from documents, as a set of drafts."""
    from api.cli.evaluation.progress import EvalProgress
    from eval.drafting import draft_set
    from retrieval.endpoint import open_endpoint

    settings = context_of(context).settings()
    endpoint = open_endpoint(settings)
    with EvalProgress(quiet=as_json) as progress, endpoint or nullcontext():
        drafted = draft_set(documents, out, settings, endpoint, questions, seed, progress.update)
    if as_json:
        print_json(_as_json(drafted))
    _show(drafted, questions)
    if drafted.error is not None:
        raise drafted.error
    if drafted.unreadable:
        raise typer.Exit(1)


def _as_json(drafted: "Drafted") -> dict[str, object]:
    return {
        "folder": str(drafted.folder),
        "questions": drafted.questions,
        "documents": drafted.documents,
        "kinds": dict(drafted.kinds),
        "drafted_by": drafted.drafted_by,
        "unreadable": [asdict(one) for one in drafted.unreadable],
        "dropped": drafted.dropped,
        "error": None if drafted.error is None else str(drafted.error),
    }


def _show(drafted: "Drafted", wanted: int) -> None:
    for one in drafted.unreadable:
        note(f"failed: {one.path}: {one.reason}")
    if drafted.dropped:
        note(f"{drafted.dropped} passages were dropped: {drafted.drafted_by} gave no quote that stands in them once")
    fewer = f" of {wanted}" if drafted.questions < wanted else ""
    kinds = ", ".join(f"{count} {kind}" for kind, count in drafted.kinds.items())
    note(f"{drafted.questions}{fewer} questions from {drafted.documents} documents ({kinds})")
    note(
        f"review {shlex.quote(str(drafted.folder / 'queries.jsonl'))}: correct or delete each line, remove"
        f' "draft": true, then `pincite eval run {shlex.quote(str(drafted.folder))}`'
    )
