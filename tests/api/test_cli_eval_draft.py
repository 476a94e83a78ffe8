import json
from pathlib import Path

import pytest

from tests.api.commands import pincite
from tests.retrieval.chat_server import Json, Reply, chat_server, completion

TOWER = "The tower of the museum has 142 steps and no lift. Its keeper lives in the house below the hill."
QUOTE = TOWER.partition(". ")[0] + "."
KEY = "sk-secret-4711"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "museum.txt").write_text(TOWER)
    (folder / "ferry.txt").write_text(TOWER.replace("tower", "ferry").replace("142 steps", "12 cabins"))
    return folder


def test_people_are_told_what_to_do_next(tmp_path: Path, documents: Path) -> None:
    out = tmp_path / "my set"
    ended = pincite(tmp_path / "home", "eval", "draft", documents, "--out", out, "--questions", "2")
    assert (ended.code, ended.text) == (0, "")
    assert ended.errors.splitlines() == [
        "2 questions from 2 documents (2 quantity)",
        f"review '{out}/queries.jsonl': correct or delete each line, remove \"draft\": true,"
        f" then `pincite eval run '{out}'`",
    ]
    assert not (tmp_path / "home").exists()
    again = pincite(tmp_path / "home", "eval", "draft", documents, "--out", out)
    assert again.code == 2
    assert "not overwritten" in again.errors


def test_json_is_one_object_and_unreadable_files_are_the_exit_code(tmp_path: Path, documents: Path) -> None:
    (documents / "scan.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    ended = pincite(tmp_path / "home", "eval", "draft", documents, "--out", tmp_path / "set", "--json")
    assert ended.code == 1
    found = ended.json()
    assert found.pop("unreadable") == [{"path": str(documents / "scan.png"), "reason": found_reason(ended.errors)}]
    assert found == {
        "folder": str(tmp_path / "set"),
        "questions": 2,
        "documents": 2,
        "kinds": {"quantity": 2},
        "drafted_by": "rules",
        "dropped": 0,
        "error": None,
    }
    assert "2 of 50 questions from 2 documents" in ended.errors


def found_reason(errors: str) -> str:
    return errors.splitlines()[0].partition("scan.png: ")[2]


def settings(url: str) -> dict[str, str]:
    return {"ENDPOINT_URL": url, "ENDPOINT_MODEL": "small", "ENDPOINT_KEY": KEY}


def proposal(request: Json) -> Reply:
    passage = request["messages"][1]["content"]
    quote = next(line for line in passage.splitlines() if line.startswith("The ")).partition(". ")[0] + "."
    return completion(json.dumps({"question": f"What has {quote[4:9]}?", "quote": quote, "answer": quote.split()[-4]}))


def test_the_endpoint_of_the_settings_is_asked(
    tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with chat_server(proposal) as server:
        ended = pincite(
            tmp_path / "home", "eval", "draft", documents, "--out", tmp_path / "set", "--json", **settings(server.url)
        )
    assert (ended.code, ended.json()["drafted_by"], ended.json()["questions"]) == (0, "small", 2)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert KEY not in ended.errors + ended.text + (tmp_path / "set" / "queries.jsonl").read_text()


def test_a_failing_endpoint_ends_with_what_was_drafted(
    tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    answers = [proposal, lambda _: Reply(401, f'{{"error": "{KEY}"}}'.encode())]
    with chat_server(lambda request: answers.pop(0)(request)) as server:
        ended = pincite(
            tmp_path / "home", "eval", "draft", documents, "--out", tmp_path / "set", "--json", **settings(server.url)
        )
    assert ended.code == 3
    assert ended.json()["questions"] == 1
    assert len((tmp_path / "set" / "queries.jsonl").read_text().splitlines()) == 1
    assert ended.errors.splitlines()[-1] == (
        f"pincite: {server.url}/chat/completions answered with status 401: check PINCITE_ENDPOINT_KEY"
    )
    assert KEY not in ended.errors + ended.text


def test_half_an_endpoint_is_wrong_use(tmp_path: Path, documents: Path) -> None:
    ended = pincite(tmp_path / "home", "eval", "draft", documents, "--out", tmp_path / "set", ENDPOINT_MODEL="small")
    assert (ended.code, "PINCITE_ENDPOINT_URL is not" in ended.errors) == (2, True)
