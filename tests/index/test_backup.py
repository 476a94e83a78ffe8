import io
import json
import os
import resource
import shutil
import tarfile
import threading
import uuid
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.database import current_seq
from corpus.errors import BadInputError, DamagedError, PinciteError
from corpus.files import write_durably
from corpus.store import version_of
from index import backup
from index.backup_format import BackupManifest, HashedReader, is_member_name, manifest_bytes, parsed_manifest
from index.jobs import JobRequest, add_job, fail_job, finish_job, mark_running, unfinished_jobs
from index.manifest import FileEntry
from index.restore import restore
from index.tiers import Tiers
from tests.index.homes import Home, open_home, text_source

QUESTIONS = ("puffin", "gulls nest", "cliff 7")


def silent(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


# So small that a few passages make a file.
TIERS = Tiers(flush=4, fan_out=3, bulk=20)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A home with removed and replaced documents, and a backup of it."""
    folder = tmp_path_factory.mktemp("kept")
    with open_home(folder / "home", tiers=TIERS) as home:
        home.ingest(*(text_source(f"{n}", f"Puffin {n} and gulls nest on cliff {n}.") for n in range(9)))
        results = home.ingest(*(text_source(f"{n}", f"No puffin {n} is here any more.") for n in range(5)))
        home.remover.remove_documents([str(result.document_id) for result in results[:2]])
        home.backup.write(folder / "backup.tar", silent)
        yield home, folder / "backup.tar"


def test_a_restored_home_answers_as_the_one_it_was_made_from(kept, tmp_path):
    home, backup = kept
    progress: list[tuple[int, int]] = []
    done = restore(backup, tmp_path / "new", lambda *step: progress.append(step))
    assert done.seq == home.keeper.snapshot().seq
    assert progress[-1][0] <= progress[-1][1] == backup.stat().st_size
    with open_home(tmp_path / "new", tiers=TIERS) as restored:
        assert restored.answers(QUESTIONS) == home.answers(QUESTIONS)
        assert restored.originals.digests().sort() == home.originals.digests().sort()
        for digest in home.originals.digests():
            assert restored.originals.get(digest) == home.originals.get(digest)
        restored.ingest(text_source("new", "One owl."))
        restored.compactor.compact()
        assert restored.by_words("owl") == {"One owl."}


def test_no_index_of_a_restored_home_is_made_anew(kept, tmp_path, caplog):
    restore(kept[1], tmp_path / "new", silent)
    with open_home(tmp_path / "new", tiers=TIERS) as restored:
        restored.keeper.snapshot()
    assert caplog.messages == []


def test_what_is_no_part_of_the_home_stays_out(kept):
    home, backup = kept
    (home.path / "uploads").mkdir(exist_ok=True)
    (home.path / "uploads" / "waiting").write_bytes(b"upload")
    with tarfile.open(backup) as tar:
        names = tar.getnames()
    assert names[-1] == "manifest.json"
    assert len(names) == len(set(names))
    assert {name.split("/")[0] for name in names} == {"index", "store.db", "originals", "manifest.json"}
    assert not [name for name in names if "lock" in name or ".tmp" in name or "wal" in name]


def waiting_upload(home: Home, data: bytes) -> tuple[str, str]:
    """An upload as a server keeps it: its job and its file."""
    upload = uuid.uuid4().hex
    write_durably(home.path / "uploads" / upload, data)
    with home.database.write() as connection:
        return add_job(connection, JobRequest("default", f"upload:{upload}", "a.txt", upload)), upload


def uploads_in(backup: Path) -> dict[str, bytes]:
    with tarfile.open(backup) as tar:
        return {name: tar.extractfile(name).read() for name in tar.getnames() if name.startswith("uploads/")}


def test_uploads_that_wait_are_taken_up_where_the_backup_is_restored(tmp_path):
    with open_home(tmp_path / "home", tiers=TIERS) as home:
        (queued, file), (running, other), (failed, _) = (waiting_upload(home, b"bytes %d" % n) for n in range(3))
        with home.database.write() as connection:
            mark_running(connection, running)
            fail_job(connection, failed, "unreadable")
        home.backup.write(tmp_path / "backup.tar", silent)
    restore(tmp_path / "backup.tar", tmp_path / "new", silent)
    with open_home(tmp_path / "new", tiers=TIERS) as restored, restored.database.read() as connection:
        assert unfinished_jobs(connection) == [queued, running]
        found = {path.name: path.read_bytes() for path in (restored.path / "uploads").iterdir()}
        assert found == {file: b"bytes 0", other: b"bytes 1"}


def test_an_upload_that_ends_while_it_is_copied_is_no_longer_waiting(tmp_path, monkeypatch):
    with open_home(tmp_path / "home", tiers=TIERS) as home:
        uploads = [waiting_upload(home, b"bytes %d" % n) for n in range(3)]

        def end_all_but_the_last(*_paths: object) -> None:
            monkeypatch.undo()
            for job, upload in uploads[:-1]:
                with home.database.write() as connection:
                    finish_job(connection, job, [])
                (home.path / "uploads" / upload).unlink()
            raise FileNotFoundError

        monkeypatch.setattr(backup.shutil, "copyfile", end_all_but_the_last)
        home.backup.write(tmp_path / "backup.tar", silent)
        assert uploads_in(tmp_path / "backup.tar") == {f"uploads/{uploads[-1][1]}": b"bytes 2"}


def test_an_upload_that_is_lost_is_damage(tmp_path):
    with open_home(tmp_path / "home", tiers=TIERS) as home:
        _, upload = waiting_upload(home, b"bytes")
        (home.path / "uploads" / upload).unlink()
        with pytest.raises(DamagedError, match=f"{upload} is missing"):
            home.backup.write(tmp_path / "backup.tar", silent)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_members_have_the_sizes_and_hashes_of_the_list(kept):
    with tarfile.open(kept[1]) as tar:
        manifest = parsed_manifest(tar.extractfile("manifest.json").read())
        for member in tar:
            if member.name != "manifest.json":
                reader = HashedReader(tar.extractfile(member))
                reader.read()
                assert manifest.members[member.name] == reader.entry()


def test_an_older_backup_is_replaced_and_nothing_else_is_left(kept, tmp_path):
    home, _ = kept
    path = tmp_path / "backup.tar"
    path.write_bytes(b"older")
    done = home.backup.write(path, silent)
    assert done.bytes == path.stat().st_size > 10_000
    assert done.files == restore(path, tmp_path / "new", silent).files
    shutil.rmtree(tmp_path / "new")
    assert list(tmp_path.iterdir()) == [path]


def test_places_where_no_backup_can_be(kept, tmp_path):
    home, _ = kept
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, reason in (
        (tmp_path, "cannot be written"),
        (tmp_path / "nowhere" / "backup.tar", "cannot be written"),
        (home.path / "index" / "backup.tar", "inside of the home"),
        (pipe, "cannot be written"),
    ):
        with pytest.raises(BadInputError, match=reason):
            home.backup.write(path, silent)
    assert list(tmp_path.iterdir()) == [pipe]


def test_an_empty_home_can_be_backed_up(tmp_path):
    with open_home(tmp_path / "home", tiers=TIERS) as home:
        home.backup.write(tmp_path / "backup.tar", silent)
    restore(tmp_path / "backup.tar", tmp_path / "new", silent)
    with open_home(tmp_path / "new", tiers=TIERS) as restored:
        restored.ingest(text_source("a", "One puffin."))
        assert restored.by_words("puffin") == {"One puffin."}


@pytest.mark.parametrize("what", ["original", "words", "vectors"])
def test_damage_is_not_backed_up(tmp_path, what):
    with open_home(tmp_path / "home", tiers=TIERS) as home:
        home.ingest(*(text_source(f"{n}", f"Puffin {n}.") for n in range(6)))
        folder = home.path / {"original": "originals", "words": "index/words", "vectors": "index/vectors"}[what]
        suffix = {"original": "", "words": ".idx", "vectors": ".npy"}[what]
        path = next(path for path in folder.rglob("*") if path.is_file() and path.suffix == suffix)
        data = bytearray(path.read_bytes())
        data[len(data) // 3] ^= 1
        path.write_bytes(data)
        with pytest.raises(DamagedError, match="was changed on the disk"):
            home.backup.write(tmp_path / "backup.tar", silent)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_backups_while_others_write_hold_all_that_was_acknowledged_before(tmp_path):
    acknowledged: list[str] = []
    ended = threading.Event()

    def write() -> None:
        with open_home(tmp_path / "home", tiers=TIERS) as writer:
            for number in range(12):
                (result,) = writer.ingest(text_source(f"{number}", f"Puffin {number}."))
                acknowledged.append(str(result.document_id))
                if number % 4 == 3:
                    writer.compactor.compact()
        ended.set()

    with open_home(tmp_path / "home", tiers=TIERS) as home:
        thread = threading.Thread(target=write)
        thread.start()
        count = 0
        while not ended.is_set():
            known = list(acknowledged)
            home.backup.write(tmp_path / f"{count}.tar", silent)
            _check_restored(tmp_path / f"{count}.tar", tmp_path / f"new{count}", known, home)
            count += 1
        thread.join()
    assert count > 1


def _check_restored(backup: Path, folder: Path, known: list[str], home: Home) -> None:
    restore(backup, folder, silent)
    with open_home(folder, tiers=TIERS) as restored, restored.database.read() as connection:
        seq = current_seq(connection)
        assert [version_of(connection, name, seq).document_id for name in known] == known
        found = restored.by_words("puffin")
        assert found == restored.by_vectors("puffin")
        assert found <= home.by_words("puffin")


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_place_where_something_is_stays_as_it_is(kept, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "letter.txt").write_text("Dear Ida")
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "there", tmp_path / "file"):
        with pytest.raises(BadInputError, match="not empty"):
            restore(kept[1], place, silent)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "letter.txt", "there"]


def test_folders_above_the_home_are_made_and_taken_back(kept, tmp_path):
    (tmp_path / "x.tar").write_bytes(kept[1].read_bytes()[:50_000])
    with pytest.raises(BadInputError):
        restore(tmp_path / "x.tar", tmp_path / "above" / "it" / "home", silent)
    assert [path.name for path in tmp_path.iterdir()] == ["x.tar"]
    restore(kept[1], tmp_path / "above" / "it" / "home", silent)
    assert [path.name for path in (tmp_path / "above" / "it").iterdir()] == ["home"]


@pytest.mark.parametrize("limit", [2_000, 100_000])
def test_a_full_disk_leaves_nothing_behind(kept, tmp_path, limit):
    """Files may have so many bytes only: the copy of the store is too large, or the tar file is."""
    home, backup = kept
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises((OSError, PinciteError)):
            home.backup.write(tmp_path / "backup.tar", silent)
        with pytest.raises(OSError, match="File too large"):
            restore(backup, tmp_path / "new", silent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_that_a_link_leads_to_is_taken(kept, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "new").symlink_to(tmp_path / "disk")
    assert restore(kept[1], tmp_path / "new", silent).home == str(tmp_path / "disk")
    assert (tmp_path / "new" / "store.db").exists()


def test_where_a_disk_is_mounted_no_home_can_be_put(kept):
    with pytest.raises(BadInputError, match="name a folder in it"):
        restore(kept[1], Path("/"), silent)


def test_an_empty_folder_is_taken(kept, tmp_path):
    (tmp_path / "there").mkdir()
    restore(kept[1], tmp_path / "there", silent)
    assert (tmp_path / "there" / "store.db").exists()


def refused(backup: Path, folder: Path, match: str | None = None) -> None:
    with pytest.raises(BadInputError, match=match):
        restore(backup, folder / "new", silent)
    assert list(folder.iterdir()) == []


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0, 1, exclude_max=True))
def test_a_backup_that_was_cut_short_is_refused(kept, tmp_path_factory, share):
    whole = kept[1].read_bytes()
    end = whole.rindex(b"}", 0, len(whole.rstrip(b"\0"))) + 1  # behind it, there is only padding
    folder = tmp_path_factory.mktemp("cut")
    backup = folder / "backup.tar"
    backup.write_bytes(whole[: int(share * end)])
    (folder / "beside").mkdir()
    refused(backup, folder / "beside")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32 - 1))
def test_a_changed_byte_is_noticed_or_changes_nothing(kept, tmp_path_factory, seed):
    random = Random(seed)
    data = bytearray(kept[1].read_bytes())
    data[random.randrange(len(data))] ^= random.randrange(1, 256)
    folder = tmp_path_factory.mktemp("changed")
    (folder / "backup.tar").write_bytes(data)
    try:
        restore(folder / "backup.tar", folder / "new", silent)
    except BadInputError:
        assert [path.name for path in folder.iterdir()] == ["backup.tar"]
        return
    with tarfile.open(kept[1]) as tar:
        for name in tar.getnames()[:-1]:
            assert (folder / "new" / name).read_bytes() == tar.extractfile(name).read()


def test_other_files_are_refused(tmp_path):
    (tmp_path / "beside").mkdir()
    for content in (b"", b"no tar file at all" * 100, bytes(10240)):
        (tmp_path / "x.tar").write_bytes(content)
        refused(tmp_path / "x.tar", tmp_path / "beside")
    refused(tmp_path / "nowhere.tar", tmp_path / "beside", "nowhere.tar")


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/tmp/evil",
        "index/words/../../../evil",
        "index/words/..",
        "index/vectors/./x",
        "originals/ab/short",
        "uploads/short",
        "write.lock",
        "index/words",
        "store.db/",
        "index/vectors/1/2/3",
        "store.db\n",
        "",
    ],
)
def test_foreign_names_are_refused(tmp_path, name):
    assert not is_member_name(name)
    (tmp_path / "beside").mkdir()
    _write_tar(tmp_path / "x.tar", {"store.db": b"x", name: b"evil"})
    refused(tmp_path / "x.tar", tmp_path / "beside")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_whatever_is_no_file_is_refused(tmp_path, kind):
    (tmp_path / "beside").mkdir()
    with tarfile.open(tmp_path / "x.tar", "w") as tar:
        info = tarfile.TarInfo("store.db")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    refused(tmp_path / "x.tar", tmp_path / "beside", "store.db")


def test_a_newer_format_is_refused_with_the_version_that_made_it(tmp_path):
    (tmp_path / "beside").mkdir()
    fields = json.loads(manifest_bytes(BackupManifest("9.1.0", "s", 1, "now", {})))
    _write_tar(tmp_path / "x.tar", {"manifest.json": json.dumps({**fields, "format_version": 2}).encode()})
    refused(tmp_path / "x.tar", tmp_path / "beside", r"format 2, made by Pincite 9\.1\.0")


def test_lists_that_do_not_match_are_refused(tmp_path):
    (tmp_path / "beside").mkdir()
    entry = FileEntry(1, "0" * 64)
    for members in ({}, {"store.db": entry}, {"store.db": entry, "index/words/store": entry}):
        manifest = manifest_bytes(BackupManifest("1", "s", 1, "now", members))
        _write_tar(tmp_path / "x.tar", {"store.db": b"x", "manifest.json": manifest})
        refused(tmp_path / "x.tar", tmp_path / "beside", "is not what its list says")
    _write_tar(tmp_path / "x.tar", {"manifest.json": b"[]"})
    refused(tmp_path / "x.tar", tmp_path / "beside", "list of files is damaged")
    _write_tar(tmp_path / "x.tar", {"store.db": b"x", "manifest.json": manifest.replace(b'"seq": 1', b'"seq": 2')})
    refused(tmp_path / "x.tar", tmp_path / "beside", "list of files does not match")
    _write_tar(tmp_path / "x.tar", {"manifest.json": manifest, "store.db": b"x"})
    refused(tmp_path / "x.tar", tmp_path / "beside", "behind its end")


def _write_tar(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
