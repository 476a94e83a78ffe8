"""Which documents pass a filter: an index of metadata in memory, brought to any state of the store by what changed."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import sqlalchemy as sa

from corpus.document_metadata import DocumentMetadata, documents_changed, metadata_in_force
from corpus.purged import purged_between
from index.metadata_columns import Segment, joined, segment_of
from index.tiers import folded
from index.vectors import DocumentMask, Mask

# The rows of a segment that pass, of shape (len(segment),).
Selection = Callable[[Segment], Mask]


@dataclass(frozen=True, slots=True, eq=False)
class MetadataIndex:
    """The metadata of the documents in force at `seq`; a value, as the vector index is one."""

    seq: int = 0
    segments: tuple[Segment, ...] = ()

    def changed(self, seq: int, over: Sequence[int], records: Iterable[DocumentMetadata]) -> Self:
        """The index at `seq`: without the documents that are `over`, and with `records`, each of another document."""
        gone = np.asarray(over, dtype=np.int64)
        kept = [segment.without(gone) for segment in self.segments] if len(gone) else list(self.segments)
        return type(self)(seq, tuple(_tidied([*kept, segment_of(records)])))

    def select(self, collection: int, selection: Selection) -> DocumentMask:
        """The documents of a collection that pass."""
        newest = max((int(segment.documents.max()) for segment in self.segments), default=-1)
        allowed = np.zeros(newest + 1, dtype=np.bool_)
        for segment in self.segments:
            passing = segment.alive & (segment.collections == collection) & selection(segment)
            allowed[segment.documents[passing]] = True
        return allowed


class MetadataKeeper:
    """The metadata index of a home, made when it is first asked for and shared by all threads."""

    def __init__(self) -> None:
        self._newest = MetadataIndex()
        self._refreshing = threading.Lock()

    def at(self, connection: sa.Connection, seq: int) -> MetadataIndex:
        """The index at `seq`, which the connection's transaction must see."""
        newest = self._newest
        if newest.seq == seq:
            return newest
        with self._refreshing:
            found = _brought_to(connection, self._newest, seq)
            # A question that began before the newest one may ask for an older state.
            if found.seq > self._newest.seq:
                self._newest = found
            return found


def _brought_to(connection: sa.Connection, index: MetadataIndex, seq: int) -> MetadataIndex:
    """The documents that changed between the two states, whichever is the older one, are read as they are at `seq`.

    After a purge, which leaves no rows of what it took, all are.
    """
    if index.seq == seq:
        return index
    older, newer = sorted((index.seq, seq))
    if not older or purged_between(connection, older, newer):
        return MetadataIndex().changed(seq, (), metadata_in_force(connection, seq))
    over = documents_changed(connection, older, newer)
    return index.changed(seq, over, metadata_in_force(connection, seq, over))


def _tidied(segments: Sequence[Segment]) -> list[Segment]:
    """Segments that are not mostly over, each at least twice as large as the next, so that there are few."""
    tidy: list[Segment] = []
    for segment in segments:
        mostly_over = 2 * int(segment.alive.sum()) < len(segment)
        kept = joined([segment]) if mostly_over else segment
        tidy = folded([*tidy, kept], len, lambda older, newer: joined([older, newer]))
    return [segment for segment in tidy if len(segment)]
