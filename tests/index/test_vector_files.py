import json
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import DamagedError
from index import vector_files
from index.faiss_vectors import FaissVectors
from index.manifest import read_manifest
from index.vector_files import load_vectors, save_vectors
from tests.contracts.vectors import Corpus, Step, assert_same, follow

STORE, GENERATION, SEQ = "store", 3, 17


@pytest.fixture
def step() -> Step:
    history = 4, ["add many", "add some", "add one", "remove few"]
    steps, _ = follow(history, FaissVectors(), lambda index: index)
    assert len(steps[-1].index.segments) > 1
    assert len(steps[-1].index.removed())
    return steps[-1]


def save(folder: Path, index: FaissVectors, seq: int = SEQ, **options: bool) -> None:
    save_vectors(folder, index, STORE, GENERATION, seq, **options)


def load(folder: Path) -> tuple[FaissVectors, int] | None:
    return load_vectors(folder, STORE, GENERATION)


def test_a_loaded_index_is_the_saved_one(tmp_path, step):
    save(tmp_path, step.index)
    loaded, seq = load(tmp_path)
    assert seq == SEQ
    assert_same(Step(loaded, step.oracle), Corpus(np.random.default_rng(0), passage=500, document=200), searches=30)


def test_nothing_is_loaded_from_a_folder_of_another_store_or_generation(tmp_path, step):
    assert load(tmp_path) is None
    save(tmp_path, step.index)
    assert load_vectors(tmp_path, "another", GENERATION) is None
    assert load_vectors(tmp_path, STORE, GENERATION + 1) is None


def test_the_manifest_names_every_file_and_nothing_else_is_left(tmp_path, step):
    (tmp_path / "left-over").write_bytes(b"of a crash")
    save(tmp_path, step.index)
    save(tmp_path, step.index.without(step.index.segments[-1].rows.passages.tolist()), SEQ + 1)
    manifest = read_manifest(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"manifest.json", *manifest.files}
    assert (manifest.store_id, manifest.generation, manifest.seq) == (STORE, GENERATION, SEQ + 1)
    assert not any(name.endswith((".pkl", ".pickle")) for name in manifest.files)


def test_unchanged_segments_are_not_written_again(tmp_path, step):
    save(tmp_path, step.index)
    before = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    largest = step.index.segments[0].name
    save(tmp_path, step.index.without([1]), SEQ + 1)
    assert {name for name in before if name.startswith(f"{largest}.")} == {f"{largest}.faiss", f"{largest}.rows.npz"}
    for name in (f"{largest}.faiss", f"{largest}.rows.npz"):
        assert (tmp_path / name).stat().st_ino == before[name]


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name != "manifest.json")


@pytest.mark.parametrize("damage", ["missing", "shorter", "longer", "flipped", "empty"])
@pytest.mark.parametrize("suffix", [".faiss", ".rows.npz", "removed.npy"])
def test_a_damaged_file_is_noticed_and_a_full_save_mends_it(tmp_path, step, suffix, damage):
    save(tmp_path, step.index)
    path = next(path for path in files_of(tmp_path) if path.name.endswith(suffix))
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) * 2 // 3] ^= 1
    path.write_bytes({"shorter": whole[:-1], "longer": whole + b"\0", "flipped": flipped}.get(damage, b""))
    if damage == "missing":
        path.unlink()
    with pytest.raises(DamagedError, match=path.name):
        load(tmp_path)
    save(tmp_path, step.index, trust_files=False)
    assert len(load(tmp_path)[0]) == len(step.index)


def test_a_damaged_manifest_is_noticed_wherever_it_is_damaged(tmp_path, step):
    save(tmp_path, step.index)
    path = tmp_path / "manifest.json"
    whole = path.read_bytes()
    for position in range(0, len(whole), 3):
        if whole[position : position + 1].isspace():
            continue
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(DamagedError):
            load(tmp_path)
    for content in (b"", b"null", b"[]", b"{}", b"\xff\xfe", whole[:-2], whole.replace(b'"seq": 17', b'"seq": 16')):
        path.write_bytes(content)
        with pytest.raises(DamagedError):
            load(tmp_path)


def test_a_later_format_is_refused(tmp_path, step):
    save(tmp_path, step.index)
    fields = json.loads((tmp_path / "manifest.json").read_bytes())
    (tmp_path / "manifest.json").write_text(json.dumps({**fields, "format_version": 2}))
    with pytest.raises(DamagedError, match="format 2"):
        load(tmp_path)


def test_files_that_were_replaced_while_they_were_read_are_read_again(tmp_path, step, monkeypatch):
    """A writer in another process has just put a new manifest in force, and removed the files of the old one."""
    save(tmp_path, step.index)
    stale = iter([read_manifest(tmp_path)])
    newer = step.index.without(list(range(1, 400)))
    save(tmp_path, newer, SEQ + 1)
    monkeypatch.setattr(vector_files, "read_manifest", lambda folder: next(stale, None) or read_manifest(folder))
    loaded, seq = load(tmp_path)
    assert (len(loaded), seq) == (len(newer), SEQ + 1)


def test_an_empty_index_is_kept_too(tmp_path):
    save(tmp_path, FaissVectors())
    loaded, seq = load(tmp_path)
    assert (len(loaded), seq) == (0, SEQ)
