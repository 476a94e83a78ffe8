"""Documents in languages that the default embedder was not made for: found by their words, and said to be there."""

from pathlib import Path

import pytest

from tests.api.commands import pincite

GERMAN = (
    "Der Leuchtturm wurde auf einem Felsen vor dem Hafen gebaut, und sein Wärter lebte dort mit der Familie. "
    "Die Verträge der Fischer enden jedes Jahr im Herbst, wenn die Häuser am Wasser leer stehen."
)
ENGLISH = "The lighthouse was built on a rock in front of the harbour, and its keeper lived there with his family."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    (made / "leuchtturm.txt").write_text(GERMAN)
    (made / "lighthouse.txt").write_text(ENGLISH)
    return made


def test_ingest_and_status_say_what_the_model_does_not_cover(tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    only_english = pincite(home, "ingest", folder / "lighthouse.txt")
    assert "not cover" not in only_english.errors
    assert pincite(home, "status", "--json").json()["uncovered_languages"] == {}
    assert "not covered" not in pincite(home, "status").text

    ended = pincite(home, "ingest", folder)
    assert ended.code == 0
    (line,) = [line for line in ended.errors.splitlines() if "not cover" in line]
    assert "bge-small-en-v1.5" in line
    assert "1 in German" in line
    assert "pincite reindex" in line
    assert pincite(home, "status", "--json").json()["uncovered_languages"] == {"de": 1}
    assert "1 in German" in " ".join(pincite(home, "status").text.split())
    assert "not cover" not in pincite(home, "ingest", folder).errors  # nothing is new

    pincite(home, "documents", "remove", _document(home, "leuchtturm.txt"))
    assert pincite(home, "status", "--json").json()["uncovered_languages"] == {}


def test_their_inflected_words_are_found(tmp_path: Path, folder: Path) -> None:
    home = tmp_path / "home"
    pincite(home, "ingest", folder)
    for question in ("Wann endet der Vertrag?", "Haus am Wasser", "Vertrg"):
        answer = pincite(home, "ask", "--json", "--mode", "lexical", "--no-rerank", question).json()
        assert [passage["document_title"] for passage in answer["passages"]] == ["leuchtturm"], question


def _document(home: Path, name: str) -> str:
    listed = pincite(home, "documents", "list", "--json").json_lines()
    (found,) = [document["id"] for document in listed if document["name"] == name]
    return str(found)
