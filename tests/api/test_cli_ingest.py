import os
from pathlib import Path

import pytest

import corpus
from tests.api.commands import Run, pincite, pincite_process
from tests.api.fields import FILE
from tests.corpus.files import pdf

SAMPLE = Path(corpus.__file__).parent / "sample"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files that can be read and many that cannot."""
    made = tmp_path / "documents"
    (made / "below").mkdir(parents=True)
    (made / "owls.txt").write_text("Owls hunt at night.")
    (made / "below" / "ferry.md").write_text("# Ferry\n\nBicycles cost two crowns.")
    (made / "report.pdf").write_bytes(pdf(["First page.", "", "Third page."]))
    (made / "empty.txt").write_bytes(b"\n\n")
    (made / "large.txt").write_bytes(b"word " * 300_000)
    (made / "secret.pdf").write_bytes(pdf(["Secret."], password="x"))
    (made / "song.mp3").write_bytes(b"ID3" + bytes(200))
    (made / ".hidden.txt").write_text("Hidden.")
    (made / "link.txt").symlink_to(made / "owls.txt")
    os.mkfifo(made / "pipe")
    return made


def _by_name(ended: Run) -> dict[str, dict[str, object]]:
    return {Path(str(line["path"])).name: line for line in ended.json_lines()}


def test_every_file_has_a_line_and_a_bad_one_stops_no_other(home: Path, folder: Path) -> None:
    ended = pincite(home, "ingest", "--json", folder, max_file_mb="1")
    assert ended.code == 1
    lines = _by_name(ended)
    assert all(line.keys() == FILE for line in lines.values())
    assert {name for name, line in lines.items() if line["status"] == "added"} == {"owls.txt", "ferry.md", "report.pdf"}
    reasons = {
        "empty.txt": "is empty",
        "large.txt": "the limit is 1,000,000",
        "secret.pdf": "encrypted with a password",
        "song.mp3": "an MP3 recording",
        "pipe": "a named pipe",
    }
    assert {name for name, line in lines.items() if line["status"] == "failed"} == reasons.keys()
    for name, said in reasons.items():
        assert said in str(lines[name]["reason"])
        assert (lines[name]["document_id"], lines[name]["seq"]) == (None, None)
        assert f"{name}: " in ended.errors
    assert (lines["report.pdf"]["pages_total"], lines["report.pdf"]["pages_with_text"]) == (3, 2)
    assert (lines["owls.txt"]["pages_total"], lines["owls.txt"]["reason"]) == (None, None)
    assert pincite(home, "status", "--json").json()["documents"] == 3
    assert "3 added, 5 failed" in ended.errors


def test_what_did_not_change_is_skipped_and_what_did_is_updated(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "owls.txt"
    file.write_text("Owls hunt at night.")
    added = pincite(home, "ingest", "--json", file).json()
    unchanged = pincite(home, "ingest", "--json", file).json()
    file.write_text("Owls sleep by day.")
    updated = pincite(home, "ingest", "--json", file).json()
    assert [line["status"] for line in (added, unchanged, updated)] == ["added", "unchanged", "updated"]
    assert len({line["document_id"] for line in (added, unchanged, updated)}) == 1
    assert added["seq"] == unchanged["seq"] < updated["seq"]


def test_json_stands_alone_on_stdout(home: Path, tmp_path: Path) -> None:
    (tmp_path / "owls.txt").write_text("Owls hunt at night.")
    ended = pincite_process(home, "ingest", "--json", tmp_path / "owls.txt")
    assert (ended.code, ended.json()["status"]) == (0, "added")
    assert ended.errors == "1 added\n"


def test_people_see_a_summary_on_stderr(home: Path, folder: Path) -> None:
    ended = pincite(home, "ingest", folder / "owls.txt", folder / "empty.txt")
    assert (ended.code, ended.stdout) == (1, b"")
    assert "failed: " in ended.errors
    assert ended.errors.endswith("1 added, 1 failed\n")


def test_a_link_that_is_given_stands_for_its_target(home: Path, folder: Path) -> None:
    line = pincite(home, "ingest", "--json", folder / "link.txt").json()
    assert (line["status"], line["path"]) == ("added", str((folder / "owls.txt").resolve()))


def test_standard_input_is_a_document(home: Path) -> None:
    lines = [
        pincite(home, "ingest", "--json", "-", stdin=text).json() for text in (b"One is 1.", b"Two is 2.", b"One is 1.")
    ]
    assert [line["status"] for line in lines] == ["added", "added", "unchanged"]
    assert lines[0]["document_id"] != lines[1]["document_id"]
    titled = [pincite(home, "ingest", "--json", "-", "--title", "N", stdin=text).json() for text in (b"3.", b"4.")]
    assert [line["status"] for line in titled] == ["added", "updated"]
    assert pincite(home, "documents", "text", str(titled[0]["document_id"])).stdout == b"4."
    empty = pincite(home, "ingest", "--json", "-")
    assert (empty.code, empty.json()["status"]) == (1, "failed")


def test_a_pdf_may_come_from_standard_input(home: Path) -> None:
    line = pincite(home, "ingest", "--json", "-", stdin=pdf(["Owls hunt at night."])).json()
    assert (line["status"], line["pages_total"]) == ("added", 1)


def test_title_metadata_and_collection_are_kept(home: Path, folder: Path) -> None:
    options = ("--title", "Of owls", "--collection", "birds", "--metadata", "year=2026", "--metadata", "note=a=b c")
    line = pincite(home, "ingest", "--json", folder / "owls.txt", *options).json()
    shown = pincite(home, "documents", "show", "--json", str(line["document_id"])).json()
    assert (shown["title"], shown["collection"]) == ("Of owls", "birds")
    assert shown["metadata"] == {"year": 2026, "note": "a=b c"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/no/such/file"], "'/no/such/file' is no file or folder"),
        (["{folder}/owls.txt", "/no/such/file"], "'/no/such/file' is no file or folder"),
        (["{folder}", "--title", "x"], "--title is for a single file"),
        (["{folder}/owls.txt", "-", "--title", "x"], "--title is for a single file, not for 2"),
        (["{folder}/owls.txt", "--metadata", "year"], "metadata must be key=value, not 'year'"),
        (["{folder}/owls.txt", "--metadata", "=2026"], "metadata must be key=value"),
        (["{folder}/owls.txt", "--collection", "../x"], "a collection's name has"),
        ([], "PATHS"),
    ],
)
def test_wrong_use_changes_nothing_and_ends_with_2(home: Path, folder: Path, arguments: list[str], said: str) -> None:
    ended = pincite(home, "ingest", *(argument.format(folder=folder) for argument in arguments))
    assert (ended.code, ended.stdout) == (2, b"")
    assert said.lower() in ended.errors.lower()
    assert pincite(home, "status", "--json").json()["documents"] == 0


def test_file_names_that_are_no_text_or_commands_are_ingested(home: Path, tmp_path: Path) -> None:
    names = (b"\xff\xfe.txt", b"\x1b[31mred.txt", b"-rf.txt", "ü 👍🏽.txt".encode(), b"a\nb.txt", b"$(x)`y`;.txt")
    folder = tmp_path / "odd"
    folder.mkdir()
    for number, name in enumerate(names):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(f"Text number {number}.")
    ended = pincite(home, "ingest", "--json", folder)
    assert ended.code == 0, ended.errors
    assert [line["status"] for line in ended.json_lines()] == ["added"] * len(names)
    assert "\x1b" not in pincite(home, "documents", "list").text


def test_a_file_that_fails_is_named_without_commands_for_the_terminal(home: Path, tmp_path: Path) -> None:
    (tmp_path / "\x1b[2Jx.txt").write_bytes(b"")
    ended = pincite(home, "ingest", tmp_path / "\x1b[2Jx.txt")
    assert ended.code == 1
    assert "\x1b" not in ended.errors


def test_an_empty_folder_is_no_failure(home: Path, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    ended = pincite(home, "ingest", tmp_path / "nothing")
    assert (ended.code, ended.errors) == (0, "no files found\n")


def test_the_sample_documents_can_all_be_read(home: Path) -> None:
    ended = pincite(home, "ingest", "--json", SAMPLE)
    assert ended.code == 0, ended.errors
    assert len(ended.json_lines()) == len([path for path in SAMPLE.iterdir() if path.is_file()])
