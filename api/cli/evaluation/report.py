"""`pincite eval report`: runs as HTML, Markdown, JUnit and TREC files."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.evaluation.compare import run_names
from api.cli.output import note
from corpus.errors import BadInputError

if TYPE_CHECKING:
    from eval.compare import NamedRun


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN.json",
            help="Run file of `pincite eval run --json`; with several, the others are compared with the first.",
        ),
    ],
    html: Annotated[Path | None, typer.Option(help="Write a page that needs no other file.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write a summary for a pull request.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write a test case for every question.")] = None,
    trec: Annotated[Path | None, typer.Option(help="Write the documents of one run, by best passage.")] = None,
) -> None:
    """Write reports of a run, or of a comparison of several."""
    from eval.report.junit import junit_xml
    from eval.run_file import read_run

    if not any((html, markdown, junit, trec)):
        raise BadInputError("there is nothing to write: give --html, --markdown, --junit or --trec with a file")
    if trec and len(runs) > 1:
        raise BadInputError(f"--trec writes one run, not {len(runs)}: give each a report of its own")
    named = [(name, read_run(path)) for name, path in zip(run_names(runs), runs, strict=True)]
    _write(html, lambda: _html(named))
    _write(markdown, lambda: _markdown(named))
    _write(junit, lambda: junit_xml(named))
    if trec:
        _write_trec(trec, named[0])


def _html(runs: Sequence["NamedRun"]) -> bytes:
    from eval.report.page import comparison_page, run_page

    page = run_page(runs[0][1]) if len(runs) == 1 else comparison_page(runs)
    return page.encode("utf-8", "replace")


def _markdown(runs: Sequence["NamedRun"]) -> bytes:
    from eval.report.markdown import comparison_markdown, run_markdown

    return (run_markdown(runs[0][1]) if len(runs) == 1 else comparison_markdown(runs)).encode()


def _write(path: Path | None, make: Callable[[], bytes]) -> None:
    from corpus.files import write_output

    if path is None:
        return
    data = make()
    write_output(path, data)
    note(f"wrote {path} ({len(data):,} bytes)")


def _write_trec(path: Path, named: "NamedRun") -> None:
    from eval.metrics.documents import best_passage_scores
    from eval.trec import write_run

    name, run = named
    if run.settings is None:
        raise BadInputError(
            f"{name!r} is the run of another system, of which only the scores were kept: it has no ranking"
        )
    scores = {
        question.id: best_passage_scores(
            (name, passage.score) for passage in question.passages for name in (passage.document, *passage.also_in)
        )
        for question in run.questions
    }
    # The tag of a TREC run is one word.
    write_run(path, scores, "-".join(name.split()))
    note(f"wrote {path}")
