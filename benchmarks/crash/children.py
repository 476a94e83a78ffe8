"""Processes to be killed: forked from a driver that has everything imported, each the head of a process group."""

import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from corpus.errors import PinciteError

_LONGEST_SECONDS = 300.0

# What the command line turns into a line and an exit code.
_CLEAR = (PinciteError, OSError)

Say = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Moment:
    """When to break off: `after` so many seconds, or calls to the disk, from the beginning of step `step`."""

    step: int
    after: float


def run(work: Callable[[Say], None], hear: Say, moment: Moment | None = None) -> int:
    """Run `work` in a process of its own; `hear` gets each line that it said, also those it said before it was killed.

    Returns its exit code, below zero when a signal ended it. Raises TimeoutError when it hangs.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_the_child(work, writing)
    os.close(writing)
    with suppress(OSError):  # the child does so, too; whoever is first
        os.setpgid(child, child)
    try:
        _listen(child, reading, hear, moment)
    finally:
        _kill_group(child)
        os.close(reading)
        status = os.waitpid(child, 0)[1]
    return os.waitstatus_to_exitcode(status)


def _listen(child: int, reading: int, hear: Say, moment: Moment | None) -> None:
    buffer, ends = b"", time.monotonic() + _LONGEST_SECONDS
    kill_at: float | None = None
    while True:
        now = time.monotonic()
        if now > ends:
            raise TimeoutError("the process hangs")
        wait = ends - now if kill_at is None else max(0.0, kill_at - now)
        if not select.select([reading], [], [], wait)[0]:
            kill_at = None
            _kill_group(child)
            continue
        data = os.read(reading, 1 << 16)
        if not data:
            return
        *lines, buffer = (buffer + data).split(b"\n")
        for line in map(json.loads, lines):
            hear(line)
            if moment is not None and line.get("begin") == moment.step:
                kill_at = time.monotonic() + moment.after


def _kill_group(child: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)


def _be_the_child(work: Callable[[Say], None], writing: int) -> None:
    code = 1
    try:
        os.setpgid(0, 0)
        work(lambda fields: _write_line(writing, fields))
        code = 0
    except BaseException as error:
        told = {"error": f"{type(error).__name__}: {error}", "clear": isinstance(error, _CLEAR)}
        _write_line(writing, {**told, "trace": traceback.format_exc()})
    finally:
        sys.stderr.flush()
        os._exit(code)


def _write_line(writing: int, fields: dict[str, Any]) -> None:
    # One write for a line: a process that is killed has said all of it or nothing.
    os.write(writing, json.dumps(fields).encode() + b"\n")
