"""What ingestion reports: of every file what became of it, and meanwhile how far it has come."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from corpus.records import DocumentVersion, ReadReport, StoredSource

Status = Literal["added", "updated", "renamed", "unchanged", "removed", "failed"]


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one source; `seq` is the state of the store that holds it.

    Attachments and members of archives have results of their own, whose `path` is that of the file they are in, "#"
    and their name, and which are `inside`. `losses` say in words what is not in the text. `near_duplicates` are the
    ids of documents of the collection, stored before it, whose text is nearly the same: the nearest first.
    """

    path: str
    document_id: str | None
    status: Status
    reason: str | None
    seq: int | None
    pages_total: int | None = None
    pages_with_text: int | None = None
    pages_empty: int | None = None
    pages_failed: int | None = None
    losses: tuple[str, ...] = ()
    near_duplicates: tuple[str, ...] = ()
    inside: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the source is missing in the home, as far as this run read it: losses are told once."""
        if self.status in ("unchanged", "removed"):
            return True
        return self.status != "failed" and not self.pages_failed and not self.losses


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingestion has come: the file at work, and the passages that are embedded with it."""

    path: str
    passages_done: int
    passages_total: int


OnResult = Callable[[FileResult], None]
OnProgress = Callable[[Progress], None]
OnTotal = Callable[[int], None]
"""Called with the number of files, when it is known."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Who is told what: the number of files, what became of each, and meanwhile how far the one at work is."""

    on_total: OnTotal
    on_result: OnResult
    on_progress: OnProgress


def read_result(path: str, document_id: str, status: Status, seq: int, report: ReadReport) -> FileResult:
    """The result of a source that was read."""
    total, with_text, failed = report.pages_total, report.pages_with_text, report.pages_failed
    empty = None if total is None else total - (with_text or 0) - (failed or 0)
    return FileResult(path, document_id, status, None, seq, total, with_text, empty, failed, report.losses)


def unchanged(path: str, current: DocumentVersion | StoredSource, inside: bool = False) -> FileResult:
    """The result of a source that is in the store as it is."""
    result = read_result(path, current.document_id, "unchanged", current.added_seq, current.report)
    return replace(result, inside=inside)


def failed(path: str, error: Exception, inside: bool = False) -> FileResult:
    """The result of a source that could not be read or stored."""
    return FileResult(path, None, "failed", str(error), None, inside=inside)
