"""Reading documents: lists, canonical texts, originals, page images."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.collections import collection_names, collection_number, ensure_collection, has_collection
from corpus.database import Database, next_seq
from corpus.errors import BadInputError, NotFoundError
from corpus.originals import Originals
from corpus.parse_pool import ParsePool
from corpus.records import DocumentVersion
from corpus.store import count_in_force, text_of, version_of, versions_in_force
from corpus.types import Span
from index.keeper import IndexKeeper, Snapshot
from retrieval.boxes import Box, boxes_around


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes of a document as they were given, its media type, and its file name (metadata only)."""

    data: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection and what it holds."""

    name: str
    created_at: str
    documents: int
    passages: int


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """One page of a list; `has_more` says that the list goes on behind its last document."""

    data: tuple[DocumentVersion, ...]
    has_more: bool


class Library:
    """The documents of one home, as they stand in the newest published state."""

    def __init__(self, database: Database, keeper: IndexKeeper, originals: Originals, pool: ParsePool) -> None:
        self._database = database
        self._keeper = keeper
        self._originals = originals
        self._pool = pool

    def snapshot(self) -> Snapshot:
        """The newest published state."""
        return self._keeper.snapshot()

    def collections(self) -> list[Collection]:
        """All collections, by name."""
        seq = self._keeper.snapshot().seq
        with self._database.read() as connection:
            return [
                Collection(name, created_at, *count_in_force(connection, seq, name))
                for name, created_at in collection_names(connection)
            ]

    def collection(self, name: str) -> Collection:
        """Raises NotFoundError when there is none of that name."""
        for collection in self.collections():
            if collection.name == name:
                return collection
        raise NotFoundError(f"there is no collection {name!r}")

    def create_collection(self, name: str) -> Collection:
        """The collection of that name, made if need be. Raises BadInputError for a name that is not allowed."""
        with self._database.write() as connection:
            # A change like any other: if it were lost, the indexes would show that the store is older than they are.
            if not has_collection(connection, name):
                next_seq(connection)
            ensure_collection(connection, name)
        return self.collection(name)

    def documents(self, collection: str, limit: int = 20, after: str | None = None) -> DocumentPage:
        """Documents by id, from behind the id `after`."""
        if not 1 <= limit <= 1000:
            raise BadInputError(f"limit is {limit}; it must be from 1 to 1000")
        seq = self._keeper.snapshot().seq
        with self._database.read() as connection:
            collection_number(connection, collection)
            found = versions_in_force(connection, collection, seq, after, limit + 1)
        return DocumentPage(tuple(found[:limit]), len(found) > limit)

    def document(self, document_id: str, version: str | None = None) -> DocumentVersion:
        """The document's current version, or the one with that digest. Raises NotFoundError."""
        seq = self._keeper.snapshot().seq
        with self._database.read() as connection:
            return version_of(connection, document_id, seq, version)

    def text(self, document_id: str, version: str | None = None) -> str:
        """The canonical text that offsets count in."""
        seq = self._keeper.snapshot().seq
        with self._database.read() as connection:  # one for both: in between, the document might be purged
            return text_of(connection, version_of(connection, document_id, seq, version).number)

    def original(self, document_id: str, version: str | None = None) -> Original:
        """The document as it was given."""
        found = self.document(document_id, version)
        return Original(self._originals.get(found.original), found.media_type, found.name)

    def page_image(self, document_id: str, page: int, version: str | None = None) -> bytes:
        """A page of a PDF or an image as PNG, made in a worker process.

        Raises NotFoundError for other formats and for pages that are not there, UnreadableError for an encrypted file.
        """
        found = self.document(document_id, version)
        return self._pool.page_image(self._originals.get(found.original), found.name, found.media_type, page)

    def boxes(self, document_id: str, start: int, end: int, version: str | None = None) -> list[Box]:
        """Where the characters `start` to `end` stand on the page images; empty for formats without.

        Raises NotFoundError, and BadInputError for a span that is not in the text.
        """
        seq = self._keeper.snapshot().seq
        with self._database.read() as connection:
            found = version_of(connection, document_id, seq, version)
            length = len(text_of(connection, found.number))
            if not 0 <= start < end <= length:
                raise BadInputError(f"start {start} and end {end} are no span of a text of {length} characters")
            return boxes_around(connection, found, Span(start, end))

    def external_ids(self, collection: str) -> dict[str, str]:
        """The caller's own name of each document of a collection, by document id."""
        seq = self._keeper.snapshot().seq
        with self._database.read() as connection:
            in_force: Sequence[DocumentVersion] = versions_in_force(connection, collection, seq)
        return {version.document_id: version.external_id for version in in_force}

    def counts(self) -> tuple[int, int, int]:
        """Documents, passages and the `seq` they were counted at."""
        seq = self._keeper.snapshot().seq
        with self._database.read() as connection:
            return *count_in_force(connection, seq), seq
