import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from corpus.errors import LockedError
from index.lock import WriteLock

ROOT = Path(__file__).resolve().parents[2]
_HOLD = (
    "import sys, time; from pathlib import Path; from index.lock import WriteLock\n"
    "with WriteLock(Path(sys.argv[1])).held(10):\n    print('held', flush=True); sys.stdin.read()"
)


@contextmanager
def held_elsewhere(home: Path):
    """Another process that holds the lock until its input ends or it is killed."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", _HOLD, str(home)], cwd=ROOT, **pipes) as child:
        assert child.stdout.readline() == "held\n"
        try:
            yield child
        finally:
            child.kill()


def test_another_process_is_refused_with_the_name_of_the_holder(tmp_path):
    lock = WriteLock(tmp_path)
    with held_elsewhere(tmp_path) as child:
        begun = time.monotonic()
        with pytest.raises(LockedError, match=f"process {child.pid} on .* is writing"), lock.held(0.2):
            pass
        assert 0.2 <= time.monotonic() - begun < 5
        with pytest.raises(LockedError), lock.held(0):
            pass


def test_it_is_had_once_the_holder_lets_go_or_is_killed(tmp_path):
    lock = WriteLock(tmp_path)
    with held_elsewhere(tmp_path) as child:
        child.stdin.close()
        with lock.held(10):
            pass
    with held_elsewhere(tmp_path) as child:
        child.send_signal(signal.SIGKILL)
        with lock.held(10):
            pass


def test_threads_exclude_each_other(tmp_path):
    lock = WriteLock(tmp_path)
    inside: list[int] = []

    def work(number: int) -> None:
        for _ in range(5):
            with lock.held(20):
                inside.append(number)
                time.sleep(0.001)
                assert inside == [number]
                inside.clear()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, number) for number in range(4)]:
            done.result()
        with lock.held(0), pytest.raises(LockedError):
            pool.submit(_take, lock).result()


def test_a_thread_may_take_it_again_and_keeps_it_until_the_outer_block_ends(tmp_path):
    lock = WriteLock(tmp_path)
    with lock.held(0), ThreadPoolExecutor(1) as pool:
        with lock.held(0):
            pass
        with pytest.raises(LockedError):
            pool.submit(_take, lock).result()
    _take(lock)


def test_it_is_let_go_after_an_error(tmp_path):
    lock = WriteLock(tmp_path)

    def fail() -> None:
        with lock.held(0):
            raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        fail()
    _take(WriteLock(tmp_path))


@pytest.mark.parametrize("note", ["", "{", "[]", json.dumps({"pid": 1}), "\x00\xff"])
def test_a_broken_note_costs_only_the_name(tmp_path, note):
    lock = WriteLock(tmp_path)
    with lock.held(0), ThreadPoolExecutor(1) as pool:
        (tmp_path / "write.lock.owner").write_text(note, encoding="latin-1")
        with pytest.raises(LockedError, match="another process is writing"):
            pool.submit(_take, lock).result()


def _take(lock: WriteLock) -> None:
    with lock.held(0):
        pass
