"""Candidates with their text: passages read from the store at one snapshot."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from corpus.database import current_seq
from corpus.errors import DamagedError
from corpus.passages import passages_by_number
from corpus.records import DocumentVersion, Passage
from corpus.store import text_of, versions_by_number
from retrieval.search import Candidate

_CACHED_CHARACTERS = 50_000_000


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A candidate, the passage it names, and the text of the document version that the passage is a span of."""

    candidate: Candidate
    passage: Passage
    version: DocumentVersion
    document_text: str

    @property
    def text(self) -> str:
        """The passage's own text."""
        return self.passage.span.of(self.document_text)


class TextCache:
    """Texts of document versions, which never change: the ones used last, up to a bound."""

    def __init__(self, characters: int = _CACHED_CHARACTERS) -> None:
        self._room = characters
        self._texts: OrderedDict[int, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, connection: sa.Connection, version: int) -> str:
        """The canonical text of a version, checked against its checksum when it is read."""
        with self._lock:
            if version in self._texts:
                self._texts.move_to_end(version)
                return self._texts[version]
        text = text_of(connection, version)
        with self._lock:
            if version not in self._texts:
                self._texts[version] = text
                self._room -= len(text)
            while self._room < 0 and len(self._texts) > 1:
                self._room += len(self._texts.popitem(last=False)[1])
        return text


def read_passages(
    connection: sa.Connection, candidates: Sequence[Candidate], seq: int, texts: TextCache
) -> list[FoundPassage]:
    """The candidates that were in force at `seq`, in their order; an index's word alone is never taken for it.

    Raises DamagedError when a record does not match its checksum, or the store lacks what the indexes hold.
    """
    rows = passages_by_number(connection, [candidate.passage for candidate in candidates], seq)
    if len(rows) < len(candidates) and current_seq(connection) == seq:
        # Nothing was removed since the snapshot, so store and indexes contradict each other.
        raise DamagedError("the indexes hold passages that are not in the store; run: pincite verify")
    versions = versions_by_number(connection, (row.version for row in rows.values()))
    return [
        FoundPassage(
            candidate,
            rows[candidate.passage],
            versions[rows[candidate.passage].version],
            texts.get(connection, rows[candidate.passage].version),
        )
        for candidate in candidates
        if candidate.passage in rows
    ]
