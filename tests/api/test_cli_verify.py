import sqlite3
from pathlib import Path

import pytest

from tests.api.commands import pincite


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "owls.txt").write_text("Owls hunt at night.")
    assert pincite(tmp_path / "home", "ingest", tmp_path / "owls.txt").code == 0
    return tmp_path / "home"


_TEXT = "UPDATE texts SET text = 'Owls hunt by day!!!'"


def change(home: Path, statement: str) -> None:
    connection = sqlite3.connect(home / "store.db")
    with connection:
        connection.execute(statement)
    connection.close()


def test_a_whole_home_ends_with_zero(home):
    shallow = pincite(home, "verify")
    assert (shallow.code, "damaged" in shallow.text) == (0, False)
    deep = pincite(home, "verify", "--deep", "--json")
    report = deep.json()
    assert (deep.code, report["status"], report["deep"]) == (0, "ok", True)
    assert {check["status"] for check in report["checks"]} == {"ok"}
    assert "embeddings" in {check["name"] for check in report["checks"]}


def test_damage_to_the_store_ends_with_one_and_names_the_document(home):
    change(home, _TEXT)
    ended = pincite(home, "verify")
    assert ended.code == 1
    assert "('owls')" in ended.errors
    assert "its text was changed" in ended.errors
    report = pincite(home, "verify", "--json").json()
    assert report["status"] == "damaged"
    assert [check["name"] for check in report["checks"] if check["status"] == "damaged"] == ["texts"]


def test_an_index_that_was_repaired_ends_with_one_and_then_with_zero(home):
    next((home / "index" / "words").glob("*.term")).write_bytes(b"nothing")
    ended = pincite(home, "verify", "--json")
    assert (ended.code, ended.json()["status"]) == (1, "repaired")
    assert pincite(home, "verify").code == 0


def test_a_home_that_cannot_be_opened_is_checked_as_far_as_it_can_be_read(home):
    change(home, "UPDATE store_state SET seq = seq + 1")
    change(home, _TEXT)
    ended = pincite(home, "verify", "--json")
    statuses = {check["name"]: check["status"] for check in ended.json()["checks"]}
    assert (ended.code, statuses["opening"], statuses["counter"]) == (1, "damaged", "damaged")
    assert (statuses["texts"], statuses["versions"]) == ("damaged", "ok")
    (home / "store.db").unlink()
    ended = pincite(home, "verify", "--json")
    (check,) = ended.json()["checks"]
    assert (ended.code, check["name"], check["status"]) == (1, "opening", "damaged")
    assert "missing or empty" in check["details"][0]
