"""What somebody who reads the figures of a run has to know before believing them."""

from collections.abc import Iterator

from eval.records import RunResult


def warnings(run: RunResult) -> list[str]:
    """List what went wrong or was left out."""
    return list(_warnings(run))


def _warnings(run: RunResult) -> Iterator[str]:
    errors = sum(question.error is not None for question in run.questions)
    if errors:
        yield f"{_counted(errors, 'question')} failed with an error and {_count_as(errors)} 0 in every measure."
    validity = run.metrics.get("citation_validity")
    if validity is not None and validity.value < 1:
        yield "Some citations are not what their source says: citation_validity must be 1."
    if run.failed_documents:
        yield f"{_counted(len(run.failed_documents), 'document')} could not be read; the list is below."
    if run.evidence_report.problems:
        found = _counted(len(run.evidence_report.problems), "piece")
        yield f"{found} of gold evidence could not be placed in the text and took no part; the list is below."
    if run.settings and run.settings.limit:
        yield f"Only a sample of {_counted(run.settings.limit, 'question')} was asked (seed {run.settings.seed})."
    if left_out := run.counts.get("left_out"):
        yield f"{_counted(left_out, 'question')} of the set could not be asked: there is no file for the document."
    if drafts := run.counts.get("drafts_left_out"):
        yield f"{_counted(drafts, 'draft')} of the set that nobody has checked took no part."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _count_as(number: int) -> str:
    return "counts" if number == 1 else "count"
