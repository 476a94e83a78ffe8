"""The original bytes of every document version, kept under the SHA-256 of their content.

File names from outside never become paths here.
"""

import hashlib
import re
from pathlib import Path

from corpus.errors import DamagedError
from corpus.files import sync_folder, write_durably

_DIGEST = re.compile("[0-9a-f]{64}")


class Originals:
    """A folder of content-addressed files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """Keep `data`; returns its SHA-256. Data that is there already, and whole, is not written again."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if path.exists() and path.read_bytes() == data:
            sync_folder(path.parent)  # whoever wrote it may have been killed before that
        else:
            write_durably(path, data)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of `digest`. Raises DamagedError when they are gone or changed."""
        try:
            data = self.path(digest).read_bytes()
        except OSError as error:
            raise DamagedError(f"the original {digest} cannot be read: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise DamagedError(
                f"the original {digest} was changed on the disk; remove the document and ingest it again"
            )
        return data

    def digests(self) -> list[str]:
        """All originals that are kept."""
        return [path.name for path in self._folder.glob("??/*") if _DIGEST.fullmatch(path.name)]

    def remove(self, digest: str) -> None:
        """Remove an original for good."""
        path = self.path(digest)
        path.unlink(missing_ok=True)
        sync_folder(path.parent)

    def remove_leavings(self) -> None:
        """Remove what a process that was killed left half written. Call it with the home's write lock held."""
        for path in self._folder.glob("??/.tmp-*"):
            path.unlink(missing_ok=True)

    def path(self, digest: str) -> Path:
        """Where an original is kept."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is not a SHA-256")
        return self._folder / digest[:2] / digest
