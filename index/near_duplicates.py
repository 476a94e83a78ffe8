"""Near-duplicates in a collection: of a document that is being stored, and of all that are in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from corpus.near_duplicates import SIZE, THRESHOLD, Rows, Sketch, from_bytes, groups, similarities
from corpus.sketches import Sketched, SketchRows, sketch_rows, sketched_in_force

MOST: Final = 10
_READ_AT_ONCE = 100
_ONE_AGREES: Final = int(SIZE * (1 - THRESHOLD) + 1e-9) + 1


@dataclass(frozen=True, slots=True)
class Alike:
    """A document of a group, and how similar it is, 0 to 1, to the group's first."""

    document_id: str
    title: str
    uri: str
    similarity: float


class KnownSketches:
    """The sketches of a collection, kept from one ingestion to the next and grown by what is stored meanwhile."""

    def __init__(self, collection: str) -> None:
        self._collection = collection
        self._versions = np.empty(0, np.int64)
        # One row for each value of a sketch and one column for each text; there is room for more texts at the end.
        self._values = np.empty((SIZE, 0), np.uint32)

    def catch_up(self, connection: sa.Connection) -> None:
        """Read what came since the last time."""
        newest = int(self._versions[-1]) if len(self._versions) else 0
        new = sketch_rows(connection, self._collection, newest)
        known, count = len(self._versions), len(self._versions) + len(new.versions)
        if count > self._values.shape[1]:
            larger = np.empty((SIZE, 2 * count), np.uint32)
            larger[:, :known] = self._values[:, :known]
            self._values = larger
        self._values[:, known:count] = new.sketches.T
        self._versions = np.concatenate((self._versions, new.versions))

    def like(self, connection: sa.Connection, version: int, data: bytes) -> tuple[str, ...]:
        """The ids of documents in force, stored before `version`, that are nearly the same; the nearest first."""
        if not data:
            return ()
        near = self._near(from_bytes([data])[0], version)
        own = sketched_in_force(connection, [version]).get(version)
        found: list[str] = []
        for start in range(0, len(near), _READ_AT_ONCE):
            part = near[start : start + _READ_AT_ONCE]
            there = sketched_in_force(connection, part)  # of those that were replaced, the numbers are still known
            found += [there[one].document_id for one in part if one in there and own and not _is_own(own, there[one])]
            if len(found) >= MOST:
                break
        return tuple(found[:MOST])

    def _near(self, one: Sketch, version: int) -> list[int]:
        known = self._values[:, : int(np.searchsorted(self._versions, version))]
        # Those that are near enough differ in fewer values than these are, so in one of them at least they agree.
        agrees = np.zeros(known.shape[1], np.bool_)
        for row, value in zip(known, one[:_ONE_AGREES], strict=False):
            agrees |= row == value
        candidates = np.flatnonzero(agrees)
        scores = similarities(one, known[:, candidates].T)
        order = np.argsort(-scores, kind="stable")
        near = candidates[order[: np.count_nonzero(scores >= THRESHOLD)]]
        return [int(number) for number in self._versions[near]]


def groups_alike(connection: sa.Connection, collection: str, threshold: float) -> list[list[Alike]]:
    """The documents of a collection that are nearly the same as another, in groups; in each the oldest text first."""
    rows = sketch_rows(connection, collection)
    known = sketched_in_force(connection, rows.versions.tolist())
    members = [known[version] for version in rows.versions.tolist()]
    documents = np.array([one.document for one in members], np.int64)
    parents = np.array([one.parent or 0 for one in members], np.int64)

    def are_apart(row: int, others: Rows) -> npt.NDArray[np.bool_]:
        apart: npt.NDArray[np.bool_] = (documents[others] == parents[row]) | (parents[others] == documents[row])
        return apart

    return [_described(rows, members, group) for group in groups(rows.sketches, threshold, are_apart)]


def _described(rows: SketchRows, members: Sequence[Sketched], group: Sequence[int]) -> list[Alike]:
    scores = similarities(rows.sketches[group[0]], rows.sketches[list(group)])
    return [
        Alike(members[row].document_id, members[row].title, members[row].uri, round(float(score), 3))
        for row, score in zip(group, scores, strict=True)
    ]


def _is_own(one: Sketched, other: Sketched) -> bool:
    """Whether both are the same document, or one is attached to the other."""
    return other.document in (one.document, one.parent) or other.parent == one.document
