"""Rows of the store as values."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from corpus.language import language_code
from corpus.types import CellRow, CharacterBoxes, Metadata, Section, Span, Table


@dataclass(frozen=True, slots=True)
class Identity:
    """What names a document in its collection; `document_id` None stands for one that is given or was given."""

    uri: str
    document_id: str | None
    external_id: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a version looks like beside pages and sections; see `corpus.types.ParsedDocument`.

    `has_cells` and `has_boxes` say that there are layouts (`corpus.layouts`).
    """

    page_labels: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    has_cells: bool = False
    has_boxes: bool = False


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What reading the file gave and what it lost; page counts are None for formats without pages."""

    pages_total: int | None = None
    pages_with_text: int | None = None
    pages_failed: int | None = None
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """Title and metadata as the caller gave them, apart from those that the file itself has."""

    title: str | None = None
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A document version that is about to be stored; `spans` are its passages.

    An attachment has a `parent`. `attachments` are the sources of the version's own: those of the version before
    that are not among them go out of force with it. A document that had the source `moved_from` so far has `uri` and
    `external_id` from this version on, and what is inside of it follows. `sketch` is that of the text (see
    `corpus.near_duplicates`), empty for a blank one.
    """

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
    shape: Shape = Shape()
    report: ReadReport = ReadReport()
    given: Given = field(default_factory=Given)
    cell_rows: tuple[CellRow, ...] = ()
    boxes: tuple[CharacterBoxes, ...] = ()
    parent: Identity | None = None
    attachments: tuple[str, ...] = ()
    moved_from: str | None = None
    sketch: bytes = b""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """What storing a version gave: its number, the document's id, the passages, whether there was a version before."""

    number: int
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
    parser_version: str
    original: str
    name: str
    media_type: str
    title: str
    metadata: Metadata
    page_starts: tuple[int, ...]
    sections: tuple[Section, ...]
    shape: Shape
    report: ReadReport
    given: Given
    parent_id: str | None
    created_at: str
    added_seq: int
    removed_seq: int | None

    @property
    def language(self) -> str:
        """The ISO 639-1 code of the text's language, "" where it is not known."""
        return language_code(str(self.metadata.get("language", "")))


@dataclass(frozen=True, slots=True)
class StoredSource:
    """What a document in force was made from; `parent` is the number of the document that it is an attachment of."""

    document: int
    document_id: str
    uri: str
    original: str
    parser_version: str
    given: Given
    report: ReadReport
    added_seq: int
    parent: int | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored passage: a span of the text of `version`; `document` and `collection` are numbers, as `version` is."""

    number: int
    id: str
    collection: int
    document: int
    version: int
    span: Span


def now() -> str:
    """The time as it is stored: UTC, ISO 8601, in seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")
