"""Keeping a collection equal to a folder: what is new, changed, renamed or gone there is so in the home.

Files are read before documents are removed, and a renamed file takes its document along in the transaction that
stores it: whenever a run is broken off nothing is lost, and the next one goes on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from corpus.collections import check_collection_name
from corpus.database import Database
from corpus.errors import BadInputError
from corpus.records import StoredSource
from corpus.store import sources_in_force
from corpus.text import canonical
from index.ingest import Ingester
from index.lock import WriteLock
from index.looking import Order
from index.removal import Remover
from index.results import FileResult, OnResult, Reports
from index.sync_plan import SyncOrder, SyncPlan, path_of, plan_sync

_REMOVED_AT_ONCE = 100


class Syncer:
    """Makes collections of one home equal to folders; files of more than `max_bytes` are no renamed ones."""

    def __init__(
        self,
        home: Path,
        database: Database,
        ingester: Ingester,
        remover: Remover,
        lock: WriteLock,
        max_bytes: int,
    ) -> None:
        self._home = home
        self._database = database
        self._ingester = ingester
        self._remover = remover
        self._lock = lock
        self._max_bytes = max_bytes

    def sync(self, order: SyncOrder, reports: Reports, lock_seconds: float) -> int:
        """Bring in what is new, changed or renamed, then remove what is gone; what cannot be read stays as it was.

        Returns how many documents the collection has from elsewhere, which are left alone. Raises BadInputError as
        `plan_sync` does and for a folder that holds the home; LockedError and ModelError as `Ingester.ingest`.
        """
        self._check(order)
        with self._lock.held(lock_seconds):
            known = self._known(order)
            plan = plan_sync(order, known, self._max_bytes)
            reports.on_total(len(plan.sources))
            on_result = _completing(plan, reports.on_result)
            self._ingester.ingest(
                plan.sources, order.collection, on_result, reports.on_progress, lock_seconds, known=known
            )
            self._remove(plan.gone, reports.on_result)
        return plan.elsewhere

    def preview(self, order: SyncOrder) -> tuple[Iterator[FileResult], int]:
        """What `sync` would do, as far as it can be told without parsing, and the number of documents from elsewhere.

        Changes nothing, and needs neither the lock nor a model.
        """
        self._check(order)
        known = self._known(order)
        plan = plan_sync(order, known, self._max_bytes)
        return self._previewed(plan, order, known), plan.elsewhere

    def _previewed(self, plan: SyncPlan, order: SyncOrder, known: Mapping[str, StoredSource]) -> Iterator[FileResult]:
        was = _former_paths(plan)
        for result in self._ingester.preview(plan.sources, Order(order.collection, known=known)):
            yield _with_former_path(result, was)
        for one in plan.gone:
            yield _removed(one, None)

    def _remove(self, gone: tuple[StoredSource, ...], on_result: OnResult) -> None:
        for start in range(0, len(gone), _REMOVED_AT_ONCE):
            part = gone[start : start + _REMOVED_AT_ONCE]
            seq = self._remover.remove_numbers([one.document for one in part])
            for one in part:
                on_result(_removed(one, seq))

    def _known(self, order: SyncOrder) -> dict[str, StoredSource]:
        with self._database.read() as connection:
            return sources_in_force(connection, order.collection)

    def _check(self, order: SyncOrder) -> None:
        check_collection_name(order.collection)
        home, folder = self._home.resolve(), order.folder.resolve()
        # Hidden folders are not read.
        if home.is_relative_to(folder) and not any(part.startswith(".") for part in home.relative_to(folder).parts):
            raise BadInputError(
                f"the home {str(home)!r} lies in the folder {str(folder)!r} itself; give another one with --home"
            )


def _completing(plan: SyncPlan, on_result: OnResult) -> OnResult:
    was = _former_paths(plan)
    going = {one.document_id for one in plan.gone}

    def report(result: FileResult) -> None:
        staying = tuple(one for one in result.near_duplicates if one not in going)
        on_result(_with_former_path(replace(result, near_duplicates=staying), was))

    return report


def _former_paths(plan: SyncPlan) -> dict[str, str]:
    moved = ((source.content, source.moved_from) for source in plan.sources)
    return {canonical(str(path)): path_of(before) for path, before in moved if before is not None}


def _with_former_path(result: FileResult, was: Mapping[str, str]) -> FileResult:
    return replace(result, reason=f"it was {was[result.path]}") if result.status == "renamed" else result


def _removed(one: StoredSource, seq: int | None) -> FileResult:
    return FileResult(path_of(one.uri), one.document_id, "removed", None, seq, inside=one.parent is not None)
