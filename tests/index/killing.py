"""Programs that are killed in the midst of their work."""

import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_and_kill(code: str, after: float, *arguments: str, lines: int = 0) -> tuple[list[str], bool]:
    """What a program had printed, and whether it was still at it, as it was killed.

    It says "open" when its work begins. It is killed `after` seconds from when it has printed so many `lines` more.
    """
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    printed = [process.stdout.readline() for _ in range(lines)]
    time.sleep(after)
    process.kill()
    printed += process.communicate()[0].splitlines(keepends=True)
    # A line that was cut off was not reported.
    return [line for line in printed if line.endswith("\n")], process.returncode < 0


def moment() -> float:
    """Seconds; machines differ in how far they come in one."""
    return random.uniform(0.0, random.choice([0.05, 0.15, 0.4]))
