"""The shim between a process and its disk: it forgets what was not synced, and lets calls fail. See shim.c."""

import ctypes
import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.crash.children import Moment, Say
from benchmarks.crash.ledger import Step

_SOURCE = Path(__file__).with_name("shim.c")
_LOADED = "LD_PRELOAD"
_BLOCK = 4096


def can_be_made() -> bool:
    """Whether there is a compiler, and a system whose loader takes the shim."""
    return sys.platform == "linux" and shutil.which("gcc") is not None


def ensure_loaded(folder: Path) -> None:
    """Begin this program again with the shim, if it runs without."""
    if "crash_shim" in os.environ.get(_LOADED, ""):
        return
    library = str(compiled(folder))
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, _LOADED: library})


def compiled(folder: Path) -> Path:
    """The shim as a library in the folder. Raises CalledProcessError when it cannot be compiled."""
    library = folder / "crash_shim.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, _SOURCE, "-ldl", "-lpthread"], check=True)
    return library


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens at a moment counted in calls: `error` is the errno of the call, or 0 to end the process.

    With `lasting`, all calls after it fail, too. `image` is the folder of the durable image, where there is one.
    """

    moment: Moment
    error: int = 0
    lasting: bool = False
    image: Path | None = None


def with_trouble(
    carry_out: Callable[[Path, list[Step], Say], None],
    home: Path,
    plan: list[Step],
    trouble: Trouble,
    say: Say,
) -> None:
    """Carry out the plan in this process with trouble in one of its steps; it says how many calls each step took."""
    shim = ctypes.CDLL(None)
    shim.crash_count.restype = ctypes.c_long
    root, image = str(home.parent), "" if trouble.image is None else str(trouble.image)

    def speaking(line: dict[str, Any]) -> None:
        if "begin" in line:
            at = max(1, int(trouble.moment.after)) if line["begin"] == trouble.moment.step else 0
            say(line)
            settings = {"ROOT": root, "IMAGE": image, "AT": at, "ERROR": trouble.error, "LASTING": +trouble.lasting}
            os.environ.update({f"CRASH_{name}": str(value) for name, value in settings.items()})
            shim.crash_begin(root.encode(), image.encode(), ctypes.c_long(at), trouble.error, trouble.lasting)
        elif "done" in line:
            say({**line, "calls": shim.crash_count()})
        else:
            say(line)

    carry_out(home, plan, speaking)


def with_limit(
    carry_out: Callable[[Path, list[Step], Say], None], home: Path, plan: list[Step], size: int, say: Say
) -> None:
    """Carry out the plan in this process, in which no file may become larger than `size` bytes."""
    # Python ignores the signal that would end it, so that the call fails.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    carry_out(home, plan, say)


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A disk in memory of so many bytes, mounted at `folder`. Raises CalledProcessError where that is not allowed."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "pincite-crash", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


# --- the durable image ------------------------------------------------------------------------------------------------


def begin_image(root: Path, image: Path) -> None:
    """Take all that is in `root` as synced."""
    shutil.rmtree(image, ignore_errors=True)
    for kind in ("files", "names", "keep"):
        (image / kind).mkdir(parents=True)
    for path in (root, *root.rglob("*")):
        inode = str(path.stat().st_ino)
        if path.is_dir():
            lines = [f"{one.stat().st_ino} {'d' if one.is_dir() else 'f'} {one.name}\n" for one in path.iterdir()]
            (image / "names" / inode).write_text("".join(lines))
        else:
            shutil.copyfile(path, image / "files" / inode)
            os.link(path, image / "keep" / inode)


def lose_power(root: Path, image: Path, chance: random.Random | None) -> None:
    """Make `root` what is left of it when the power fails.

    Without `chance` nothing that was not synced is left; with it, some of it is: names one by one, contents wholly or
    in blocks.
    """
    left = root.with_name(f"{root.name}.left")
    _Remains(root, image, chance).make(root.stat().st_ino, root, left)
    shutil.rmtree(root)
    left.rename(root)


class _Remains:
    """What is left of a folder."""

    def __init__(self, root: Path, image: Path, chance: random.Random | None) -> None:
        self._image = image
        self._chance = chance
        self._now = {path.stat().st_ino: path for path in root.rglob("*")}

    def make(self, inode: int, now: Path | None, left: Path) -> None:
        left.mkdir()
        for name, (kind, child) in self._names(inode, now).items():
            if kind == "d":
                self.make(child, self._now.get(child), left / name)
            else:
                (left / name).write_bytes(self._content(child))

    def _names(self, inode: int, now: Path | None) -> dict[str, tuple[str, int]]:
        durable: dict[str, tuple[str, int]] = {}
        listed = self._image / "names" / str(inode)
        if listed.exists():
            for line in listed.read_text().splitlines():
                child, kind, name = line.split(" ", 2)
                durable[name] = (kind, int(child))
        if self._chance is None or now is None:
            return durable
        current = {one.name: ("d" if one.is_dir() else "f", one.stat().st_ino) for one in now.iterdir()}
        chosen = {name: self._chance.choice((durable, current)).get(name) for name in sorted({*durable, *current})}
        return {name: entry for name, entry in chosen.items() if entry is not None}

    def _content(self, inode: int) -> bytes:
        synced = self._image / "files" / str(inode)
        durable = synced.read_bytes() if synced.exists() else b""
        if self._chance is None or inode not in self._now:
            return durable
        current = self._now[inode].read_bytes()
        return self._chance.choice((durable, current, _mixed(durable, current, self._chance)))


def _mixed(durable: bytes, current: bytes, chance: random.Random) -> bytes:
    """Some blocks as they were synced, the others as they were written last; the length is one of both."""
    size = chance.choice((len(durable), len(current)))
    blocks = []
    for start in range(0, size, _BLOCK):
        block = chance.choice((durable, current))[start : start + _BLOCK]
        blocks.append(block.ljust(min(_BLOCK, size - start), b"\0"))
    return b"".join(blocks)
