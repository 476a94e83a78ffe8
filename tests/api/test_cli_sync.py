"""`pincite sync`, and what happens when the commands that read files are interrupted: real processes, real signals."""

import io
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from api.cli.ingest_progress import IngestProgress
from index.lock import WriteLock
from index.results import FileResult, Progress
from tests.api.commands import pincite
from tests.api.fields import FILE
from tests.api.servers import PINCITE, Json, children, environment, has_ended

SECONDS = 60


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    (made / "owls.txt").write_text("Owls hunt at night.")
    (made / "ferry.txt").write_text("The ferry sails at noon.")
    return made


def statuses(lines: list[Json]) -> dict[str, str]:
    return {Path(str(line["path"])).name: str(line["status"]) for line in lines}


class Running:
    """A command at work, with what it printed so far."""

    def __init__(self, home: Path, *arguments: str | Path, **settings: str) -> None:
        self.process = subprocess.Popen(
            [PINCITE, "--home", str(home), *map(str, arguments)],
            env=environment(home, **settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a terminal of its own, as far as Ctrl-C goes
        )
        self.out: queue.Queue[str] = queue.Queue()
        self.errors: queue.Queue[str] = queue.Queue()
        streams = ((self.process.stdout, self.out), (self.process.stderr, self.errors))
        self.readers = [threading.Thread(target=self._read, args=pair, daemon=True) for pair in streams]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def _read(stream: Iterator[str], lines: "queue.Queue[str]") -> None:
        for line in stream:
            lines.put(line)

    def row(self) -> Json:
        found: Json = json.loads(self.out.get(timeout=SECONDS))
        return found

    def status_of(self, name: str) -> str:
        """Of the next row of this file; there may be rows of others, such as one that is growing."""
        while Path(str((row := self.row())["path"])).name != name:
            continue
        return str(row["status"])

    def said(self, beginning: str) -> str:
        while not (line := self.errors.get(timeout=SECONDS)).startswith(beginning):
            continue
        return line

    def interrupt(self) -> tuple[int, list[int]]:
        """What Ctrl-C on a terminal does, to the whole group; gives the exit code and the workers that there were."""
        workers = children(self.process.pid)
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(SECONDS), workers

    def rest(self, lines: "queue.Queue[str]") -> list[str]:
        """What else was printed by the command that has ended."""
        for reader in self.readers:
            reader.join(10)
        return [lines.get() for _ in range(lines.qsize())]


@contextmanager
def running(home: Path, *arguments: str | Path, **settings: str) -> Iterator[Running]:
    command = Running(home, *arguments, **settings)
    with command.process:
        try:
            yield command
        finally:
            command.process.kill()
            for reader in command.readers:
                reader.join(10)


# --- once ------------------------------------------------------------------------------------------------------------


def test_a_folder_is_followed_with_a_row_for_every_file(home: Path, folder: Path) -> None:
    pincite(home, "ingest", "-", stdin=b"From elsewhere.")
    first = pincite(home, "sync", "--json", folder)
    assert (first.code, first.errors) == (
        0,
        "2 added\n1 documents of the collection are from elsewhere and left alone\n",
    )
    assert all(line.keys() == FILE for line in first.json_lines())
    (folder / "owls.txt").rename(folder / "birds.txt")
    (folder / "ferry.txt").unlink()
    (folder / "copy.txt").write_text("Owls hunt at night!")
    would = pincite(home, "sync", "--json", "--dry-run", folder)
    assert (would.code, pincite(home, "status", "--json").json()["documents"]) == (0, 3)
    done = pincite(home, "sync", "--json", folder)
    expected = {"birds.txt": "renamed", "copy.txt": "added", "ferry.txt": "removed"}
    assert statuses(would.json_lines()) == statuses(done.json_lines()) == expected
    assert "1 added, 1 renamed, 1 removed\n" in done.errors
    assert f"renamed: {folder}/birds.txt: it was {folder}/owls.txt\n" in done.errors
    row = next(line for line in done.json_lines() if line["status"] == "added")
    renamed = next(line for line in done.json_lines() if line["status"] == "renamed")
    # The order is that of the names: the copy was stored together with the renamed file, and after it.
    assert row["near_duplicates"] == [renamed["document_id"]]
    assert f"copy: {folder}/copy.txt is nearly the same as {renamed['document_id']} 'birds'" in done.errors


def test_people_see_what_would_be_done(home: Path, folder: Path) -> None:
    pincite(home, "ingest", folder / "owls.txt")
    (folder / "owls.txt").write_text("Owls sleep by day.")
    ended = pincite(home, "sync", "--dry-run", folder)
    assert (ended.code, ended.errors) == (0, "would be: 1 added, 1 updated\n")
    assert "ferry.txt" in ended.text
    assert "updated" in ended.text


def test_a_file_that_fails_gives_exit_code_1_and_a_dry_run_0(home: Path, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
    ended = pincite(home, "sync", folder)
    assert (ended.code, ended.errors.splitlines()[-1]) == (1, "2 added, 1 failed")
    assert pincite(home, "sync", "--dry-run", folder).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/no/such/folder"], "'/no/such/folder' is no folder to read"),
        (["{folder}/owls.txt"], "is no folder; bring single files in"),
        (["{folder}", "--dry-run", "--watch"], "exclude each other"),
        (["{folder}", "--collection", "../x"], "a collection's name has"),
        (["/no/such/folder", "--watch"], "is no folder to watch"),
        (["{folder}/.."], "lies in the folder"),
    ],
)
def test_wrong_use_ends_with_2(home: Path, folder: Path, arguments: list[str], said: str) -> None:
    ended = pincite(home, "sync", *(argument.format(folder=folder) for argument in arguments))
    assert (ended.code, ended.stdout) == (2, b"")
    assert said in ended.errors


def test_an_empty_folder_is_refused_unless_it_is_meant(home: Path, folder: Path) -> None:
    pincite(home, "sync", folder)
    for file in folder.iterdir():
        file.unlink()
    for options in ((), ("--dry-run",)):
        refused = pincite(home, "sync", folder, *options)
        assert (refused.code, "--allow-empty" in refused.errors) == (2, True)
    meant = pincite(home, "sync", folder, "--allow-empty")
    assert (meant.code, meant.errors) == (0, "2 removed\n")


def test_duplicates_are_listed_in_groups(home: Path, folder: Path) -> None:
    (folder / "copy.txt").write_text("owls hunt AT night")
    pincite(home, "sync", folder)
    (group,) = pincite(home, "documents", "duplicates", "--json").json_lines()
    assert {one["title"]: one["similarity"] for one in group["documents"]} == {"copy": 1.0, "owls": 1.0}
    shown = pincite(home, "documents", "duplicates", "--threshold", "0.5")
    assert "1.00" in shown.text
    assert shown.errors == "groups of documents that are nearly the same: 1\n"
    for options in (("--threshold", "0"), ("--threshold", "1.1"), ("--collection", "nope")):
        assert pincite(home, "documents", "duplicates", *options).code == 2


def test_originals_are_read_again(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("index.preparing.PARSER_VERSION", "old")
        pincite(home, "sync", folder)
    ended = pincite(home, "reindex", "--reparse", "--json")
    assert (ended.code, statuses(ended.json_lines())) == (0, {"ferry.txt": "updated", "owls.txt": "updated"})
    again = pincite(home, "reindex", "--reparse", "--model", "bge-small-en-v1.5", "--json")
    assert (again.code, again.json()["status"]) == (0, "reindexed")
    assert "all documents were read by the parsers of today" in again.errors


# --- on and on -------------------------------------------------------------------------------------------------------


def test_a_watched_folder_is_followed_until_ctrl_c(home: Path, folder: Path) -> None:
    with running(home, "sync", folder, "--watch", "--json", lock_seconds="0.5") as command:
        assert command.said("watching ").strip() == f"watching {folder}; Ctrl-C ends it"
        assert statuses([command.row(), command.row()]) == {"ferry.txt": "added", "owls.txt": "added"}
        (folder / ".hidden.txt").write_text("Hidden.")
        with WriteLock(home).held(10):
            (folder / "owls.txt").rename(folder / "birds.txt")
            assert "is writing to this home" in command.said("waiting: ")
        assert statuses([command.row()]) == {"birds.txt": "renamed"}
        growing = folder / "growing.txt"
        with growing.open("w") as file:
            for number in range(40):
                file.write(f"Line {number} of a text that somebody is writing.\n")
                file.flush()
                time.sleep(0.03)
        assert command.row()["status"] == "added"
        (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and nothing else")
        assert command.status_of("broken.pdf") == "failed"
        (folder / "ferry.txt").unlink()
        assert command.status_of("ferry.txt") == "removed"
        code, workers = command.interrupt()
        assert code == 0
        assert all(has_ended(worker, 10) for worker in workers)
        assert command.rest(command.out) == []
        said = command.rest(command.errors)
        assert (said[-1], "Traceback" in "".join(said)) == ("stopped watching\n", False)
    rows = pincite(home, "sync", folder, "--json").json_lines()
    expected = {"birds.txt": "unchanged", "growing.txt": "unchanged", "broken.pdf": "failed"}
    assert statuses(rows) == expected


def test_a_watched_folder_that_went_and_came_back_is_followed_again(home: Path, folder: Path) -> None:
    with running(home, "sync", folder, "--watch", "--json") as command:
        assert {command.row()["status"], command.row()["status"]} == {"added"}
        shutil.rmtree(folder)
        assert "is no folder to read" in command.said("left as it was: ")
        folder.mkdir()
        (folder / "gulls.txt").write_text("Gulls came back.")
        assert command.status_of("gulls.txt") == "added"
        (folder / "terns.txt").write_text("Terns came, too.")
        assert command.status_of("terns.txt") == "added"
        assert command.interrupt()[0] == 0


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["ingest", "sync"])
def test_ctrl_c_ends_with_one_line_and_keeps_what_was_reported(tmp_path: Path, command: str) -> None:
    home, folder = tmp_path / "home", tmp_path / "documents"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number:03}.txt").write_text(f"Text number {number} says something of {number * number} owls.")
    with running(home, command, folder, "--json") as ingestion:
        rows = [ingestion.row() for _ in range(3)]
        code, workers = ingestion.interrupt()
        assert code == 130
        assert workers
        assert all(has_ended(worker, 10) for worker in workers)
        rows += map(json.loads, ingestion.rest(ingestion.out))
        (line,) = ingestion.rest(ingestion.errors)
        assert line == f"stopped: {len(rows)} of 400 files are in; run the same command again to go on\n"
    with WriteLock(home).held(0):
        assert 3 <= len(rows) < 400
    again = pincite(home, "ingest", "--json", *(str(row["path"]) for row in rows))
    assert {line["status"] for line in again.json_lines()} == {"unchanged"}


def test_ctrl_c_while_vectors_are_made_anew_leaves_the_home_as_it_was(tmp_path: Path) -> None:
    home = tmp_path / "home"
    text = "\n\n".join(f"Paragraph {part} says something of {part * part} things." * 12 for part in range(40))
    pincite(home, "ingest", "-", stdin=text.encode())
    before = pincite(home, "status", "--json").json()
    with running(home, "reindex", passage_tokens="16") as command:
        until = time.monotonic() + SECONDS
        owner = home / "reindex.lock.owner"
        while not owner.exists() and time.monotonic() < until:
            time.sleep(0.01)
        code, _ = command.interrupt()
        assert (code, command.rest(command.errors)) == (
            130,
            ["stopped: the home is as it was; run the same command again to go on\n"],
        )
    assert pincite(home, "status", "--json").json() | {"reindexing": None} == before


# --- bars ------------------------------------------------------------------------------------------------------------


def test_the_bar_counts_files_and_not_what_is_inside_of_them() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120, color_system=None)
    with IngestProgress(quiet=False, console=console) as progress:
        progress.passages_done(Progress("/documents/\x1b[2Jlong.txt", 32, 64))
        progress.total(3)
        for path, status, inside in (
            ("/all.zip#a.txt", "added", True),
            ("/all.zip#b.txt", "failed", True),
            ("/all.zip", "added", False),
            ("/a#b.txt", "unchanged", False),
            ("/gone.txt", "removed", False),
        ):
            progress.file_done(FileResult(path, None, status, None, None, inside=inside))  # type: ignore[arg-type]
    shown = out.getvalue()
    last = shown[shown.rindex("files") :]
    assert "2/3" in last
    assert "32/64" in last
    assert re.search(r"2/3 +[\d.]+/s +0:00:00 left", last)
    assert "\x1b[2Jlong" not in shown
    assert "long.txt" in last
