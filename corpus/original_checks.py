"""Checks of the original bytes against the versions that were read from them."""

import hashlib
from pathlib import Path

import sqlalchemy as sa

from corpus.checks import Tally
from corpus.tables import documents, versions


def check_originals(connection: sa.Connection, folder: Path, deep: bool, tally: Tally) -> None:
    """Whether the original of every version is there and, if `deep`, is what it was; notes files of no version."""
    named = sa.select(versions.c.original, documents.c.id, versions.c.title).join(documents)
    owners = {row.original: f"document {row.id!r} ({row.title!r})" for row in connection.execute(named)}
    there = {path.name: path for path in folder.glob("*/*") if path.parent.name == path.name[:2]}
    for digest, owner in owners.items():
        problem = _problem(there.get(str(digest)), digest, deep)
        if not tally.passes(problem is None):
            tally.problem(f"{owner}: its original {digest} {problem}")
    strangers = [path for path in folder.glob("**/*") if path.is_file() and there.get(path.name) != path]
    left = len(there.keys() - owners.keys()) + len(strangers)
    if left:
        tally.note(f"{left} files in {folder} belong to no version")


def _problem(path: Path | None, digest: str, deep: bool) -> str | None:
    if path is None:
        return "is missing"
    try:
        if deep:
            with path.open("rb") as stream:
                return None if hashlib.file_digest(stream, "sha256").hexdigest() == digest else "was changed"
        with path.open("rb"):
            return None
    except OSError as error:
        return f"cannot be read: {error.strerror}"
