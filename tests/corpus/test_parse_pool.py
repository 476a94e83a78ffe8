import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpus import parse_pool
from corpus.errors import TooLargeError, UnreadableError
from corpus.parse_pool import ParsePool, WorkerLimits
from corpus.parsers import ParseLimits, ParseOptions, parse


@pytest.fixture
def pool_of():
    pools = []

    def make(limits=None, **workers):
        pools.append(ParsePool(ParseOptions(limits or ParseLimits()), WorkerLimits(**workers)))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


def test_the_same_as_in_this_process(pool_of):
    pool = pool_of()
    files = {f"{number}.md": f"# Puffin {number}\n\nIt dives.\n".encode() for number in range(20)}
    pending = [(name, data, pool.parse(data, name)) for name, data in files.items()]
    for name, data, document in pending:
        assert document.result() == parse(data, name)


def test_errors_of_parsers_come_through(pool_of):
    pool = pool_of(ParseLimits(max_characters=10), count=1)
    with pytest.raises(UnreadableError, match=r"'blank\.txt' is empty"):
        pool.parse(b" ", "blank.txt").result()
    with pytest.raises(TooLargeError, match="11 characters"):
        pool.parse(b"x" * 11, "long.txt").result()


def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_is_read(pool_of):
    pool = pool_of(count=1, seconds=0.05)
    pool.parse(b"warm", "warm.txt")
    slow = pool.parse("It dives. \u00e4".encode("latin-1") * 1_500_000, "slow.txt")
    with pytest.raises(UnreadableError, match=r"'slow.txt' was given up: .* more than 0.05 seconds"):
        slow.result()
    pool = pool_of(count=1)
    assert pool.parse(b"Two puffins.", "b.txt").result().text == "Two puffins."


def test_a_file_that_needs_too_much_memory_is_refused(pool_of):
    pool = pool_of(ParseLimits(max_bytes=10_000_000), count=1, memory_mb=10)
    with pytest.raises(TooLargeError, match="needs more memory"):
        pool.parse("It dives. \u00e4".encode("latin-1") * 800_000, "huge.txt").result()
    assert pool.parse(b"Two puffins.", "b.txt").result().text == "Two puffins."


def test_a_crash_of_the_reader_ends_one_file_only(pool_of):
    others = set(multiprocessing.active_children())
    pool = pool_of(count=1)
    pool.parse(b"warm", "warm.txt").result()
    workers = set(multiprocessing.active_children()) - others
    doomed = pool.parse("It dives. \u00e4".encode("latin-1") * 3_000_000, "doomed.txt")
    time.sleep(0.1)
    for worker in workers:
        os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(UnreadableError, match=r"'doomed\.txt' was given up: its reader crashed"):
        doomed.result()
    assert pool.parse(b"Two puffins.", "b.txt").result().text == "Two puffins."


def test_a_defect_of_a_parser_is_logged_and_told(caplog):
    with pytest.raises(UnreadableError, match="ZeroDivisionError"):
        parse_pool._guarded(lambda data, name: 1 / 0, b"", "defect.txt")
    assert "defect.txt" in caplog.text


_ORPHANS = """
import os, signal, time, multiprocessing
from corpus.parse_pool import ParsePool, WorkerLimits
from corpus.parsers import ParseOptions
if __name__ == "__main__":
    ParsePool(ParseOptions(), WorkerLimits(count=2)).parse(b"Two puffins.", "b.txt").result()
    print(*[child.pid for child in multiprocessing.active_children()], flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_end_with_the_process_that_asked(tmp_path):
    script = tmp_path / "orphans.py"
    script.write_text(_ORPHANS)
    root = str(Path(parse_pool.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment)
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    until = time.monotonic() + 10
    while any(_lives(pid) for pid in pids):
        assert time.monotonic() < until, "a worker outlived its parent"
        time.sleep(0.05)


def _lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
