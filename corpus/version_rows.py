"""Version records as rows: their fields, their checksum, and back."""

import json
from typing import Any

from corpus.checksums import DOCUMENT_COLUMNS, json_sha256, row_checksum
from corpus.errors import DamagedError
from corpus.records import DocumentVersion, Given, NewVersion, ReadReport, Shape, StoredSource
from corpus.types import Metadata, Section, Table

# Columns that a record's checksum leaves out while they have nothing to say, as in rows from before they existed.
_EMPTY = "{}"
_CHECKED = (
    "digest",
    "parser_version",
    "original",
    "name",
    "media_type",
    "title",
    "metadata",
    "page_starts",
    "sections",
    "shape",
    "report",
    "given",
)


def version_fields(new: NewVersion) -> dict[str, str]:
    """The columns of a version that its checksum covers."""
    return {
        "digest": new.digest,
        "parser_version": new.parser_version,
        "original": new.original,
        "name": new.name,
        "media_type": new.media_type,
        "title": new.title,
        "metadata": _json(dict(new.metadata)),
        "page_starts": json.dumps(new.page_starts),
        "sections": json.dumps([[section.start, *section.path] for section in new.sections]),
        "shape": _shape_json(new.shape),
        "report": _report_json(new.report),
        "given": _given_json(new.given),
    }


def record_checksum(fields: dict[str, str]) -> str:
    """SHA-256 of a version's columns."""
    said = {name: value for name, value in fields.items() if value != _EMPTY or name == "metadata"}
    return json_sha256(said)


def document_version(row: Any) -> DocumentVersion:
    """The record of a row. Raises DamagedError when it does not match its checksum."""
    if not _has_its_document(row):
        raise _changed(row)
    return DocumentVersion(
        number=row.number,
        document=row.document,
        document_id=row.document_id,
        collection=row.collection,
        uri=row.uri,
        external_id=row.external_id,
        digest=row.digest,
        parser_version=row.parser_version,
        original=row.original,
        name=row.name,
        media_type=row.media_type,
        title=row.title,
        metadata=checked_metadata(row),
        page_starts=tuple(json.loads(row.page_starts)),
        sections=tuple(Section(start, tuple(path)) for start, *path in json.loads(row.sections)),
        shape=_shape(row.shape),
        report=_report(row.report),
        given=Given(**json.loads(row.given)),
        parent_id=row.parent_id,
        created_at=row.created_at,
        added_seq=row.added_seq,
        removed_seq=row.removed_seq,
    )


def checked_metadata(row: Any) -> Metadata:
    """The metadata of a row. Raises DamagedError when any of its columns does not match its checksum."""
    if not is_whole(row):
        raise _changed(row)
    metadata: Metadata = json.loads(row.metadata)
    return metadata


def is_whole(row: Any) -> bool:
    """Whether the columns of a version match their checksum."""
    fields = {name: getattr(row, name) for name in _CHECKED}
    return all(isinstance(value, str) for value in fields.values()) and record_checksum(fields) == row.checksum


def _has_its_document(row: Any) -> bool:
    names = {"id": row.document_id, "uri": row.uri, "external_id": row.external_id}
    values = {**names, "collection": row.document_collection, "parent": row.document_parent}
    return bool(row_checksum(values, DOCUMENT_COLUMNS) == row.document_checksum)


def _changed(row: Any) -> DamagedError:
    return DamagedError(f"the record of document {row.document_id!r} was changed on the disk; restore a backup")


def stored_source(row: Any) -> StoredSource:
    """What the document of a row was made from."""
    return StoredSource(
        document=row.document,
        document_id=row.document_id,
        uri=row.uri,
        original=row.original,
        parser_version=row.parser_version,
        given=Given(**json.loads(row.given)),
        report=_report(row.report),
        added_seq=row.added_seq,
        parent=row.parent,
    )


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _without_blanks(value: dict[str, Any]) -> str:
    return _json({name: item for name, item in value.items() if item})


def _shape_json(shape: Shape) -> str:
    return _without_blanks(
        {
            "page_labels": shape.page_labels,
            "tables": [[table.start, table.header_end, table.end] for table in shape.tables],
            "has_cells": shape.has_cells,
            "has_boxes": shape.has_boxes,
        }
    )


def _shape(value: str) -> Shape:
    fields = json.loads(value)
    return Shape(
        page_labels=tuple(fields.get("page_labels", ())),
        tables=tuple(Table(*table) for table in fields.get("tables", ())),
        has_cells=fields.get("has_cells", False),
        has_boxes=fields.get("has_boxes", False),
    )


def _report_json(report: ReadReport) -> str:
    pages = {"pages_total": report.pages_total, "pages_with_text": report.pages_with_text}
    fields = {**pages, "pages_failed": report.pages_failed, "losses": report.losses or None}
    return _json({name: item for name, item in fields.items() if item is not None})


def _report(value: str) -> ReadReport:
    fields = json.loads(value)
    return ReadReport(**{**fields, "losses": tuple(fields.get("losses", ()))})


def _given_json(given: Given) -> str:
    return _without_blanks({"title": given.title, "metadata": dict(given.metadata)})
