"""The server as a process: its worker, its end, its neighbours on the same port and the same home."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.api.servers import PINCITE, Server, children, environment, has_ended, running_server

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes by way of /proc")

CATS = "Cats sleep sixteen hours a day. "
LONG = "".join(
    f"Sentence number {number} of a long report is about tide table {number % 97}. " for number in range(400)
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("served") / "home") as running:
        yield running


def _upload(server: Server, text: str, **fields: object) -> str:
    answer = server.client.post("/v1/documents", json={"text": text, **fields})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
    return str(answer.json()["id"])


def _started(server: Server, job: str) -> None:
    until = time.monotonic() + 30
    while server.client.get(f"/v1/jobs/{job}").json()["status"] == "queued":
        assert time.monotonic() < until, "the job does not start"
        time.sleep(0.02)


# --- one server, many uploads -------------------------------------------------------------------------------------


def test_questions_are_answered_while_an_upload_is_at_work(server: Server) -> None:
    server.add_text(CATS, title="Cats")
    # The first question waits for the model to be loaded, for which the upload would not wait.
    server.ask("How long do cats sleep?", rerank=False)
    job = _upload(server, LONG, title="Long report")
    _started(server, job)
    answers = [server.ask("How long do cats sleep?", rerank=False) for _ in range(5)]
    assert server.client.get(f"/v1/jobs/{job}").json()["status"] == "running", "the upload ended too early to tell"
    assert all("sixteen" in answer["passages"][0]["text"] for answer in answers)
    assert server.ended_job(job)["status"] == "done"
    found = server.ask("What is tide table 42 in the long report?", min_version=server.ended_job(job)["seq"])
    assert found["passages"][0]["document_title"] == "Long report"


def test_a_killed_worker_fails_the_job_it_was_at_and_only_that(server: Server) -> None:
    """A document that brings the worker down must not take along what waits behind it, nor must a second one."""
    hit = [_upload(server, f"{LONG} {number}", title=f"Killed {number}") for number in range(2)]
    waiting = _upload(server, "Owls hunt at night.", title="Owls")
    for job in hit:
        _started(server, job)
        os.kill(server.worker(), signal.SIGKILL)
        failed = server.ended_job(job)
        assert failed["status"] == "failed"
        assert "upload again" in failed["errors"][0]
    assert server.ended_job(waiting)["status"] == "done"
    assert server.add_text("Dogs bark at the postman.", title="Dogs")["status"] == "done"
    titles = {item["title"] for item in server.client.get("/v1/documents", params={"limit": 100}).json()["data"]}
    assert titles >= {"Dogs", "Owls"}
    assert not titles & {"Killed 0", "Killed 1"}


def test_a_worker_that_is_killed_while_it_rests_is_replaced(server: Server) -> None:
    server.add_text("Foxes live in dens.", title="Foxes")
    worker = server.worker()
    os.kill(worker, signal.SIGKILL)
    assert has_ended(worker, 5)
    assert server.add_text("Badgers live in setts.", title="Badgers")["status"] == "done"


def test_uploads_leave_nothing_behind(server: Server) -> None:
    server.add_text("Moles dig tunnels.", title="Moles")
    answer = server.client.post("/v1/documents", params={"wait": 60}, files={"file": ("empty.txt", b"  ")})
    assert answer.status_code == 422
    assert list((server.home / "uploads").iterdir()) == []


def test_what_another_process_ingests_is_answered_within_two_seconds(server: Server, tmp_path: Path) -> None:
    (tmp_path / "herons.txt").write_text("Herons stand on one leg in shallow water.")
    command = [PINCITE, "--home", str(server.home), "ingest", "--json", str(tmp_path / "herons.txt")]
    run = subprocess.run(command, env=environment(server.home), capture_output=True, check=True, timeout=60)
    reported = time.monotonic()
    result = json.loads(run.stdout)
    assert result["status"] == "added"
    answer = server.ask("Where do herons stand on one leg?", min_version=result["seq"])
    assert time.monotonic() - reported < 2
    assert answer["passages"][0]["document_id"] == result["document_id"]


def test_a_second_server_on_the_port_is_refused(server: Server, tmp_path: Path) -> None:
    port = server.url.rpartition(":")[2]
    command = [PINCITE, "--home", str(tmp_path / "other"), "serve", "--port", port]
    run = subprocess.run(command, env=environment(tmp_path / "other"), capture_output=True, text=True, timeout=60)
    assert run.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}" in run.stderr
    assert "--port" in run.stderr
    assert "Traceback" not in run.stderr


# --- the end ------------------------------------------------------------------------------------------------------


def test_ctrl_c_ends_server_and_worker_at_once_and_the_next_server_takes_up_the_jobs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    server = Server(home)
    running = _upload(server, LONG[: len(LONG) // 2], title="Long report")
    _started(server, running)
    queued = _upload(server, CATS, title="Cats")
    worker, helpers = server.worker(), children(server.process.pid)
    begun = time.monotonic()
    server.interrupt()
    assert server.stop() == 0
    assert time.monotonic() - begun < 5
    assert all(has_ended(pid, 2) for pid in (worker, *helpers))
    assert "Traceback" not in server.log()

    with running_server(home) as successor:
        assert successor.ended_job(running)["status"] == "done"
        assert successor.ended_job(queued)["status"] == "done"
        assert "sixteen" in successor.ask("How long do cats sleep?")["answer"]["text"]


def test_a_killed_server_takes_its_worker_along_and_loses_no_upload(tmp_path: Path) -> None:
    home = tmp_path / "home"
    server = Server(home)
    job = _upload(server, LONG[: len(LONG) // 2], title="Long report")
    _started(server, job)
    worker = server.worker()
    server.stop(signal.SIGKILL)
    assert has_ended(worker, 5), "an orphan goes on holding the models in memory"
    with running_server(home) as successor:
        assert successor.ended_job(job)["status"] == "done"


def test_being_terminated_ends_the_worker_and_does_not_wait_for_clients(tmp_path: Path) -> None:
    server = Server(tmp_path / "home")
    server.add_text(CATS, title="Cats")
    worker = server.worker()
    with ThreadPoolExecutor(1) as pool:
        client = pool.submit(_wait_for_an_upload, server.url)
        until = time.monotonic() + 20
        while not client.running() or not list((server.home / "uploads").iterdir()):
            assert time.monotonic() < until, "the upload does not arrive"
            time.sleep(0.02)
        begun = time.monotonic()
        assert server.stop(signal.SIGTERM) == 0
        assert time.monotonic() - begun < 10
        assert client.result(5) != 201
    assert has_ended(worker, 2)


def _wait_for_an_upload(url: str) -> int | None:
    """The status of the answer, or None for none."""
    long_enough = {"text": LONG * 20, "title": "Longest report"}
    try:
        return httpx.post(
            f"{url}/v1/documents", params={"wait": 60}, json=long_enough, trust_env=False, timeout=90
        ).status_code
    except httpx.TransportError:
        return None
