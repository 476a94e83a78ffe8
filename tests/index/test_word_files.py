import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from index import word_files
from index.tantivy_words import ANALYZER, TantivyWords
from index.word_files import check_files, read_note, write_note
from index.words import DamagedWordsError, WordEntry


def entries(first: int) -> list[WordEntry]:
    return [WordEntry(number, 1, 1, "Karn", f"ferry number {number}") for number in range(first, first + 5)]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Words of three commits, the last of which left tombstones and is not in the note."""
    folder = tmp_path_factory.mktemp("made") / "words"
    words = TantivyWords(folder)
    words.change(entries(1), [], 1)
    words.change(entries(6), [2], 2)
    write_note(folder, "store", ANALYZER)
    words.change(entries(11), [3, 7], 3)
    return folder


@pytest.fixture
def folder(made, tmp_path) -> Path:
    shutil.copytree(made, tmp_path / "words")
    return tmp_path / "words"


def segment_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if len(path.name.partition(".")[0]) == 32)


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 0x10
    path.write_bytes(data)


def test_the_files_of_a_writer_that_was_killed_before_its_note_are_whole(folder):
    assert check_files(folder, None) == len(segment_files(folder))
    assert {path.suffix for path in segment_files(folder)} >= {".del", ".term", ".fast"}
    listed = read_note(folder).files
    assert 0 < len(listed.keys() & {path.name for path in segment_files(folder)}) < len(segment_files(folder))


def test_a_flipped_byte_of_any_file_is_noticed_where_files_are_read(folder):
    for path in segment_files(folder):
        before = path.read_bytes()
        for position in (0, 10, len(before) - 1):  # the versions that a footer names decide nothing
            flip(path, position)
            with pytest.raises(DamagedWordsError, match=path.name):
                check_files(folder, None)
            path.write_bytes(before)
    assert check_files(folder, None)


def cut(path: Path, count: int) -> None:
    path.write_bytes(path.read_bytes()[:-count])


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: cut(path, 1), lambda path: path.write_bytes(b"")])
def test_files_that_are_missing_or_cut_are_noticed_without_reading_them(folder, damage: Callable[[Path], object]):
    for path in segment_files(folder):
        before = path.read_bytes()
        damage(path)
        with pytest.raises(DamagedWordsError, match=path.name):
            check_files(folder, 0)
        path.write_bytes(before)


def test_whole_files_that_are_exchanged_are_noticed_without_reading_them(folder):
    listed = read_note(folder).files
    ours = [path for path in segment_files(folder) if path.name in listed]
    terms = [path for path in ours if path.suffix == ".term"]
    assert len(terms) == 2
    for one, other in ((terms[0], terms[1]), (ours[0], ours[1])):
        contents = one.read_bytes(), other.read_bytes()
        one.write_bytes(contents[1])
        other.write_bytes(contents[0])
        with pytest.raises(DamagedWordsError, match="not the file that was written"):
            check_files(folder, 0)
        one.write_bytes(contents[0])
        other.write_bytes(contents[1])


@pytest.mark.parametrize("name", ["meta.json", "store"])
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"{}"), lambda path: cut(path, 2)])
def test_a_damaged_list_or_note_is_noticed(folder, name, damage):
    damage(folder / name)
    with pytest.raises(DamagedWordsError, match=f"{folder}"):
        check_files(folder, 0)


def test_a_flipped_byte_of_the_note_is_noticed(folder):
    for position in range(0, (folder / "store").stat().st_size, 7):
        before = (folder / "store").read_bytes()
        flip(folder / "store", position)
        with pytest.raises(DamagedWordsError):
            read_note(folder)
        (folder / "store").write_bytes(before)


def test_files_that_a_writer_replaces_while_they_are_read_are_no_damage(folder, monkeypatch):
    read = word_files._crc_of

    def write_meanwhile(path: Path, length: int) -> int:
        monkeypatch.undo()
        TantivyWords(folder).rebuild(entries(20), 4)
        assert not path.exists()
        return read(path, length)

    monkeypatch.setattr(word_files, "_crc_of", write_meanwhile)
    assert check_files(folder, None) == len(segment_files(folder))
