"""Rows of the store as values."""

from dataclasses import dataclass
from datetime import UTC, datetime

from corpus.types import Metadata, Section, Span


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A document version that is about to be stored; `spans` are its passages."""

    uri: str
    document_id: str | None
    external_id: str
    digest: str
    parser_version: str
    original: str
    name: str
    media_type: str
    title: str
    metadata: Metadata
    text: str
    page_starts: tuple[int, ...]
    sections: tuple[Section, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """What storing a version gave: the document's id, the passages' numbers, whether there was a version before."""

    document_id: str
    passages: tuple[int, ...]
    replaces: bool


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """A stored version without its text."""

    number: int
    document: int
    document_id: str
    collection: str
    uri: str
    external_id: str
    digest: str
    original: str
    name: str
    media_type: str
    title: str
    metadata: Metadata
    page_starts: tuple[int, ...]
    sections: tuple[Section, ...]
    created_at: str
    added_seq: int
    removed_seq: int | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored passage: a span of the text of `version`."""

    number: int
    id: str
    version: int
    span: Span


def now() -> str:
    """The time as it is stored: UTC, ISO 8601, in seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")
