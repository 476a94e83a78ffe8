"""Work on a home is broken off or fails at any moment: the short form of benchmarks/crash, and that it would notice."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.crash import disk
from benchmarks.crash.ledger import Ledger, Step
from corpus.files import write_durably

ROOT = Path(__file__).resolve().parents[2]
needs_the_shim = pytest.mark.skipif(not disk.can_be_made(), reason="the shim needs Linux and gcc")


def crash(folder: Path, mode: str, rounds: int, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.crash", mode, "--rounds", str(rounds), "--folder", str(folder)]
    ended = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    tally: dict[str, Any] = json.loads(ended.stdout)
    assert tally["rounds"] == rounds
    return tally


def test_whenever_work_is_killed_what_it_reported_stands(tmp_path: Path) -> None:
    assert crash(tmp_path, "kills", 7)["broken_off"] >= 2


def test_whenever_a_command_is_killed_what_it_reported_stands(tmp_path: Path) -> None:
    crash(tmp_path, "kills", 2, "--commands")


@needs_the_shim
def test_when_the_power_fails_what_was_reported_stands(tmp_path: Path) -> None:
    assert crash(tmp_path, "power", 5)["broken_off"] >= 1


@needs_the_shim
def test_when_the_disk_fails_it_is_said_and_what_was_reported_stands(tmp_path: Path) -> None:
    assert crash(tmp_path, "faults", 4)["errors"]


def test_when_files_may_not_grow_it_is_said_and_what_was_reported_stands(tmp_path: Path) -> None:
    crash(tmp_path, "limit", 2)


# --- the harness notices ----------------------------------------------------------------------------------------------


def settled(ledger: Ledger, found: dict[int, int], seq: int) -> list[str]:
    return list(ledger.settle(found, 16, seq))


def acknowledged(*changes: tuple[int, int | None]) -> Ledger:
    ledger = Ledger()
    step = Step("ingest", dict(changes))
    ledger.begin(step)
    for seq, (number, _) in enumerate(changes, start=1):
        ledger.acknowledge(step, number, seq)
    return ledger


def test_a_lost_document_a_found_one_and_an_old_one_are_noticed() -> None:
    assert settled(acknowledged((1, 0), (2, 0)), {1: 0, 2: 0}, 2) == []
    assert "document 2" in settled(acknowledged((1, 0), (2, 0)), {1: 0}, 2)[0]
    assert "document 1" in settled(acknowledged((1, None)), {1: 0}, 2)[0]
    assert "document 1" in settled(acknowledged((1, 5)), {1: 4}, 2)[0]
    assert "document 3" in settled(acknowledged((1, 5)), {1: 5, 3: 0}, 2)[0]
    assert "change 1" in settled(acknowledged((1, 0), (2, 0)), {1: 0, 2: 0}, 1)[0]


def test_what_was_begun_may_be_there_or_not_and_then_stays_so() -> None:
    for found in ({1: 0}, {1: 1}):
        ledger = acknowledged((1, 0))
        ledger.begin(Step("update", {1: 1}))
        assert settled(ledger, found, 1) == []
        assert settled(ledger, found, 1) == []
        assert settled(ledger, {1: 1 - found[1]}, 1) != []


_WRITE = """
import ctypes, os, sys
from pathlib import Path
from corpus.files import write_durably
root, image, mode = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
ctypes.CDLL(None).crash_begin(str(root).encode(), image.encode(), 0, 0, 0)
if mode == "durably":
    write_durably(root / "new" / "file", b"new")
    write_durably(root / "old", b"new")
else:
    (root / "new").mkdir()
    (root / "new" / "file").write_bytes(b"new")
    (root / "old").write_bytes(b"new")
    (root / "gone").unlink()
"""


_PURGE = """
import ctypes, os, sys
from pathlib import Path
from tests.index.homes import open_home, text_source
root, image = sys.argv[1:]
ctypes.CDLL(None).crash_begin(root.encode(), image.encode(), 0, 0, 0)
with open_home(Path(root) / "home") as home:
    results = home.ingest(*(text_source(f"{n}", f"The word is marker{n}x and nothing else.") for n in range(30)))
    home.purger.purge([str(results[7].document_id)])
    os._exit(0)
"""


def run_on_a_forgetful_disk(folder: Path, code: str, *arguments: str) -> None:
    environment = {**os.environ, "LD_PRELOAD": str(disk.compiled(folder)), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(folder / "disk"), str(folder / "image"), *arguments]
    subprocess.run(command, env=environment, check=True)


@needs_the_shim
def test_of_a_purged_document_nothing_outlives_the_power(tmp_path: Path) -> None:
    root, image = tmp_path / "disk", tmp_path / "image"
    root.mkdir()
    disk.begin_image(root, image)
    run_on_a_forgetful_disk(tmp_path, _PURGE)
    disk.lose_power(root, image, None)
    left = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    assert b"marker7x" not in left
    assert b"marker8x" in left


@needs_the_shim
@pytest.mark.parametrize("mode", ["durably", "carelessly"])
def test_only_what_was_synced_outlives_the_power(tmp_path: Path, mode: str) -> None:
    root, image = tmp_path / "disk", tmp_path / "image"
    root.mkdir()
    write_durably(root / "old", b"old")
    write_durably(root / "gone", b"there")
    disk.begin_image(root, image)
    run_on_a_forgetful_disk(tmp_path, _WRITE, mode)
    disk.lose_power(root, image, None)
    there = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    if mode == "durably":
        assert there == {"new/file": b"new", "old": b"new", "gone": b"there"}
    else:
        assert there == {"old": b"old", "gone": b"there"}


def test_of_what_was_not_synced_any_part_may_outlive_the_power(tmp_path: Path) -> None:
    seen = set()
    for seed in range(12):
        root, image = tmp_path / f"disk{seed}", tmp_path / f"image{seed}"
        root.mkdir()
        write_durably(root / "old", b"old")
        disk.begin_image(root, image)
        (root / "old").write_bytes(b"new and longer")
        (root / "more").write_bytes(b"more")
        disk.lose_power(root, image, random.Random(seed))
        seen.add((root / "old").read_bytes())
        seen.add((root / "more").exists())
    assert {b"old", b"new and longer", True, False} <= seen
