"""What only the word index of tantivy can meet: a disk that takes no more."""

import errno
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.tantivy_words import TantivyWords
from index.vectors import Scope
from index.words import WordEntry


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file of this process becomes larger; Python ignores the signal, so that the write fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def entries(first: int, count: int) -> list[WordEntry]:
    return [
        WordEntry(number, number, 1, "", " ".join(f"word{number}x{place}" for place in range(50)))
        for number in range(first, first + count)
    ]


@pytest.mark.parametrize("size", [10, 300, 3000])
def test_words_that_cannot_be_written_stay_as_they_were(tmp_path: Path, size: int) -> None:
    words = TantivyWords(tmp_path / "words")
    words.change(entries(0, 3), [], 1)
    with files_of_at_most(size), pytest.raises(OSError, match=r"cannot be written|too large") as raised:
        words.change(entries(3, 200), [0], 2)
    assert raised.value.errno in (errno.EFBIG, errno.EIO)
    before = words.snapshot()
    assert (before.seq, len(before)) == (1, 3)
    assert [hit.number for hit in before.search("word0x7", 5, Scope(1, None))] == [0]
    words.change(entries(3, 200), [0], 2)
    assert (words.snapshot().seq, len(words.snapshot())) == (2, 202)


def test_deletions_that_were_never_committed_are_not_in_the_way(tmp_path: Path) -> None:
    words = TantivyWords(tmp_path / "words")
    words.change(entries(0, 3), [], 1)
    shutil.copytree(tmp_path / "words", tmp_path / "copy")
    TantivyWords(tmp_path / "copy").change([], [0], 2)
    (left,) = {path.name for path in (tmp_path / "copy").glob("*.del")}
    (tmp_path / "words" / left).write_bytes(b"left by a writer whose power failed")
    words.change([], [0], 2)
    assert (words.snapshot().seq, len(words.snapshot())) == (2, 2)
