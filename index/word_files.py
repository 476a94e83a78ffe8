"""The files of the word index: what they were made from, and whether they are whole.

tantivy ends each of its files with a CRC-32 of what stands before, and does not compare it when it opens. A note of
ours, written after each commit, lists the files of that commit, so that one that was exchanged is noticed, too. A
writer that was killed between commit and note leaves files that are not listed; those are judged by their CRC alone.
"""

import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from corpus.checksums import take_checksum, with_checksum
from corpus.files import write_durably
from index.words import DamagedWordsError

META = "meta.json"
NOTE = "store"
MANAGED = ".managed.json"
_SUFFIXES = ("fast", "fieldnorm", "idx", "pos", "store", "term")
_MAGIC = 1337
_END = struct.Struct("<II")  # the length of the footer, the magic number
_LONGEST_FOOTER = 4096
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class WordsNote:
    """The store and the analyzer that the words were made from, and the size and CRC-32 of every file."""

    store_id: str
    analyzer: str
    files: Mapping[str, tuple[int, int]]


def write_note(folder: Path, store_id: str, analyzer: str) -> None:
    """Note what the newest commit consists of. Call it with the write lock held."""
    note = WordsNote(
        store_id, analyzer, {path.name: _end_of(path)[:2] for path in files_in_force(folder, meta_of(folder))}
    )
    write_durably(folder / NOTE, json.dumps(with_checksum(asdict(note))).encode())


def read_note(folder: Path) -> WordsNote:
    """Raises DamagedWordsError when there is none, or it was changed."""
    try:
        fields = json.loads((folder / NOTE).read_bytes())
        if not take_checksum(fields):
            raise DamagedWordsError(f"the note {folder / NOTE} was changed on the disk")
        files = {name: (int(size), int(crc)) for name, (size, crc) in fields["files"].items()}
        return WordsNote(fields["store_id"], fields["analyzer"], files)
    except FileNotFoundError as error:
        raise DamagedWordsError(f"there is no note of what it was made from in {folder}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedWordsError(f"the note {folder / NOTE} cannot be read: {error}") from error


def check_files(folder: Path, read_up_to: int | None) -> int:
    """Compare the files with the note; returns how many there are.

    They are read and compared with their CRC if they have at most `read_up_to` bytes together; None: whatever their
    size. Raises DamagedWordsError.
    """
    while True:
        meta = meta_of(folder)
        try:
            return _check(folder, meta, read_up_to)
        except DamagedWordsError:
            if meta_of(folder) == meta:
                raise
        # A writer has replaced the files while they were read.


def is_whole(stream: IO[bytes]) -> bool:
    """Whether a file of a segment that is open already matches the CRC-32 at its end."""
    try:
        _, crc, length = _end(stream)
    except (ValueError, KeyError, TypeError, struct.error):
        return False
    stream.seek(0)
    return _crc(stream, length) == crc


def managed(names: Iterable[str]) -> bytes:
    """The list by which tantivy knows the files that it may remove once they are out of force."""
    return json.dumps([META, *names]).encode() + b"\n"


def _check(folder: Path, meta: bytes, read_up_to: int | None) -> int:
    listed = read_note(folder).files
    paths = list(files_in_force(folder, meta))
    ends = {path: _end_of(path) for path in paths}
    for path, (size, crc, _) in ends.items():
        if listed.get(path.name, (size, crc)) != (size, crc):
            raise DamagedWordsError(f"{path} is not the file that was written")
    if read_up_to is None or sum(size for size, _, _ in ends.values()) <= read_up_to:
        for path, (_, crc, length) in ends.items():
            if _crc_of(path, length) != crc:
                raise DamagedWordsError(f"{path} was changed on the disk")
    return len(paths)


def meta_of(folder: Path) -> bytes:
    """Tantivy's own list of what is in force. Raises DamagedWordsError."""
    try:
        return (folder / META).read_bytes()
    except OSError as error:
        raise DamagedWordsError(f"{folder / META} cannot be read: {error.strerror}") from error


def files_in_force(folder: Path, meta: bytes) -> Iterator[Path]:
    """The files of the segments that tantivy's own list names. Raises DamagedWordsError."""
    try:
        for segment in json.loads(meta)["segments"]:
            name = segment["segment_id"].replace("-", "")
            yield from (folder / f"{name}.{suffix}" for suffix in _SUFFIXES)
            if segment["deletes"]:
                yield folder / f"{name}.{segment['deletes']['opstamp']}.del"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedWordsError(f"{folder / META} cannot be understood: {error!r}") from error


def _end_of(path: Path) -> tuple[int, int, int]:
    """Size of a file, the CRC-32 that its footer says, and how many bytes that is of."""
    try:
        with path.open("rb") as stream:
            return _end(stream)
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise DamagedWordsError(f"{path} is damaged or missing: {error}") from error


def _end(stream: IO[bytes]) -> tuple[int, int, int]:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _LONGEST_FOOTER))
    crc, length = _footer(stream.read())
    return size, crc, size - length


def _footer(end: bytes) -> tuple[int, int]:
    """The CRC-32 and the length of the footer with which `end` ends."""
    length, magic = _END.unpack(end[-_END.size :])
    if magic != _MAGIC:
        raise ValueError("its last bytes are not those of such a file")
    return int(json.loads(end[-_END.size - length : -_END.size])["crc"]), length + _END.size


def _crc_of(path: Path, length: int) -> int:
    try:
        with path.open("rb") as stream:
            return _crc(stream, length)
    except OSError as error:
        raise DamagedWordsError(f"{path} cannot be read: {error.strerror}") from error


def _crc(stream: IO[bytes], length: int) -> int:
    crc = 0
    while length > 0 and (piece := stream.read(min(_PIECE, length))):
        crc = zlib.crc32(piece, crc)
        length -= len(piece)
    return crc
