"""What a backup is: a tar file whose members have the names that they have in a home, and a manifest as the last."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import IO, Any

from corpus.checksums import take_checksum, with_checksum
from corpus.errors import BadInputError
from index.manifest import FileEntry

MANIFEST = "manifest.json"
STORE = "store.db"
UPLOADS = "uploads"
FORMAT_VERSION = 1

OnBytes = Callable[[int, int], None]
"""Called with the bytes that are done and those that there are in all."""

_MEMBER = re.compile(
    r"store\.db|originals/[0-9a-f]{2}/[0-9a-f]{64}|uploads/[0-9a-f]{32}|index/(words|vectors)(/(?!\.\.?/)[\w.-]+){1,2}",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup holds, and which state of which store it is of."""

    pincite_version: str
    store_id: str
    seq: int
    created_at: str
    members: Mapping[str, FileEntry]
    format_version: int = FORMAT_VERSION


class HashedReader:
    """A stream that is hashed while it is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        """As `IO[bytes].read`."""
        data = self._stream.read(size)
        self._hash.update(data)
        self._size += len(data)
        return data

    def entry(self) -> FileEntry:
        """Size and hash of what was read so far."""
        return FileEntry(self._size, self._hash.hexdigest())


def is_member_name(name: str) -> bool:
    """Whether a backup may hold a member of this name; all others are refused, above all those that lead elsewhere."""
    return _MEMBER.fullmatch(name) is not None and not name.endswith(("/.", "/.."))


def manifest_bytes(manifest: BackupManifest) -> bytes:
    """The manifest as it is written."""
    return json.dumps(with_checksum(asdict(manifest))).encode()


def parsed_manifest(data: bytes) -> BackupManifest:
    """Raises BadInputError for a manifest that was changed, and for one of a newer format."""
    try:
        fields: dict[str, Any] = json.loads(data)
        found = fields["format_version"]
        if isinstance(found, int) and found > FORMAT_VERSION:
            raise BadInputError(
                f"this backup has format {found}, made by Pincite {fields.get('pincite_version')}; "
                f"this Pincite reads formats up to {FORMAT_VERSION}: install a newer one"
            )
        if not take_checksum(fields):
            raise BadInputError("this backup was changed since it was made: its list of files does not match")
        fields["members"] = {name: FileEntry(**entry) for name, entry in fields["members"].items()}
        return BackupManifest(**fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(
            f"this backup was changed since it was made: its list of files is damaged ({error})"
        ) from error
