"""Where a span stands in a document, as people find it there: pages and their labels, section, cells."""

from dataclasses import dataclass
from typing import TypedDict

import sqlalchemy as sa

from corpus.document_dates import written_date
from corpus.errors import DamagedError
from corpus.layouts import CellRows, cell_rows_of, cells_in
from corpus.records import DocumentVersion
from corpus.types import Span, pages_of, section_at


@dataclass(frozen=True, slots=True)
class Place:
    """Pages count from 1; what a format does not have is None."""

    page_start: int | None
    page_end: int | None
    page_label_start: str | None
    page_label_end: str | None
    section_path: tuple[str, ...]
    cells: str | None


class PlaceFields(TypedDict):
    """What passages, citations and other places all say of where they stand; see `retrieval.types`."""

    document_id: str
    document_title: str
    document_uri: str
    document_version: str
    document_date: str | None
    media_type: str
    start: int
    end: int
    page_start: int | None
    page_end: int | None
    page_label_start: str | None
    page_label_end: str | None
    cells: str | None
    section_path: tuple[str, ...]


def place_fields(version: DocumentVersion, span: Span, place: Place) -> PlaceFields:
    """The fields of a span of a version that stands at `place`."""
    return PlaceFields(
        document_id=version.document_id,
        document_title=version.title,
        document_uri=version.uri,
        document_version=version.digest,
        document_date=written_date(version),
        media_type=version.media_type,
        start=span.start,
        end=span.end,
        page_start=place.page_start,
        page_end=place.page_end,
        page_label_start=place.page_label_start,
        page_label_end=place.page_label_end,
        cells=place.cells,
        section_path=place.section_path,
    )


class Places:
    """Finds places for one answer; the rows of a sheet are unpacked once for all of its passages."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._rows: dict[int, CellRows] = {}

    def of(self, version: DocumentVersion, span: Span) -> Place:
        """Where `span` stands in the version. Raises DamagedError when its layout was changed on the disk."""
        first, last = pages_of(version.page_starts, span)
        rows = self._rows_of(version)
        cells = None if rows is None else cells_in(rows, span)
        return Place(
            page_start=first,
            page_end=last,
            page_label_start=_label(version, first),
            page_label_end=_label(version, last),
            section_path=section_at(version.sections, span.start),
            cells=None if cells is None else str(cells),
        )

    def _rows_of(self, version: DocumentVersion) -> CellRows | None:
        if not version.shape.has_cells:
            return None
        if version.number not in self._rows:
            rows = cell_rows_of(self._connection, version.number)
            if rows is None:
                raise DamagedError(f"the cells of document {version.document_id!r} are missing; restore a backup")
            self._rows[version.number] = rows
        return self._rows[version.number]


def _label(version: DocumentVersion, page: int | None) -> str | None:
    labels = version.shape.page_labels
    return labels[page - 1] if page is not None and page <= len(labels) else None
