from pathlib import Path

import pytest

from tests.api.commands import pincite
from tests.api.fields import DOCUMENT, STATUS

TEXT = "Ünïcødé 👍🏽\tline\r\nsecond line"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    for number in range(3):
        (folder / f"text {number}.txt").write_bytes(f"{TEXT} {number}".encode())
    assert pincite(folder / "home", "ingest", *sorted(folder.glob("*.txt"))).code == 0
    return folder / "home"


def _ids(home: Path) -> list[str]:
    return [str(line["id"]) for line in pincite(home, "documents", "list", "--json").json_lines()]


def test_documents_are_listed(home: Path) -> None:
    lines = pincite(home, "documents", "list", "--json").json_lines()
    assert all(line.keys() == DOCUMENT for line in lines)
    assert {line["title"] for line in lines} == {"text 0", "text 1", "text 2"}
    shown = pincite(home, "documents", "list").text
    assert all(str(line["id"]) in shown for line in lines)


def test_lists_are_paged(home: Path) -> None:
    first = pincite(home, "documents", "list", "--json", "--limit", "2")
    last = str(first.json_lines()[-1]["id"])
    assert first.errors == f"there are more: --after {last}\n"
    second = pincite(home, "documents", "list", "--json", "--limit", "2", "--after", last)
    assert [line["id"] for line in first.json_lines() + second.json_lines()] == _ids(home)
    assert second.errors == ""


def test_a_document_is_shown_and_read_to_the_byte(home: Path) -> None:
    document = _ids(home)[0]
    shown = pincite(home, "documents", "show", document, "--json").json()
    assert shown.keys() >= DOCUMENT
    number = str(shown["title"])[-1]
    assert pincite(home, "documents", "text", document).stdout == f"{TEXT} {number}".replace("\r\n", "\n").encode()
    assert pincite(home, "documents", "export", document).stdout == f"{TEXT} {number}".encode()
    assert document in pincite(home, "documents", "show", document).text


@pytest.mark.parametrize("command", ["show", "text", "export", "remove"])
@pytest.mark.parametrize("document", ["nope", "\udcff", "../x", ""])
def test_documents_that_are_not_there(home: Path, command: str, document: str) -> None:
    ended = pincite(home, "documents", command, document)
    assert (ended.code, ended.stdout) == (2, b"")
    assert "there is no document" in ended.errors


@pytest.mark.parametrize("options", [("--limit", "0"), ("--limit", "1001"), ("--collection", "nope"), ("--limit", "x")])
def test_lists_that_cannot_be(home: Path, options: tuple[str, str]) -> None:
    ended = pincite(home, "documents", "list", *options)
    assert (ended.code, ended.stdout) == (2, b"")


def test_removed_documents_are_gone_but_their_versions_can_be_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ids = [str(pincite(home, "ingest", "--json", "-", stdin=text).json()["document_id"]) for text in (b"One.", b"Two.")]
    version = str(pincite(home, "documents", "show", "--json", ids[0]).json()["version"])
    lines = pincite(home, "documents", "remove", "--json", *ids).json_lines()
    assert [(line["document_id"], line["status"]) for line in lines] == [(name, "removed") for name in ids]
    assert pincite(home, "documents", "list", "--json").stdout == b""
    assert pincite(home, "documents", "text", ids[0]).code == 2
    assert pincite(home, "documents", "text", ids[0], "--version", version).stdout == b"One."
    assert pincite(home, "ask", "--json", "one").json()["passages"] == []


def test_the_status_counts(home: Path) -> None:
    status = pincite(home, "status", "--json").json()
    assert status.keys() >= STATUS
    assert (status["documents"], status["passages"], status["home"]) == (3, 3, str(home))
    assert status["models"].keys() == {"embedder", "reranker"}
    shown = pincite(home, "status").text
    assert str(home) in shown
    assert "bge-small-en-v1.5" in shown
