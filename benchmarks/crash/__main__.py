"""Work on a home is broken off or fails, hundreds of times; afterwards everything acknowledged must be there.

    python -m benchmarks.crash {kills,power,faults,limit,full} [--rounds 500] [--commands] [--seed N] [--folder DIR]

kills   the processes are killed at a random moment
power   and what they had not synced is lost, all of it or some of it (needs gcc)
faults  calls to the disk fail, once or from some moment on (needs gcc)
limit   files may not grow beyond some size
full    the disk becomes full (needs the right to mount a small one)

With --commands the work is done by the command `pincite` with its real models; else within the processes, by an
embedder that takes no time. What is promised and how the harness works: docs/crash-safety.md. Prints what happened as
JSON; exit code 1 when something was wrong.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # the driver forks, so it must have no threads

from benchmarks.crash import command_home, disk, hash_home
from benchmarks.crash.planning import Means
from benchmarks.crash.rounds import Rounds, Tally

_ROUNDS_OF_A_HOME = 100
_NOTED = 25
_FOLDER = "CRASH_FOLDER"  # kept when the program begins again with the shim
_SMALL_DISK = 40_000_000

HASH = Means(
    hash_home.carry_out,
    hash_home.opened_to_look,
    {"ingest": 6, "update": 6, "remove": 3, "purge": 1, "compact": 2, "backup": 2, "reindex": 2, "rollback": 1},
    passage_tokens=(12, 16, 24),
    steps=6,
)
COMMANDS = Means(
    command_home.carry_out,
    command_home.opened_to_look,
    {"ingest": 4, "update": 4, "remove": 2, "purge": 1, "compact": 1, "backup": 1, "reindex": 1},
    passage_tokens=(16, 32),
    steps=2,
)


def _one_round(mode: str, folder: Path, resources: ExitStack) -> tuple[Path, Callable[[Rounds], None]]:
    """Where homes are made, and what is done to them in a round."""
    if mode == "full":
        root = resources.enter_context(disk.small_disk(folder / "disk", _SMALL_DISK))
        return root, partial(Rounds.fill_once, ballast=root / "ballast")
    if mode in ("power", "faults"):
        disk.ensure_loaded(folder)
    rounds = {
        "kills": Rounds.kill_one,
        "power": partial(Rounds.lose_power_once, image=folder / "image"),
        "faults": Rounds.fail_once,
        "limit": Rounds.limit_once,
    }
    return folder, rounds[mode]


def _run(root: Path, one: Callable[[Rounds], None], means: Means, rounds: int, chance: random.Random) -> Tally:
    tally = Tally()
    for start in range(0, rounds, _ROUNDS_OF_A_HOME):
        place = root / f"{start}"
        place.mkdir()
        harness = Rounds(place / "home", means, chance, tally)
        for _ in range(min(_ROUNDS_OF_A_HOME, rounds - start)):
            one(harness)
            if tally.rounds % _NOTED == 0:
                print(json.dumps(tally.as_dict()), file=sys.stderr, flush=True)
        harness.look()
        if not tally.problems:
            shutil.rmtree(place)
    return tally


def main() -> int:
    """Run one mode; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=("kills", "power", "faults", "limit", "full"))
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--commands", action="store_true", help="work by the command and its models")
    parser.add_argument("--seed", type=int, default=time.time_ns())
    parser.add_argument("--folder", type=Path, help="where homes are made; they are kept when something is wrong")
    given = parser.parse_args()
    folder = Path(os.environ.get(_FOLDER) or tempfile.mkdtemp(prefix="crash-", dir=given.folder))
    os.environ[_FOLDER] = str(folder)
    with ExitStack() as resources:
        root, one = _one_round(given.mode, folder, resources)
        tally = _run(root, one, COMMANDS if given.commands else HASH, given.rounds, random.Random(given.seed))
        if tally.problems and root != folder:
            shutil.copytree(root, folder / "kept")
    print(json.dumps({"mode": given.mode, "seed": given.seed, **tally.as_dict()}, indent=1))
    if tally.problems:
        print(f"the homes are kept in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
