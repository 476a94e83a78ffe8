import json
import threading
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import DamagedError
from index import vector_folder
from index.faiss_vectors import FaissVectors
from index.manifest import read_manifest
from index.tiers import Tiers
from index.vector_folder import VectorFolder
from index.vectors import Rows
from tests.contracts.vectors import Corpus, Step, assert_same, follow

STORE, GENERATION, SEQ = "store", 3, 17
TIERS = Tiers(flush=30, fan_out=3, approximate=1_000_000, bulk=400)


@pytest.fixture
def step() -> Step:
    steps, _ = follow((4, ["add many", "add some", "add one", "remove few"]), FaissVectors(), lambda index: index)
    return steps[-1]


@pytest.fixture
def folder(tmp_path, step) -> VectorFolder:
    """Two segments and tombstones."""
    made = of(tmp_path)
    corpus = Corpus(np.random.default_rng(5))
    first = made.flush(FaissVectors().with_added(corpus.rows(300)), SEQ - 1, None)
    assert len(made.flush(first.vectors.with_added(corpus.rows(50)).without([3, 4, 5]), SEQ, SEQ - 1).vectors) > 340
    return made


def of(path: Path, tiers: Tiers = TIERS, store: str = STORE, generation: int = GENERATION) -> VectorFolder:
    return VectorFolder(path, store, generation, tiers)


def files_of(path: Path) -> set[str]:
    return {file.name for file in (path / str(GENERATION)).iterdir()}


def named(path: Path) -> set[str]:
    manifest = read_manifest(path / str(GENERATION))
    assert manifest is not None
    return set(manifest.files)


def test_loaded_vectors_are_the_flushed_ones(tmp_path, step):
    of(tmp_path).flush(step.index, SEQ, None)
    loaded = of(tmp_path).load()
    assert loaded.seq == SEQ
    assert_same(Step(loaded.vectors, step.oracle), Corpus(np.random.default_rng(0), passage=500, document=200), 30)


def test_nothing_is_loaded_from_a_folder_of_another_store_or_generation(tmp_path, folder):
    assert folder.load() is not None
    assert of(tmp_path, store="another").load() is None
    assert of(tmp_path, generation=GENERATION + 1).load() is None
    assert of(tmp_path / "elsewhere").load() is None


def test_flushing_writes_only_what_is_new(tmp_path, folder):
    before = named(tmp_path)
    loaded = folder.load()
    folder.flush(loaded.vectors.without([7]), SEQ + 1, SEQ)
    (tombstones,) = named(tmp_path) - before
    assert tombstones.endswith(".removed.npy")
    assert files_of(tmp_path) == {"manifest.json", *named(tmp_path)}, "the former tombstones are gone"
    assert len(folder.load().vectors) == len(loaded.vectors) - 1


def test_newest_passages_that_are_all_removed_again_need_no_file(tmp_path, folder):
    loaded = folder.load()
    rows = Corpus(np.random.default_rng(7), passage=5000).rows(40)
    vectors = loaded.vectors.with_added(rows).without(rows.passages.tolist())
    after = folder.flush(vectors, SEQ + 1, SEQ)
    assert len(after.vectors) == len(loaded.vectors)
    assert len(after.vectors.segments) == len(loaded.vectors.segments)


def test_leavings_of_a_killed_process_are_removed_with_the_next_merge(tmp_path, folder):
    (tmp_path / str(GENERATION) / "0123456789abcdef.vectors.npy").write_bytes(b"half")
    assert folder.merge(everything=True)
    assert files_of(tmp_path) == {"manifest.json", *named(tmp_path)}


def test_merging_keeps_what_was_removed_meanwhile_removed(folder, monkeypatch):
    loaded = folder.load()
    expected = loaded.vectors.without([10, 11])
    write = vector_folder.write_segment

    def flush_meanwhile(*arguments):
        merged = write(*arguments)
        monkeypatch.undo()
        added = Rows(np.array([9000]), np.array([1]), np.array([1]), loaded.vectors.segments[0].rows.vectors[:1])
        folder.flush(expected.with_added(added), SEQ + 1, SEQ)
        return merged

    monkeypatch.setattr(vector_folder, "write_segment", flush_meanwhile)
    assert folder.merge(everything=True)
    after = folder.load()
    assert after.seq == SEQ + 1
    assert len(after.vectors) == len(expected) + 1
    assert sorted(len(segment.rows) for segment in after.vectors.segments)[0] == 1
    question = loaded.vectors.segments[0].rows.vectors[0].astype(np.float32)
    assert after.vectors.scores(question, [10, 11]) == {}
    assert after.vectors.scores(question, [9000])


def test_damage_is_not_merged_into_a_file_with_a_new_hash(tmp_path, folder, monkeypatch):
    """Of large files only the sizes are compared when they are opened."""
    monkeypatch.setattr(vector_folder, "_CHECKED_AT_OPENING", 0)
    path = next((tmp_path / str(GENERATION)).glob("*.vectors.npy"))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert folder.load() is not None
    before = named(tmp_path)
    with pytest.raises(DamagedError, match=path.name):
        folder.merge(everything=True)
    assert named(tmp_path) == before


def test_an_old_value_answers_although_its_files_were_merged_away(tmp_path, folder):
    old = folder.load().vectors
    question = old.segments[0].rows.vectors[0].astype(np.float32)
    before = old.scores(question, list(range(1, 100)))
    folder.merge(everything=True)
    assert old.scores(question, list(range(1, 100))) == before


def test_only_one_process_merges(folder):
    with folder._merging(wait=False) as free, folder._merging(wait=False) as second:
        assert (free, second) == (True, False)
        assert not folder.merge()


def test_flushing_on_files_that_were_made_anew_is_refused(folder):
    loaded = folder.load()
    folder.rebuild(loaded.vectors.rows_in_force(), SEQ + 1)
    with pytest.raises(DamagedError, match="made anew"):
        folder.flush(loaded.vectors, SEQ + 2, SEQ)
    assert folder.load().seq == SEQ + 1


def test_rebuilding_makes_segments_of_bulk_size_and_is_done_once(folder):
    rows = Corpus(np.random.default_rng(6)).rows(1000)
    parts = [rows.take(np.arange(start, start + 100)) for start in range(0, 1000, 100)]
    threads = [threading.Thread(target=lambda: folder.rebuild(iter(parts), SEQ + 1)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    loaded = folder.load()
    assert [len(segment.rows) for segment in loaded.vectors.segments] == [400, 400, 200]
    assert loaded.seq == SEQ + 1


def test_files_that_cannot_be_made_anew_take_no_room(tmp_path, folder, monkeypatch):
    rows = Corpus(np.random.default_rng(6)).rows(1000)
    before, write, room = folder.load(), vector_folder.write_segment, iter([True, False])

    def with_little_room(*arguments):
        if not next(room):
            raise OSError("no space left")
        return write(*arguments)

    monkeypatch.setattr(vector_folder, "write_segment", with_little_room)
    with pytest.raises(OSError, match="no space left"):
        folder.rebuild((rows.take(np.arange(start, start + 500)) for start in (0, 500)), SEQ + 1)
    assert files_of(tmp_path) == {"manifest.json", *named(tmp_path)}
    assert len(folder.load().vectors) == len(before.vectors)


def test_what_was_merged_does_not_come_to_files_that_were_made_anew(folder, monkeypatch):
    """As when damage is found while a merge is under way."""
    write, rows = vector_folder.write_segment, Corpus(np.random.default_rng(5)).rows(300)

    def remake_meanwhile(*arguments):
        merged = write(*arguments)
        monkeypatch.undo()
        folder.remove()
        folder.flush(FaissVectors().with_added(rows), SEQ + 1, None)
        return merged

    monkeypatch.setattr(vector_folder, "write_segment", remake_meanwhile)
    with pytest.raises(DamagedError, match="made anew while they were merged"):
        folder.merge(everything=True)
    assert len(folder.load().vectors) == 300


@pytest.mark.parametrize("damage", ["missing", "shorter", "longer", "flipped", "empty"])
@pytest.mark.parametrize("suffix", [".rows.npy", ".vectors.npy", ".removed.npy"])
def test_a_damaged_file_is_noticed(tmp_path, folder, suffix, damage):
    path = next(path for path in (tmp_path / str(GENERATION)).iterdir() if path.name.endswith(suffix))
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) * 2 // 3] ^= 1
    path.write_bytes({"shorter": whole[:-1], "longer": whole + b"\0", "flipped": flipped}.get(damage, b""))
    if damage == "missing":
        path.unlink()
    with pytest.raises(DamagedError, match=path.name):
        folder.load()


def test_a_damaged_index_of_a_large_segment_is_noticed(tmp_path, step):
    folder = of(tmp_path, Tiers(flush=30, fan_out=3, approximate=100, bulk=400))
    folder.flush(step.index, SEQ, None)
    (path,) = (tmp_path / str(GENERATION)).glob("*.ivf")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedError, match=path.name):
        folder.load()


def test_a_damaged_manifest_is_noticed_wherever_it_is_damaged(tmp_path, folder):
    path = tmp_path / str(GENERATION) / "manifest.json"
    whole = path.read_bytes()
    for position in range(0, len(whole), 3):
        if whole[position : position + 1].isspace():
            continue
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(DamagedError):
            folder.load()
    for content in (b"", b"null", b"[]", b"{}", b"\xff\xfe", whole[:-2], whole.replace(b'"seq": 17', b'"seq": 16')):
        path.write_bytes(content)
        with pytest.raises(DamagedError):
            folder.load()


def test_a_later_format_is_refused(tmp_path, folder):
    path = tmp_path / str(GENERATION) / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "format_version": 99}))
    with pytest.raises(DamagedError, match="format 99"):
        folder.load()


def test_files_that_were_replaced_while_they_were_read_are_read_again(tmp_path, folder, monkeypatch):
    """A merge in another process has just put a new manifest in force, and removed the files of the old one."""
    stale = iter([read_manifest(tmp_path / str(GENERATION))])
    folder.merge(everything=True)
    monkeypatch.setattr(vector_folder, "read_manifest", lambda path: next(stale, None) or read_manifest(path))
    assert len(folder.load().vectors.segments) == 1


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path, folder, monkeypatch):
    before, loaded = files_of(tmp_path), folder.load()

    def refuse(*_arguments):
        raise OSError("no space left")

    monkeypatch.setattr("index.vector_files.sync_folder", refuse)
    rows = Corpus(np.random.default_rng(7), passage=5000).rows(40)
    with pytest.raises(OSError, match="no space left"):
        folder.flush(loaded.vectors.with_added(rows), SEQ + 1, SEQ)
    assert files_of(tmp_path) == before
    assert folder.load().seq == SEQ
