"""What somebody who reads the figures of a run has to know before believing them."""

from collections.abc import Iterator

from eval.records import RunResult
from eval.report.wording import counted


def warnings(run: RunResult) -> list[str]:
    """List what went wrong or was left out."""
    return list(_warnings(run))


def _warnings(run: RunResult) -> Iterator[str]:
    errors = sum(question.error is not None for question in run.questions)
    if errors:
        yield f"{counted(errors, 'question')} failed with an error and {_count_as(errors)} 0 in every measure."
    validity = run.metrics.get("citation_validity")
    if validity is not None and validity.value < 1:
        yield "Some citations are not what their source says: citation_validity must be 1."
    if run.failed_documents:
        yield f"{counted(len(run.failed_documents), 'document')} could not be read; the list is below."
    if run.evidence_report.problems:
        found = counted(len(run.evidence_report.problems), "piece")
        yield f"{found} of gold evidence could not be placed in the text and took no part; the list is below."
    if run.settings and run.settings.limit:
        yield f"Only a sample of {counted(run.settings.limit, 'question')} was asked (seed {run.settings.seed})."
    if left_out := run.counts.get("left_out"):
        yield f"{counted(left_out, 'question')} of the set could not be asked: there is no file for the document."
    if drafts := run.counts.get("drafts_left_out"):
        yield f"{counted(drafts, 'draft')} of the set that nobody has checked took no part."


def _count_as(number: int) -> str:
    return "counts" if number == 1 else "count"
