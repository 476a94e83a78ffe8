"""The commands of a home's life, run as a user runs them, beside a server and beside an ingestion."""

import subprocess
from pathlib import Path

import pytest

from tests.api.commands import pincite, pincite_process
from tests.api.servers import PINCITE, environment, running_server
from tests.index.test_purging import forms, traces

QUESTION = "Where do the puffins nest?"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    for number in range(60):
        (folder / f"text {number}.txt").write_text(
            f"Puffins nest on cliff {number}. " + f"Gulls nest at {number}. " * 20
        )
    return folder


def _ranked(home: Path) -> list[tuple[str, float]]:
    passages = pincite(home, "ask", "--json", "--top-k", "50", QUESTION).json()["passages"]
    return [(passage["id"], passage["score"]) for passage in passages]


def test_a_backup_beside_an_ingestion_holds_what_was_acknowledged_before(files: Path, tmp_path: Path) -> None:
    home, backup = tmp_path / "home", tmp_path / "backup.tar"
    first = sorted(files.glob("text 1*.txt"))
    ingested = pincite(home, "ingest", "--json", *first)
    known = {line["document_id"] for line in ingested.json_lines() if line["document_id"]}
    command = [PINCITE, "--home", str(home), "ingest", "--json", str(files)]
    with subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writer:
        try:
            assert writer.stdout is not None
            writer.stdout.readline()
            made = pincite(home, "backup", "--json", backup)
            assert writer.poll() is None, "the ingestion ended before the backup"
        finally:
            writer.stdout.read()
    assert (writer.returncode, made.code) == (0, 0), made.errors
    new = tmp_path / "elsewhere"
    restored = pincite_process(new, "restore", "--json", backup).json()
    assert (restored["home"], restored["seq"]) == (str(new), made.json()["seq"])
    assert {line["id"] for line in pincite(new, "documents", "list", "--json").json_lines()} >= known
    assert pincite(new, "status", "--json").json()["index_version"] == restored["seq"]
    assert pincite(new, "verify", "--deep").code == 0
    assert pincite(new, "ingest", "--json", files).code == 0
    assert len(pincite(new, "documents", "list", "--json").json_lines()) == 60


def test_a_restored_home_gives_the_same_answers(files: Path, tmp_path: Path) -> None:
    home, new, backup = tmp_path / "home", tmp_path / "new", tmp_path / "backup.tar"
    ids = [
        line["document_id"] for line in pincite(home, "ingest", "--json", *sorted(files.glob("*0.txt"))).json_lines()
    ]
    assert pincite(home, "documents", "remove", *filter(None, ids[:1])).code == 0
    told = pincite(home, "backup", backup)
    assert f"{backup} holds the home" in told.errors
    assert "is as it was" in pincite(new, "restore", backup).errors
    assert _ranked(new) == _ranked(home) != []
    refused = pincite(new, "restore", backup)
    assert (refused.code, refused.stdout) == (2, b"")
    assert "not empty" in refused.errors
    backup.write_bytes(backup.read_bytes()[:-30_000])
    refused = pincite(tmp_path / "other", "restore", backup)
    assert refused.code == 2
    assert "cut short" in refused.errors
    assert not (tmp_path / "other").exists()


def test_compacting_says_what_it_gave_back(files: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    ids = [
        line["document_id"] for line in pincite(home, "ingest", "--json", *sorted(files.glob("*0.txt"))).json_lines()
    ]
    assert pincite(home, "documents", "remove", *filter(None, ids[1:])).code == 0
    done = pincite(home, "compact", "--json").json()
    assert done["log_emptied"]
    assert done["after"]["words"] < done["before"]["words"]
    assert "before" in pincite(home, "compact").text


def test_a_purge_beside_a_server_leaves_no_trace(tmp_path: Path) -> None:
    home = tmp_path / "home"
    words = forms("zwetschgenkuch", "mirabellentort", "quittengelee")
    with running_server(home) as server:
        server.add_text("Puffins nest on the cliff.", uri="text:birds")
        url = "/v1/documents/recipe-of-quittengelee"
        server.add_file("mirabellentorte.txt", b"Before, it was a Mirabellentorte.", "PUT", url)
        server.add_file("zwetschgenkuchen.txt", b"The recipe of Zwetschgenkuchen: puffins like it.", "PUT", url)
        older = server.client.get(url).json()["version"]
        assert traces(home, *words)
        ended = pincite_process(home, "documents", "remove", "--purge", "--json", "recipe-of-quittengelee")
        assert (ended.code, ended.json()["status"]) == (0, "purged")
        assert traces(home, *words) == []
        for path in (url, f"{url}/text", f"{url}/text?version={older}", f"{url}/original"):
            answer = server.client.get(path)
            assert (answer.status_code, answer.json()["type"]) == (410, "urn:pincite:problem:gone"), path
        checked = pincite_process(home, "verify", "--deep")
        assert checked.code == 0, checked.text
        found = server.ask("What do puffins like?")["passages"]
        assert [passage["text"] for passage in found] == ["Puffins nest on the cliff."]
        assert traces(home, *words) == []
        server.add_text("Something else.", uri="text:other")
        server.add_file("back.txt", b"It is back.", "PUT", url)
        assert server.client.get(f"{url}/text").text == "It is back."


def test_a_purge_over_http(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with running_server(home) as server:
        job = server.add_text("The recipe of Zwetschgenkuchen.", title="Zwetschgenkuchen")
        document = job["results"][0]["document_id"]
        assert server.client.delete(f"/v1/documents/{document}").status_code == 204
        assert traces(home, *forms("zwetschgenkuch"))
        for _ in range(2):
            assert server.client.delete(f"/v1/documents/{document}?purge=true").status_code == 204
        assert traces(home, *forms("zwetschgenkuch")) == []
        assert server.client.get(f"/v1/jobs/{job['id']}").status_code == 404
        assert server.client.delete("/v1/documents/nobody?purge=true").status_code == 404
        assert server.client.delete(f"/v1/documents/{document}").status_code == 410


@pytest.mark.parametrize("command", [["backup", "backup.tar"], ["verify"], ["compact"]])
def test_a_home_that_is_not_there_is_not_made_for_it(tmp_path: Path, command: list[str], monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "backup.tar").write_bytes(b"the last good one")
    (tmp_path / "empty").mkdir()
    for home in (tmp_path / "mistyped", tmp_path / "empty"):
        ended = pincite(home, *command)
        assert (ended.code, ended.stdout) == (2, b"")
        assert f"there is no home '{home}'" in ended.errors
    assert (tmp_path / "backup.tar").read_bytes() == b"the last good one"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["backup.tar", "empty"]


def test_purging_tells_what_it_cannot_do(tmp_path: Path) -> None:
    ended = pincite(tmp_path / "home", "documents", "remove", "--purge", "nobody")
    assert (ended.code, ended.stdout) == (2, b"")
    assert "there is no document 'nobody'" in ended.errors
