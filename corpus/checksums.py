"""Checksums of our own: CRC-32 over the columns of small rows, because SQLite keeps none; SHA-256 of JSON."""

import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

from corpus.errors import DamagedError

COLLECTION_COLUMNS: Final = ("name", "created_at", "removed_at")
DOCUMENT_COLUMNS: Final = ("id", "collection", "uri", "external_id", "parent")


def row_checksum(values: Mapping[str, Any], columns: tuple[str, ...]) -> int:
    """CRC-32 over the named columns; a value that no such column can hold makes it differ rather than fail."""
    return zlib.crc32(json.dumps([values[name] for name in columns], default=repr).encode())


def sealed(values: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    """The columns of a row with their checksum, to be written."""
    return {**{name: values[name] for name in columns}, "checksum": row_checksum(values, columns)}


def check_row(row: Any, columns: tuple[str, ...], what: str) -> None:
    """Raises DamagedError naming `what` when a row does not match its checksum."""
    if row_checksum(row._mapping, columns) != row.checksum:
        raise DamagedError(f"the record of {what} was changed on the disk; restore a backup")


def json_sha256(value: Any) -> str:
    """SHA-256 of a JSON value, in whatever order the fields of its objects come."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def with_checksum(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a JSON file and their checksum, to be written."""
    return {**fields, "checksum": json_sha256(fields)}


def take_checksum(fields: dict[str, Any]) -> bool:
    """Take the checksum out of the fields that were read; returns whether it is theirs. Raises KeyError."""
    return bool(fields.pop("checksum") == json_sha256(fields))
