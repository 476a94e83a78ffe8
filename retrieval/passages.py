"""Candidates with their text: passages read from the store at one snapshot."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from corpus.database import current_seq
from corpus.errors import DamagedError
from corpus.passages import newest_passage, passages_by_number
from corpus.records import DocumentVersion, Passage
from corpus.store import text_of, versions_by_number
from index.vectors import Scope
from retrieval.copies import Copies
from retrieval.search import Candidate

log = logging.getLogger("pincite.retrieval")

_CACHED_CHARACTERS = 50_000_000
_SAME_SCORE = 0.02  # of fused scores, which reach from 0 to 1


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A candidate, the passage it names, and the text of the document version that the passage is a span of.

    `copies` are found passages that say the same (`retrieval.copies`).
    """

    candidate: Candidate
    passage: Passage
    version: DocumentVersion
    document_text: str
    copies: tuple["FoundPassage", ...] = ()

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
    connection: sa.Connection, candidates: Sequence[Candidate], wanted: int, scope: Scope, seq: int, texts: TextCache
) -> Copies:
    """The first candidates that the store has in `scope` at `seq`, in their order, until `wanted` are different.

    Those with about the score of the last one are looked at for further copies. An index's word alone is never taken
    for it: further candidates take the place of those that do not hold. Raises DamagedError when a record does not
    match its checksum, or the store has lost what the indexes hold.
    """
    found = Copies()
    position = 0
    while len(found) < wanted and position < len(candidates):
        end = _with_the_score_of(candidates, position + wanted - len(found))
        for passage in _holding(connection, candidates[position:end], scope, seq, texts):
            if len(found) < wanted:
                found.add(passage)
            else:
                found.add_copy(passage)
        position = end
    # Of an older state, what was purged since is gone; the indexes follow in a moment.
    if len(found) < wanted and found.passages < position and current_seq(connection) == seq:
        _refuse_lost(connection, [candidate.passage for candidate in candidates[:position]], seq)
        log.warning("an index named passages that are not where the question asked; run `pincite verify`")
    return found


def _with_the_score_of(candidates: Sequence[Candidate], end: int) -> int:
    """Where those end that may say what one of the first `end` says: copies score about the same."""
    least = candidates[min(end, len(candidates)) - 1].fused - _SAME_SCORE
    return next((at for at in range(end, len(candidates)) if candidates[at].fused < least), len(candidates))


def _refuse_lost(connection: sa.Connection, numbers: Sequence[int], seq: int) -> None:
    """Raises DamagedError when passages with those numbers are not in force at `seq`, the newest state.

    Store and indexes then contradict each other, and an answer without them would be a wrong one.
    """
    lost = set(numbers) - passages_by_number(connection, numbers, seq).keys()
    if lost and min(lost) <= newest_passage(connection):
        raise DamagedError("the indexes hold passages that are not in the store; run: pincite verify")


def _holding(
    connection: sa.Connection, candidates: Sequence[Candidate], scope: Scope, seq: int, texts: TextCache
) -> list[FoundPassage]:
    rows = passages_by_number(connection, [candidate.passage for candidate in candidates], seq)
    rows = {number: passage for number, passage in rows.items() if _is_inside(passage, scope)}
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


def _is_inside(passage: Passage, scope: Scope) -> bool:
    return passage.collection == scope.collection and bool(scope.allows(np.asarray([passage.document]))[0])
