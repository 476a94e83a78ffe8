"""Looking at a source before it is read: its bytes, what is said of it, and whether anything changed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from corpus.database import Database
from corpus.records import DocumentVersion, Given, StoredSource
from corpus.sidecars import read_sidecar
from corpus.sources import Source, read_bytes
from corpus.store import current_version, has_newer_attachments
from corpus.text import canonical
from corpus.types import Metadata


@dataclass(frozen=True, slots=True)
class Order:
    """Where sources go and how they are read.

    `reparse` reads a file again although it is unchanged, if another version of the parsers read it before. `known` is
    all that is in force in the collection, by source: looked up once rather than for each file.
    """

    collection: str
    reparse: bool = False
    known: Mapping[str, StoredSource] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A source's bytes, title and metadata as they are given now, and the document that it is in force as."""

    data: bytes
    given: Given
    current: DocumentVersion | StoredSource | None
    is_same: bool


def look(source: Source, database: Database, order: Order, max_bytes: int) -> Looked:
    """Raises UnreadableError for a file or a sidecar that cannot be read."""
    data = _data(source, max_bytes)
    sidecar = read_sidecar(source.content)
    current = _current(source, database, order)
    given = _given(source, sidecar, current)
    is_same = source.moved_from is None and current is not None and _is_same(current, given, data, database)
    return Looked(data, given, current, is_same)


def stored_uri(source: Source) -> str:
    """The source under which the document is in the store, if it is."""
    return canonical(source.moved_from or source.uri)


def storable(metadata: Metadata) -> Metadata:
    """Metadata whose keys and values fit into databases and UTF-8."""
    return {canonical(key): canonical(value) if isinstance(value, str) else value for key, value in metadata.items()}


def _data(source: Source, max_bytes: int) -> bytes:
    if isinstance(source.content, str):
        return canonical(source.content).encode()
    return source.content if isinstance(source.content, bytes) else read_bytes(source.content, max_bytes)


def _current(source: Source, database: Database, order: Order) -> DocumentVersion | StoredSource | None:
    if order.known is not None:
        return order.known.get(stored_uri(source))
    with database.read() as connection:
        return current_version(connection, order.collection, stored_uri(source), source.document_id)


def _given(source: Source, sidecar: Given | None, current: DocumentVersion | StoredSource | None) -> Given:
    """What the caller says of the document: now, in a file beside it, or before if nothing is said now."""
    before = Given() if current is None else current.given
    beside = sidecar or Given()
    said = source.metadata is not None or sidecar is not None
    metadata = {**beside.metadata, **storable(source.metadata or {})} if said else before.metadata
    title_before = before.title if source.title is None else None
    title = canonical(source.title) if source.title else beside.title or title_before
    return Given(title, metadata)


def _is_same(current: DocumentVersion | StoredSource, given: Given, data: bytes, database: Database) -> bool:
    # Compared as they are written down: 1, 1.0 and true are equal to Python alone.
    metadata_is_same = _written(current.given.metadata) == _written(given.metadata)
    title_is_same = given.title == current.given.title
    if not (metadata_is_same and title_is_same and current.original == hashlib.sha256(data).hexdigest()):
        return False
    # Files inside that are newer: the rest of what they came with was never stored.
    with database.read() as connection:
        return not has_newer_attachments(connection, current.document, current.added_seq)


def _written(metadata: Metadata) -> str:
    return json.dumps(dict(metadata), sort_keys=True)
