"""What has to be done so that a collection is equal to a folder: which files are read, which documents go."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote_to_bytes

from corpus.errors import BadInputError, UnreadableError
from corpus.records import StoredSource
from corpus.sources import Source, file_source, find_files, read_bytes
from corpus.text import canonical


@dataclass(frozen=True, slots=True)
class SyncOrder:
    """The folder that a collection is to be equal to.

    `allow_empty` lets a folder without files take all its documents out of the collection.
    """

    folder: Path
    collection: str = "default"
    passwords: tuple[str, ...] = ()
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """`sources` are all files of the folder; those that were renamed name the document that they were.

    `gone` are documents whose file is no longer there. `elsewhere` counts those that are not of the folder.
    """

    sources: tuple[Source, ...]
    gone: tuple[StoredSource, ...]
    elsewhere: int


def plan_sync(order: SyncOrder, stored: Mapping[str, StoredSource], max_bytes: int) -> SyncPlan:
    """Compare the folder with what is in force in the collection, by source; files of up to `max_bytes` are hashed.

    Raises BadInputError for a folder that does not exist, or that is empty while documents would go.
    """
    folder = _resolved(order.folder)
    files = list(find_files([folder]))
    sources = {source.uri: source for source in (_source(path, order.passwords) for path in files)}
    ours = {uri: one for uri, one in stored.items() if uri.startswith(_prefix(folder))}
    gone = _gone(ours, sources, files)
    if gone and not files and not order.allow_empty:
        raise BadInputError(
            f"the folder {str(folder)!r} has no files, but {len(gone)} documents of it are in the collection "
            f"{order.collection!r}; if it is really meant to be empty, add --allow-empty"
        )
    new = [source for uri, source in sources.items() if uri not in stored]
    renamed = _renamed([one for one in gone if one.parent is None], new, max_bytes)
    taken = {one.uri for one in renamed.values()}
    return SyncPlan(
        tuple(_moved(source, renamed.get(uri)) for uri, source in sources.items()),
        tuple(one for one in gone if one.uri not in taken),
        sum(one.parent is None and uri not in ours for uri, one in stored.items()),
    )


def path_of(uri: str) -> str:
    """The path of a file by its source; behind "#" the name of what is inside of it."""
    return canonical(os.fsdecode(unquote_to_bytes(uri.removeprefix("file://"))))


def _resolved(folder: Path) -> Path:
    try:
        resolved = folder.resolve(strict=True)
    except OSError as error:
        raise BadInputError(f"{str(folder)!r} is no folder to read: {error.strerror}") from error
    if not resolved.is_dir():
        raise BadInputError(f"{str(folder)!r} is no folder; bring single files in with: pincite ingest")
    return resolved


def _source(path: Path, passwords: tuple[str, ...]) -> Source:
    # Title and metadata are what the sidecar says and nothing else, whatever was given before.
    return file_source(path, title="", metadata={}, passwords=passwords)


def _prefix(folder: Path) -> str:
    return folder.as_uri().rstrip("/") + "/"


def _gone(ours: Mapping[str, StoredSource], sources: Mapping[str, Source], files: Sequence[Path]) -> list[StoredSource]:
    """Documents without a file, and what is left of those whose file went before all of it was stored."""
    in_force = {one.document for one in ours.values()}
    stand_alone = (one for one in ours.values() if one.parent not in in_force)
    gone = [one for one in stand_alone if one.uri.partition("#")[0] not in sources]
    # What is in a subfolder that may not be listed is not gone.
    closed = tuple(_prefix(path) for path in files if path.is_dir()) if gone else ()
    return sorted((one for one in gone if not one.uri.startswith(closed)), key=lambda one: one.uri)


def _renamed(gone: Sequence[StoredSource], new: Sequence[Source], max_bytes: int) -> dict[str, StoredSource]:
    """The document that each renamed file was, by the file's source.

    Of several files with the same bytes those that kept their name come first, then in the order of their paths.
    """
    by_digest: dict[str, list[StoredSource]] = defaultdict(list)
    for one in gone:
        by_digest[one.original].append(one)
    candidates: dict[str, list[Source]] = defaultdict(list)
    for source in new if gone else ():
        candidates[_digest(source, max_bytes)].append(source)
    found = {}
    for digest, before in by_digest.items():
        after = sorted(candidates.get(digest, ()), key=lambda source: source.uri)
        for same_name in (True, False):
            for source in tuple(after):
                match = next((one for one in before if not same_name or _name(one.uri) == _name(source.uri)), None)
                if match is not None:
                    found[source.uri] = match
                    before.remove(match)
                    after.remove(source)
    return found


def _digest(source: Source, max_bytes: int) -> str:
    try:
        return hashlib.sha256(read_bytes(Path(str(source.content)), max_bytes)).hexdigest()
    except UnreadableError:
        return ""  # it is reported when it is ingested


def _name(uri: str) -> str:
    return uri.rpartition("/")[2]


def _moved(source: Source, before: StoredSource | None) -> Source:
    if before is None:
        return source
    return replace(source, document_id=before.document_id, moved_from=before.uri)
