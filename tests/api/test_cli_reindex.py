"""`pincite reindex` as users see it."""

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from api.cli.ingest_progress import IngestProgress
from corpus.errors import ReindexError
from index import shadow_builder
from index.shadow_builder import ReindexProgress
from tests.api.commands import pincite

TEXT = "\n\n".join(f"Paragraph {part} says something of {part * part} owls." * 4 for part in range(12)).encode()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    pincite(home, "ingest", "-", stdin=TEXT)
    return home


def test_what_was_done_is_said_to_people(home: Path) -> None:
    ended = pincite(home, "reindex", passage_tokens="60")
    assert (ended.code, ended.stdout) == (0, b"")
    assert ended.errors.startswith("reindexed 1 documents with bge-small-en-v1.5, ")
    assert "passages of up to about 60 tokens (vectors: " in ended.errors
    assert pincite(home, "ask", "owls").code == 0, "the home keeps the length of its passages"
    refused = pincite(home, "ask", "owls", passage_tokens="70")
    assert (refused.code, "passages of 60 tokens, the setting says 70" in refused.errors) == (3, True)


def test_as_json_it_is_one_object(home: Path) -> None:
    before = pincite(home, "status", "--json").json()
    done = pincite(home, "reindex", "--json", passage_tokens="60").json()
    assert (done["status"], done["model"], done["passage_tokens"]) == ("reindexed", "bge-small-en-v1.5", 60)
    assert (done["generation"], done["seq"], done["documents"]) == (2, before["index_version"] + 1, 1)
    assert done["passages"] == done["embedded"] + done["reused"] + done["resumed"]
    assert done["validation"]["passages"] == done["passages"]
    assert done["validation"]["lowest_cosine"] > 0.999
    after = pincite(home, "status", "--json").json()
    assert (after["passages"], after["index_version"]) == (done["passages"], done["seq"])


def test_going_back_says_which_settings_do_not_fit_any_more(home: Path) -> None:
    pincite(home, "reindex", passage_tokens="60")
    ended = pincite(home, "reindex", "--rollback", passage_tokens="60")
    assert ended.code == 0
    assert "200 tokens (vectors: " in ended.errors
    assert "taken over" in ended.errors
    assert "PINCITE_PASSAGE_TOKENS=60 does not fit any more: leave it out\n" in ended.errors
    assert pincite(home, "ask", "owls").code == 0


def test_there_may_be_nothing_to_go_back_to(home: Path) -> None:
    ended = pincite(home, "reindex", "--rollback")
    assert (ended.code, "nothing to go back to" in ended.errors) == (2, True)


def test_what_a_run_left_is_shown_and_can_be_discarded(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_arguments: object) -> None:
        raise ReindexError("the vectors are not right")

    before = pincite(home, "status", "--json").json()
    assert before["reindexing"] is None
    assert "built anew" not in pincite(home, "status").text
    with monkeypatch.context() as patch:
        patch.setattr(shadow_builder, "_PART_PASSAGES", 1)
        patch.setattr("index.reindex.check_sample", stop)
        failed = pincite(home, "reindex", passage_tokens="60")
    assert (failed.code, failed.stdout, failed.errors) == (3, b"", "pincite: the vectors are not right\n")
    left = pincite(home, "status", "--json").json()
    assert left | {"reindexing": None} == before
    assert left["reindexing"] | {"passages_done": 0} == {
        "model": "bge-small-en-v1.5",
        "passage_tokens": 60,
        "documents_done": 1,
        "documents_total": 1,
        "passages_done": 0,
    }
    assert "`pincite reindex --discard` drops it" in pincite(home, "status").text
    assert json.loads(pincite(home, "reindex", "--discard", "--json").stdout) == {"status": "discarded"}
    assert pincite(home, "status", "--json").json() == before
    assert "there is nothing to discard" in pincite(home, "reindex", "--discard").errors


@pytest.mark.parametrize(
    "others", [("--discard", "--rollback"), ("--rollback", "--model", "x"), ("--discard", "--reparse")]
)
def test_options_that_exclude_each_other(home: Path, others: tuple[str, ...]) -> None:
    ended = pincite(home, "reindex", *others)
    assert (ended.code, "cannot be given together" in ended.errors) == (2, True)


def test_the_bars_count_what_was_there_but_not_in_their_rate() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120, color_system=None)
    with IngestProgress(quiet=False, unit="documents", console=console) as progress:
        progress.built(ReindexProgress(2, 4, 1_000_000))
        first = out.getvalue()
        progress.built(ReindexProgress(3, 4, 1_000_001))
    assert "left" not in first
    last = out.getvalue()[out.getvalue().rindex("documents") :]
    documents, passages = last.splitlines()[:2]
    assert re.search(r"3/4 +[\d.]+/s +0:00:0\d left", documents)
    rate = re.search(r"1000001/\? +([\d.]+)/s", passages)
    assert rate is not None
    assert float(rate[1]) < 100_000
