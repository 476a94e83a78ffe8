import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import DamagedError
from corpus.files import write_durably
from corpus.originals import Originals


def files_below(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


@given(st.binary(max_size=200))
def test_gives_back_the_bytes_under_their_hash(tmp_path_factory, data):
    originals = Originals(tmp_path_factory.mktemp("originals"))
    digest = originals.put(data)
    assert digest == hashlib.sha256(data).hexdigest()
    assert originals.get(digest) == data


def test_the_same_bytes_are_kept_once(tmp_path):
    originals = Originals(tmp_path / "originals")
    assert originals.put(b"one") == originals.put(b"one")
    (path,) = files_below(tmp_path)
    written = path.stat().st_mtime_ns, path.stat().st_ino
    originals.put(b"one")
    originals.put(b"two")
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == written
    assert len(files_below(tmp_path)) == 2


@pytest.mark.parametrize("damage", [b"onf", b"on", b"", b"one "])
def test_a_changed_file_is_noticed_and_repaired_by_the_same_bytes(tmp_path, damage):
    originals = Originals(tmp_path / "originals")
    digest = originals.put(b"one")
    files_below(tmp_path)[0].write_bytes(damage)
    with pytest.raises(DamagedError, match="changed on the disk"):
        originals.get(digest)
    assert originals.put(b"one") == digest
    assert originals.get(digest) == b"one"


def test_a_missing_file_is_an_error_that_says_so(tmp_path):
    originals = Originals(tmp_path / "originals")
    digest = originals.put(b"one")
    files_below(tmp_path)[0].unlink()
    with pytest.raises(DamagedError, match="No such file"):
        originals.get(digest)


@pytest.mark.parametrize("digest", ["", "../../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n", "/" + "0" * 63])
def test_what_is_no_digest_never_becomes_a_path(tmp_path, digest):
    with pytest.raises(ValueError, match="is not a SHA-256"):
        Originals(tmp_path).get(digest)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "manifest.json"
    write_durably(path, b"old")

    def refuse(*_arguments):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="no space"):
        write_durably(path, b"new")
    assert files_below(tmp_path) == [path]
    assert path.read_bytes() == b"old"


def test_a_file_and_every_new_folder_above_it_are_synced(tmp_path, monkeypatch):
    synced = set()
    real = os.fsync

    def note(descriptor):
        synced.add(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    write_durably(tmp_path / "a" / "b" / "file", b"data")
    folders = {str(tmp_path), str(tmp_path / "a"), str(tmp_path / "a" / "b")}
    assert folders <= synced
    assert any(name.startswith(str(tmp_path / "a" / "b" / ".tmp-")) for name in synced)
