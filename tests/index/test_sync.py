"""A collection is kept equal to a folder, whatever happens to the folder, and wherever a run is broken off."""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.database import current_seq
from corpus.errors import BadInputError, LockedError, NotFoundError
from corpus.records import DocumentVersion
from corpus.sources import file_source
from corpus.store import sources_in_force, text_of, version_of, versions_in_force
from index import ingest as ingest_module
from index.results import FileResult, Progress, Reports
from index.sync_plan import SyncOrder, plan_sync
from tests.corpus.files import zip_of
from tests.index.homes import Home, RefusingEmbedder, open_home, text_source
from tests.index.killing import moment, run_and_kill
from tests.index.test_reindex import check_whole

ROOT = Path(__file__).resolve().parents[2]
FERRY = "The ferry to Karn sails at noon."
LIGHT = "Karn Light was lit in 1887."


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with open_home(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    (made / "below").mkdir(parents=True)
    (made / "ferry.txt").write_text(FERRY)
    (made / "below" / "light.txt").write_text(LIGHT)
    return made


def sync(home: Home, folder: Path, **fields: object) -> dict[str, FileResult]:
    """What became of each file, by its path in the folder."""
    results: list[FileResult] = []
    reports = Reports(_silent_total, results.append, _silent)
    home.syncer.sync(SyncOrder(folder, **fields), reports, 10)  # type: ignore[arg-type]
    return by_name(results, folder)


def by_name(results: list[FileResult], folder: Path) -> dict[str, FileResult]:
    found = {os.path.relpath(result.path, folder.resolve()): result for result in results}
    assert len(found) == len(results)
    return found


def statuses(results: dict[str, FileResult]) -> dict[str, str]:
    return {name: result.status for name, result in results.items()}


def versions(home: Home, collection: str = "default") -> dict[str, DocumentVersion]:
    with home.database.read() as connection:
        found = versions_in_force(connection, collection, current_seq(connection))
    return {version.uri: version for version in found}


def texts(home: Home) -> dict[str, str]:
    """What is in force, by the name of the file."""
    with home.database.read() as connection:
        return {one.uri.rpartition("/")[2]: text_of(connection, one.number) for one in versions(home).values()}


def _silent(_progress: Progress) -> None:
    """Nobody watches."""


def _silent_total(_total: int) -> None:
    """Nobody counts."""


# --- what happens to files -------------------------------------------------------------------------------------------


def test_files_that_come_change_and_go_do_so_in_the_collection(home: Home, folder: Path) -> None:
    first = sync(home, folder)
    assert statuses(first) == {"below/light.txt": "added", "ferry.txt": "added"}
    (folder / "ferry.txt").write_text(f"{FERRY} Really.")
    (folder / "below" / "light.txt").unlink()
    (folder / "new.txt").write_text("Puffins nest here.")
    second = sync(home, folder)
    assert statuses(second) == {"ferry.txt": "updated", "new.txt": "added", "below/light.txt": "removed"}
    assert second["below/light.txt"].document_id == first["below/light.txt"].document_id
    assert second["below/light.txt"].seq == current(home)
    assert texts(home) == {"ferry.txt": f"{FERRY} Really.", "new.txt": "Puffins nest here."}
    assert home.by_words("1887") == set()
    home.embedder = RefusingEmbedder()
    before = current(home)
    assert set(statuses(sync(home, folder)).values()) == {"unchanged"}
    assert current(home) == before


def current(home: Home) -> int:
    with home.database.read() as connection:
        return current_seq(connection)


def test_documents_from_elsewhere_are_left_alone_and_counted(home: Home, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "documents too"
    other.mkdir()
    (other / "a.txt").write_text("Elsewhere.")
    home.ingest(text_source("upload", "Uploaded."), file_source(other / "a.txt"))
    home.ingest(file_source(folder / "ferry.txt"), collection="second")
    order = SyncOrder(folder)
    assert home.syncer.sync(order, Reports(_silent_total, lambda _: None, _silent), 10) == 2
    (folder / "ferry.txt").unlink()
    assert statuses(sync(home, folder))["ferry.txt"] == "removed"
    assert set(texts(home)) == {"text:upload", "a.txt", "light.txt"}
    assert len(versions(home, "second")) == 1


def test_what_cannot_be_read_now_keeps_its_former_version(home: Home, folder: Path) -> None:
    sync(home, folder)
    (folder / "ferry.txt").write_bytes(b"%PDF-1.7 and nothing else")
    failing = sync(home, folder)
    assert statuses(failing) == {"below/light.txt": "unchanged", "ferry.txt": "failed"}
    assert texts(home) == {"ferry.txt": FERRY, "light.txt": LIGHT}


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_what_is_in_a_folder_that_may_not_be_listed_stays(home: Home, folder: Path) -> None:
    sync(home, folder)
    (folder / "below").chmod(0)
    try:
        assert statuses(sync(home, folder)) == {"below": "failed", "ferry.txt": "unchanged"}
    finally:
        (folder / "below").chmod(0o700)


def test_what_is_in_a_folder_that_cannot_be_listed_is_not_gone(folder: Path, home: Home) -> None:
    sync(home, folder)
    with home.database.read() as connection:
        stored = sources_in_force(connection, "default")
    # As `find_files` gives a folder that it may not list.
    real = Path.iterdir

    def iterdir(path: Path) -> Iterator[Path]:
        if path.name == "below":
            raise PermissionError(13, "Permission denied")
        return real(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "iterdir", iterdir)
        plan = plan_sync(SyncOrder(folder), stored, 1000)
    assert [Path(str(source.content)).name for source in plan.sources] == ["below", "ferry.txt"]
    assert plan.gone == ()


def test_a_folder_that_is_missing_or_suddenly_empty_is_refused(home: Home, folder: Path) -> None:
    with pytest.raises(BadInputError, match="is no folder to read"):
        sync(home, folder / "nothing")
    with pytest.raises(BadInputError, match="is no folder; bring"):
        sync(home, folder / "ferry.txt")
    sync(home, folder)
    shutil.rmtree(folder)
    with pytest.raises(BadInputError, match="is no folder to read"):
        sync(home, folder)
    folder.mkdir()
    with pytest.raises(BadInputError, match="has no files, but 2 documents"):
        sync(home, folder)
    assert len(texts(home)) == 2
    assert set(statuses(sync(home, folder, allow_empty=True)).values()) == {"removed"}
    assert texts(home) == {}
    assert sync(home, folder) == {}


def test_a_folder_that_holds_the_home_is_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="lies in the folder"):
        sync(home, tmp_path)
    with open_home(tmp_path / ".pincite") as hidden:
        (tmp_path / "a.txt").write_text("Seen.")
        assert sync(hidden, tmp_path)["a.txt"].status == "added"


def test_a_home_that_another_process_writes_to_is_refused(home: Home, folder: Path) -> None:
    with open_home(home.path) as other, other.lock.held(0), pytest.raises(LockedError):
        home.syncer.sync(SyncOrder(folder), Reports(_silent_total, lambda _: None, _silent), 0.1)


def test_metadata_and_title_are_what_the_sidecar_says_and_nothing_else(home: Home, folder: Path) -> None:
    home.ingest(file_source(folder / "ferry.txt", "A title", {"year": 2020, "line": "Karn"}))
    sidecar = folder / "ferry.txt.meta.json"
    for content, title, metadata in (
        ('{"title": "Timetable", "year": 2026}', "Timetable", {"year": 2026}),
        ('{"year": 2026}', "ferry.txt", {"year": 2026}),
        (None, "ferry.txt", {}),
    ):
        sidecar.unlink() if content is None else sidecar.write_text(content)
        assert sync(home, folder)["ferry.txt"].status == "updated"
        (version,) = (one for one in versions(home).values() if one.name == "ferry.txt")
        assert (version.title.removesuffix(".txt"), version.metadata) == (title.removesuffix(".txt"), metadata)
        assert sync(home, folder)["ferry.txt"].status == "unchanged"


# --- renaming --------------------------------------------------------------------------------------------------------


def test_a_renamed_file_remains_the_same_document(home: Home, folder: Path) -> None:
    before = sync(home, folder)["ferry.txt"]
    (folder / "later").mkdir()
    (folder / "ferry.txt").rename(folder / "later" / "Timetable 2026.txt")
    results = sync(home, folder)
    assert statuses(results) == {"below/light.txt": "unchanged", "later/Timetable 2026.txt": "renamed"}
    after = results["later/Timetable 2026.txt"]
    assert (after.document_id, after.reason) == (before.document_id, f"it was {folder.resolve() / 'ferry.txt'}")
    (version,) = (one for one in versions(home).values() if one.document_id == before.document_id)
    assert version.uri == (folder.resolve() / "later" / "Timetable 2026.txt").as_uri()
    assert (version.name, version.external_id) == ("Timetable 2026.txt", "Timetable 2026")
    assert len(home.by_words("noon")) == 1
    check_whole(home)
    assert set(statuses(sync(home, folder)).values()) == {"unchanged"}
    # Back again, and a new file in its place: the document goes with the file.
    (folder / "later" / "Timetable 2026.txt").rename(folder / "ferry.txt")
    assert sync(home, folder)["ferry.txt"].document_id == before.document_id


def test_a_source_that_another_document_had_once_is_free_for_the_renamed_one(home: Home, folder: Path) -> None:
    before = sync(home, folder)
    (folder / "ferry.txt").unlink()
    assert sync(home, folder)["ferry.txt"].status == "removed"
    (folder / "below" / "light.txt").rename(folder / "ferry.txt")
    after = sync(home, folder)["ferry.txt"]
    assert (after.status, after.document_id) == ("renamed", before["below/light.txt"].document_id)
    assert texts(home) == {"ferry.txt": LIGHT}
    # The text of the document that was removed can still be read, under its own id.
    first = str(before["ferry.txt"].document_id)
    with home.database.read() as connection:
        with pytest.raises(NotFoundError):
            version_of(connection, first, current_seq(connection))
        assert text_of(connection, version_of(connection, first, 1).number) == FERRY
    (folder / "other.txt").write_text("Another.")
    assert sync(home, folder)["other.txt"].status == "added"


def test_of_several_copies_the_one_with_the_same_name_is_the_renamed_one(home: Home, folder: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / "below" / name).write_text("The same.")
    before = sync(home, folder)
    (folder / "new").mkdir()
    for old, new in (("a.txt", "x.txt"), ("b.txt", "b.txt"), ("c.txt", "a.txt")):
        (folder / "below" / old).rename(folder / "new" / new)
    after = sync(home, folder)
    assert {name for name, result in after.items() if result.status == "renamed"} == {
        "new/x.txt",
        "new/b.txt",
        "new/a.txt",
    }
    assert after["new/b.txt"].document_id == before["below/b.txt"].document_id
    assert after["new/a.txt"].document_id == before["below/a.txt"].document_id
    assert after["new/x.txt"].document_id == before["below/c.txt"].document_id


def test_copies_and_exchanged_files_are_no_renamed_ones(home: Home, folder: Path) -> None:
    before = sync(home, folder)
    shutil.copy(folder / "ferry.txt", folder / "copy.txt")
    copied = sync(home, folder)
    assert statuses(copied) == {"below/light.txt": "unchanged", "ferry.txt": "unchanged", "copy.txt": "added"}
    assert copied["copy.txt"].near_duplicates == (before["ferry.txt"].document_id,)
    (folder / "copy.txt").unlink()
    sync(home, folder)
    (folder / "ferry.txt").rename(folder / "x")
    (folder / "below" / "light.txt").rename(folder / "ferry.txt")
    (folder / "x").rename(folder / "below" / "light.txt")
    assert statuses(sync(home, folder)) == {"below/light.txt": "updated", "ferry.txt": "updated"}


def test_a_renamed_file_that_cannot_be_read_keeps_its_former_version(home: Home, folder: Path) -> None:
    before = sync(home, folder)["ferry.txt"]
    (folder / "ferry.txt").rename(folder / "ferry.md")
    (folder / "ferry.md.meta.json").write_text("no JSON")
    assert statuses(sync(home, folder)) == {"below/light.txt": "unchanged", "ferry.md": "failed"}
    assert texts(home)["ferry.txt"] == FERRY
    (folder / "ferry.md.meta.json").unlink()
    after = sync(home, folder)["ferry.md"]
    assert (after.status, after.document_id) == ("renamed", before.document_id)


def test_a_renamed_archive_keeps_what_is_inside(home: Home, folder: Path) -> None:
    inner = zip_of(deep_txt=b"Deep down.")
    (folder / "all.zip").write_bytes(zip_of(one_txt=b"One owl.", two_txt=b"Two owls.", inner_zip=inner))
    sync(home, folder)
    before = {uri.partition("#")[2]: one.document_id for uri, one in versions(home).items() if "all.zip" in uri}
    assert len(before) == 5
    (folder / "all.zip").rename(folder / "every#thing.zip")
    (folder / "every#thing.zip.meta.json").write_text('{"year": 2026}')
    assert sync(home, folder)["every#thing.zip"].status == "renamed"
    found = {uri: one for uri, one in versions(home).items() if ".zip" in uri}
    prefix = (folder.resolve() / "every#thing.zip").as_uri()
    assert all(uri.startswith(prefix) for uri in found)
    assert {uri.partition("#")[2]: one.document_id for uri, one in found.items()} == before
    assert all(one.metadata["year"] == 2026 for one in found.values())
    assert found[f"{prefix}#one.txt"].external_id == "every#thing/one.txt"
    assert set(statuses(sync(home, folder)).values()) == {"unchanged"}
    (folder / "every#thing.zip").unlink()
    removed = sync(home, folder)
    assert [name for name, status in statuses(removed).items() if status == "removed"] == ["every#thing.zip"]
    assert home.by_words("owls owl deep") == set()


def test_what_is_left_of_an_archive_that_was_never_stored_whole_goes_with_its_file(
    home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "all.zip").write_bytes(zip_of(one_txt=b"One owl.", two_txt=b"Two owls."))
    broken_off(home, folder, monkeypatch)
    assert set(texts(home)) >= {"all.zip#one.txt"}
    assert "all.zip" not in texts(home)
    (folder / "all.zip").unlink()
    assert sync(home, folder)["all.zip#one.txt"].status == "removed"
    assert set(texts(home)) == {"ferry.txt", "light.txt"}


def test_a_file_that_is_renamed_to_where_a_broken_off_archive_was_takes_its_place(
    home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zip_of(one_txt=b"One owl.", two_txt=b"Two owls.")
    (folder / "old.zip").write_bytes(archive)
    before = sync(home, folder)["old.zip"]
    # The same bytes at another place, stored in part; then the first place is given up.
    (folder / "all.zip").write_bytes(archive)
    broken_off(home, folder, monkeypatch)
    (folder / "old.zip").unlink()
    after = sync(home, folder)["all.zip"]
    assert (after.status, after.document_id) == ("renamed", before.document_id)
    assert set(texts(home)) == {"ferry.txt", "light.txt", "all.zip", "all.zip#one.txt", "all.zip#two.txt"}
    check_whole(home)


def broken_off(home: Home, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends when the first file inside the archive is stored."""

    def report(result: FileResult) -> None:
        if result.path.endswith("all.zip#one.txt"):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ingest_module, "_GROUP_PASSAGES", 0)
        with pytest.raises(KeyboardInterrupt):
            home.syncer.sync(SyncOrder(folder), Reports(_silent_total, report, _silent), 10)


# --- looking first ---------------------------------------------------------------------------------------------------


def test_a_preview_says_what_would_be_done_and_changes_nothing(home: Home, folder: Path) -> None:
    sync(home, folder)
    (folder / "ferry.txt").rename(folder / "boat.txt")
    (folder / "below" / "light.txt").unlink()
    (folder / "new.txt").write_text("New.")
    (folder / "wrong.txt").write_text("Wrong.")
    (folder / "wrong.txt.meta.json").write_text("no JSON")
    before = current(home)
    home.embedder = RefusingEmbedder()
    with open_home(home.path) as other, other.lock.held(0):
        results, elsewhere = home.syncer.preview(SyncOrder(folder))
        found = by_name(list(results), folder)
    assert elsewhere == 0
    expected = {"boat.txt": "renamed", "new.txt": "added", "wrong.txt": "failed", "below/light.txt": "removed"}
    assert statuses(found) == expected
    assert (current(home), set(texts(home))) == (before, {"ferry.txt", "light.txt"})
    home.embedder = type(home.embedder).__base__()
    assert statuses(sync(home, folder)) == expected


# --- any history -----------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a.txt", "b.txt", "c/a.txt", "c/b.txt", "c/d.txt"])
CHANGES = st.one_of(
    st.tuples(st.just("write"), NAMES, st.sampled_from(["One owl.", "Two owls.", "Three owls."])),
    st.tuples(st.just("delete"), NAMES, st.none()),
    st.tuples(st.just("rename"), NAMES, NAMES),
)


@settings(max_examples=12)
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=5), min_size=1, max_size=4))
def test_after_any_changes_the_collection_is_equal_to_the_folder(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[list[tuple[str, str, str]]]
) -> None:
    path = tmp_path_factory.mktemp("history")
    folder = path / "documents"
    with open_home(path / "home") as home:
        for changes in rounds:
            (folder / "c").mkdir(parents=True, exist_ok=True)
            for change in changes:
                make(folder, change)
            results, _ = home.syncer.preview(SyncOrder(folder, allow_empty=True))
            expected = statuses(by_name(list(results), folder))
            assert statuses(sync(home, folder, allow_empty=True)) == expected
            there = {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.txt")}
            with home.database.read() as connection:
                stored = {
                    uri.removeprefix(f"{folder.resolve().as_uri()}/"): text_of(connection, one.number)
                    for uri, one in versions(home).items()
                }
            assert stored == there


def make(folder: Path, change: tuple[str, str, str]) -> None:
    kind, name, more = change
    file = folder / name
    if kind == "write":
        file.write_text(more)
    elif kind == "delete":
        file.unlink(missing_ok=True)
    elif file.exists():
        file.rename(folder / more)


# --- broken off ------------------------------------------------------------------------------------------------------

_SYNC = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from index import ingest, sync
from index.results import Reports
from index.sync_plan import SyncOrder
from tests.index.homes import open_home
ingest._GROUP_PASSAGES, sync._REMOVED_AT_ONCE = 3, 2
if __name__ == "__main__":
    with open_home(Path(sys.argv[1])) as home:
        print("open", flush=True)
        reports = Reports(lambda _: None, lambda result: print(json.dumps(asdict(result)), flush=True), lambda _: None)
        home.syncer.sync(SyncOrder(Path(sys.argv[2])), reports, 20)
"""


def test_wherever_a_run_is_killed_the_next_one_ends_in_the_same_state(tmp_path: Path) -> None:
    random.seed(time.time_ns())
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.txt").write_text(f"The word is marker{number}x.")
    (folder / "all.zip").write_bytes(zip_of(one_txt=b"One owl.", two_txt=b"Two owls."))
    with open_home(tmp_path / "home") as home:
        ids = {name: result.document_id for name, result in sync(home, folder).items()}
    for number in range(10):
        (folder / f"{number}.txt").rename(folder / f"renamed{number}.txt")
        (folder / f"{number + 10}.txt").unlink()
        (folder / f"new{number}.txt").write_text(f"The word is new{number}x.")
    (folder / "all.zip").rename(folder / "every.zip")
    reported: dict[str, str] = {}
    killed = 0
    for _ in range(4):
        # From the first lines on: on a fast machine the rest takes no time that could be told beforehand.
        begun = random.randint(1, 12)
        lines, was_killed = run_and_kill(_SYNC, moment() / 10, str(tmp_path / "home"), str(folder), lines=begun)
        killed += was_killed
        for result in map(json.loads, lines):
            name = os.path.relpath(result["path"], folder.resolve())
            assert result["status"] == "unchanged" or name not in reported, (name, result, reported[name])
            if result["status"] != "unchanged":
                reported[name] = result["status"]
    assert killed
    with open_home(tmp_path / "home") as home:
        sync(home, folder)
        check_whole(home)
        expected = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
        assert set(texts(home)) == expected | {"every.zip#one.txt", "every.zip#two.txt"}
        after = {uri.rpartition("/")[2]: one.document_id for uri, one in versions(home).items()}
    assert all(after[f"renamed{number}.txt"] == ids[f"{number}.txt"] for number in range(10))
    assert (after["every.zip"], after["every.zip#one.txt"]) == (ids["all.zip"], ids["all.zip#one.txt"])


def test_nothing_is_imported_that_a_sync_of_nothing_does_not_need(tmp_path: Path) -> None:
    code = "import sys, index.sync; assert not {'torch', 'watchfiles', 'rich'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
