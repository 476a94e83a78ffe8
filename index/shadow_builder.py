"""Filling a shadow: every document in force is split and embedded for it, in parts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from corpus.database import Database
from corpus.records import DocumentVersion
from corpus.store import text_of
from corpus.types import Span
from index.recipe import Recipe
from index.shadow import (
    HalfVector,
    add_part,
    built_until,
    known_vectors,
    mark_built,
    shadow_documents,
    shadow_state,
    still_in_force,
    versions_to_build,
)
from index.store import Generation
from index.vectors import rounded

_PART_PASSAGES = 512  # stored in one transaction, and lost when the process is killed
_EMBEDDED_AT_ONCE = 64
_VERSIONS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ReindexProgress:
    """How far a reindexing has come: documents of those in force, and passages, embedded or taken over."""

    documents_done: int
    documents_total: int
    passages_done: int


OnReindexProgress = Callable[[ReindexProgress], None]


@dataclass(slots=True)
class Counts:
    """Where the vectors of a shadow come from.

    `embedded` were made by this run, `reused` are those of earlier generations, `resumed` were there when it began.
    """

    resumed: int
    reused: int = 0
    embedded: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.resumed + self.reused + self.embedded


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """Some passages of a version, ascending; `known` are vectors that need not be made. `is_last` ends the version."""

    recipe: Recipe
    version: DocumentVersion
    text: str
    spans: tuple[Span, ...]
    known: dict[Span, HalfVector]
    is_last: bool
    made: dict[Span, HalfVector] = field(default_factory=dict)

    def text_to_embed(self, span: Span) -> str:
        return self.recipe.text_to_embed(self.version, self.text, span)

    def vectors(self) -> dict[Span, HalfVector]:
        """All of its vectors, once the missing ones are made."""
        both = self.known | self.made
        return {span: both[span] for span in self.spans}


class ShadowBuilder:
    """Builds one shadow; `counts` grow with it."""

    def __init__(self, database: Database, shadow: Generation, recipe: Recipe, on_progress: OnReindexProgress) -> None:
        self._database = database
        self._shadow = shadow
        self._recipe = recipe
        self._on_progress = on_progress
        with database.read() as connection:
            state = shadow_state(connection, shadow)
        self.counts = Counts(state.passages)
        self._documents = (state.documents_done, state.documents_total)

    def build(self) -> None:
        """Take in all documents in force that are not in the shadow yet; the write lock is not needed."""
        for part in self._parts():
            self._embed(part)
            self._store(part)

    def _parts(self) -> Iterator[list[_Piece]]:
        part: list[_Piece] = []
        size = 0
        for version in self._versions():
            for piece in self._pieces(version):
                part.append(piece)
                size += max(1, len(piece.spans))
                if size >= _PART_PASSAGES:
                    yield part
                    part, size = [], 0
        if part:
            yield part

    def _versions(self) -> Iterator[DocumentVersion]:
        with self._database.read() as connection:
            after = built_until(connection, self._shadow.number)
        while True:
            with self._database.read() as connection:
                found = versions_to_build(connection, after, _VERSIONS_AT_ONCE)
            if not found:
                return
            yield from found
            after = found[-1].number

    def _pieces(self, version: DocumentVersion) -> Iterator[_Piece]:
        with self._database.read() as connection:
            if not still_in_force(connection, [version.number]):
                return
            text = text_of(connection, version.number)
            known = known_vectors(connection, version.number, self._shadow)
        spans = self._recipe.stored_spans(version, text)
        for start in range(0, max(len(spans), 1), _PART_PASSAGES):
            part = spans[start : start + _PART_PASSAGES]
            has = {span: known[span] for span in part if span in known}
            yield _Piece(self._recipe, version, text, part, has, start + _PART_PASSAGES >= len(spans))

    def _embed(self, part: list[_Piece]) -> None:
        """Make the missing vectors. Small documents are embedded together, so that every core has work."""
        missing = [(piece, span) for piece in part for span in piece.spans if span not in piece.known]
        for start in range(0, len(missing), _EMBEDDED_AT_ONCE):
            self._report(start)
            some = missing[start : start + _EMBEDDED_AT_ONCE]
            texts = [piece.text_to_embed(span) for piece, span in some]
            for (piece, span), vector in zip(some, rounded(self._recipe.embedder.embed_passages(texts)), strict=True):
                piece.made[span] = vector

    def _store(self, part: list[_Piece]) -> None:
        with self._database.write() as connection:
            there = still_in_force(connection, [piece.version.number for piece in part])
            for piece in part:
                if piece.version.number in there:
                    self._count(piece, add_part(connection, self._shadow.number, piece.version, piece.vectors()))
                if piece.is_last:
                    mark_built(connection, self._shadow.number, piece.version.number)
            self._documents = shadow_documents(connection, self._shadow.number)
        self._report(0)

    def _count(self, piece: _Piece, added: list[Span]) -> None:
        embedded = sum(span in piece.made for span in added)
        self.counts.embedded += embedded
        self.counts.reused += len(added) - embedded

    def _report(self, embedded: int) -> None:
        self._on_progress(ReindexProgress(*self._documents, self.counts.total + embedded))
