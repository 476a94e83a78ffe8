"""A real `pincite serve` process with a home of its own, for the tests of the HTTP interface."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

PINCITE = str(Path(sys.executable).with_name("pincite"))

_ROOT = Path(__file__).resolve().parents[2]
_READY = re.compile(r"ready on (http://\S+)")
_READY_SECONDS = 60.0
_STOP_SECONDS = 30.0
_JOB_SECONDS = 60.0

Json = dict[str, Any]


class Server:
    """The process, a client for it, and what tests do with both."""

    def __init__(self, home: Path, *options: str, **settings: str) -> None:
        self.home = home
        self.log_file = home.with_name(f"{home.name}-{time.monotonic_ns()}.log")
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [PINCITE, "--home", str(home), "serve", "--port", "0", *options],
                cwd=_ROOT,
                env=environment(home, **settings),
                stdout=log,
                stderr=log,
                start_new_session=True,  # a terminal of its own, as far as Ctrl-C goes
            )
        try:
            self.url = self._address()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        self.client = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    def _address(self) -> str:
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until:
            if match := _READY.search(self.log()):
                return match[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"the server is not ready; it said: {self.log()}")

    def log(self) -> str:
        return self.log_file.read_text("utf-8", "replace")

    # --- documents -----------------------------------------------------------------------------------------------

    def add_text(self, text: str, **fields: object) -> Json:
        """Ingest a text; gives the finished job."""
        answer = self.client.post("/v1/documents", params={"wait": 60}, json={"text": text, **fields})
        assert answer.status_code == 201, answer.text
        job: Json = answer.json()
        return job

    def add_file(self, name: str, data: bytes, method: str = "POST", path: str = "/v1/documents") -> Json:
        """Ingest a file; gives the finished job."""
        answer = self.client.request(method, path, params={"wait": 60}, files={"file": (name, data)})
        assert answer.status_code == 201, answer.text
        job: Json = answer.json()
        return job

    def ended_job(self, job_id: str) -> Json:
        """The job when it is done or has failed."""
        until = time.monotonic() + _JOB_SECONDS
        while time.monotonic() < until:
            job: Json = self.client.get(f"/v1/jobs/{job_id}").raise_for_status().json()
            if job["status"] in ("done", "failed"):
                return job
            time.sleep(0.05)
        raise AssertionError(f"the job does not end: {job}; the server said: {self.log()}")

    def ask(self, question: str, **fields: object) -> Json:
        answer = self.client.post("/v1/query", json={"question": question, **fields})
        assert answer.status_code == 200, answer.text
        result: Json = answer.json()
        return result

    # --- processes -----------------------------------------------------------------------------------------------

    def worker(self) -> int:
        """The id of the process that ingests."""
        found = [pid for pid in children(self.process.pid) if "spawn_main" in command_line(pid)]
        assert len(found) == 1, found
        return found[0]

    def interrupt(self) -> None:
        """What Ctrl-C on a terminal does: the whole group gets the signal."""
        os.killpg(self.process.pid, signal.SIGINT)

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """End the process; gives its exit code."""
        self.client.close()
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            return self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@contextmanager
def running_server(home: Path, *options: str, **settings: str) -> Iterator[Server]:
    """`settings` become variables of the environment: `max_file_mb="1"` is PINCITE_MAX_FILE_MB=1."""
    server = Server(home, *options, **settings)
    try:
        yield server
    finally:
        server.stop()


def environment(home: Path, **settings: str) -> dict[str, str]:
    """The environment for a command: nothing of Pincite's own but `settings`."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PINCITE_")}
    own |= {"NO_COLOR": "1", "PINCITE_CACHE": str(home.with_name(f"{home.name}-cache")), "COLUMNS": "200"}
    return own | {f"PINCITE_{name.upper()}": value for name, value in settings.items()}


def children(parent: int) -> list[int]:
    """The processes that `parent` started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(int(entry.name)) == parent:
            found.append(int(entry.name))
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def is_running(pid: int) -> bool:
    """Whether there is such a process, and not only what is left of one until somebody asks for its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def has_ended(pid: int, seconds: float) -> bool:
    """Whether the process is gone within `seconds`."""
    until = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_running(pid)


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
