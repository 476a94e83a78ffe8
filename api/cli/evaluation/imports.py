"""`pincite eval import`: sets in the forms of other tools."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.output import JsonOption, note, print_json
from corpus.errors import BadInputError

if TYPE_CHECKING:
    from eval.datasets.imports import Imported

ForeignForm = Literal["beir", "trec", "squad", "csv"]

# The options that each form takes beside its sources: any other would be passed over in silence.
_OPTIONS: dict[ForeignForm, frozenset[str]] = {
    "beir": frozenset({"split"}),
    "trec": frozenset({"qrels", "documents"}),
    "squad": frozenset(),
    "csv": frozenset({"documents"}),
}


def import_set(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="SOURCE...", help="A BEIR folder, a file of topics, files of SQuAD, or a table."),
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to make of it; it must be empty or new.")],
    form: Annotated[ForeignForm, typer.Option("--from", help="The form of the source.")],
    split: Annotated[str | None, typer.Option(help="beir: which judgements to take.", show_default="test")] = None,
    qrels: Annotated[Path | None, typer.Option(help="trec: the file of judgements.")] = None,
    documents: Annotated[
        Path | None, typer.Option(help="trec, csv: the folder of documents; trec: or a corpus.jsonl.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Import a set in the form of another tool. The result is a folder that `eval run` takes."""
    given = {"split": split, "qrels": qrels, "documents": documents}
    for name, value in given.items():
        if value is not None and name not in _OPTIONS[form]:
            raise BadInputError(f"--{name} says nothing to --from {form}: leave it out")
    imported = _import(form, sources, out, split, qrels, documents)
    if as_json:
        print_json(asdict(imported) | {"folder": str(imported.folder)})
    else:
        _show(imported)


def _import(
    form: ForeignForm, sources: Sequence[Path], out: Path, split: str | None, qrels: Path | None, documents: Path | None
) -> "Imported":
    from eval.datasets.imports import import_beir, import_squad, import_table, import_trec

    if form == "squad":
        return import_squad(sources, out)
    if len(sources) != 1:
        raise BadInputError(f"--from {form} takes one source, not {len(sources)}")
    if form == "beir":
        return import_beir(sources[0], out, split or "test")
    if form == "csv":
        return import_table(sources[0], _required(form, "documents", documents), out)
    return import_trec(sources[0], _required(form, "qrels", qrels), _required(form, "documents", documents), out)


def _required(form: ForeignForm, name: str, path: Path | None) -> Path:
    if path is None:
        raise BadInputError(f"--from {form} needs --{name}")
    return path


def _show(imported: "Imported") -> None:
    for left_out in imported.notes:
        note(left_out)
    note(f"{imported.questions} questions, {imported.documents} documents ({imported.form} form)")
    note(f"next: pincite eval run {shlex.quote(str(imported.folder))}")
