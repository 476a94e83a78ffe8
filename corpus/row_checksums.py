"""Checksums of small rows: CRC-32 over the columns that decide answers; SQLite keeps none of its own."""

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
