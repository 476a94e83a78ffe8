"""What only the word index of tantivy can meet: a disk that takes no more, and what it costs to ask for much."""

import errno
import shutil
from pathlib import Path

import numpy as np
import pytest
import tantivy

from index.tantivy_words import TantivySnapshot, TantivyWords
from index.vectors import Hit, Scope
from index.words import WordEntry
from tests.index.disks import files_of_at_most


def entries(first: int, count: int) -> list[WordEntry]:
    return [
        WordEntry(number, number, 1, "", " ".join(f"{_letters(number)}x{_letters(place)}" for place in range(50)))
        for number in range(first, first + count)
    ]


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


@pytest.mark.parametrize("size", [10, 300, 3000])
def test_words_that_cannot_be_written_stay_as_they_were(tmp_path: Path, size: int) -> None:
    words = TantivyWords(tmp_path / "words")
    words.change(entries(0, 3), [], 1)
    with files_of_at_most(size), pytest.raises(OSError, match=r"cannot be written|too large") as raised:
        words.change(entries(3, 200), [0], 2)
    assert raised.value.errno in (errno.EFBIG, errno.EIO)
    before = words.snapshot()
    assert (before.seq, len(before)) == (1, 3)
    assert [hit.number for hit in before.search("axh", 5, Scope(1, None))] == [0]
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


def test_no_more_hits_are_asked_for_than_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """tantivy takes the memory for them at once, and the process ends when it does not get it."""
    words, asked, hits_of = TantivyWords(tmp_path / "words"), [], TantivySnapshot._hits
    words.change(entries(1, 3), [], 1)

    def noting(snapshot: TantivySnapshot, query: tantivy.Query, wanted: int, scope: Scope) -> tuple[list[Hit], bool]:
        asked.append(wanted)
        return hits_of(snapshot, query, wanted, scope)

    monkeypatch.setattr(TantivySnapshot, "_hits", noting)
    allowed = np.zeros(1_000_000, dtype=np.bool_)
    allowed[2] = True
    assert [hit.number for hit in words.snapshot().search("cxh", 100, Scope(1, allowed))] == [2]
    assert asked == [2]


def test_a_word_of_removed_passages_weighs_something(tmp_path: Path) -> None:
    words = TantivyWords(tmp_path)
    words.change([WordEntry(number, number, 1, "", f"apple {_letters(number)}") for number in range(1, 11)], [], 1)
    words.change([], list(range(2, 11)), 2)
    assert all(weight > 0 for weight in words.snapshot().weights("apple pie", "en").values())
