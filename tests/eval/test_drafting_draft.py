import json
from pathlib import Path

import pytest

from corpus.errors import BadInputError, EndpointError
from corpus.parsers import parse
from corpus.text import canonical
from eval.datasets import load
from eval.drafting import Drafted, draft_set
from eval.evidence import resolve
from retrieval.endpoint import ChatEndpoint
from retrieval.settings import Settings
from tests.retrieval.chat_server import Json, Reply, chat_server, completion

SAMPLE = Path(__file__).resolve().parents[2] / "corpus" / "sample"
FINANCEBENCH = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "financebench" / "pdfs"

TOWER = "The tower of the museum has 142 steps and no lift."
GUIDE = "A guide through the museum costs 350 crowns for an hour."


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    (folder / "below").mkdir(parents=True)
    (folder / "museum.txt").write_text(f"{TOWER}\n\n{GUIDE}\n")
    (folder / "below" / "ferry.md").write_text("# Ferry\n\nThe ferry to the island takes 25 minutes in summer.\n")
    (folder / ".hidden.txt").write_text("The hidden house of the island has 12 windows.")
    return folder


def draft(documents: Path, out: Path, endpoint: ChatEndpoint | None = None, count: int = 50, seed: int = 0) -> Drafted:
    settings = Settings(home=out / "home", cache=out / "cache")
    return draft_set(documents, out, settings, endpoint, count, seed, lambda *_: None)


def lines(out: Path) -> list[Json]:
    return [json.loads(line) for line in (out / "queries.jsonl").read_text("utf-8").splitlines()]


def test_a_folder_becomes_a_set_of_drafts(tmp_path: Path, documents: Path) -> None:
    out = tmp_path / "new" / "set"
    drafted = draft(documents, out)
    assert (drafted.questions, drafted.documents, drafted.drafted_by) == (3, 2, "rules")
    assert dict(drafted.kinds) == {"quantity": 2, "amount": 1}
    (line,) = [line for line in lines(out) if line["kind"] == "amount"]
    assert line == {
        "_id": line["_id"],
        "text": "How much does a guide through the museum cost for an hour?",
        "answers": ["350 crowns"],
        "answerable": True,
        "evidence": [{"doc_id": "museum", "quote": GUIDE}],
        "kind": "amount",
        "draft": True,
        "drafted_by": "rules",
    }
    # As the documentation removes the mark.
    assert ', "draft": true' in (out / "queries.jsonl").read_text()


def test_the_loader_reads_it_and_leaves_drafts_out(tmp_path: Path, documents: Path) -> None:
    draft(documents, tmp_path / "set")
    loaded = load(tmp_path / "set", drafts=True)
    assert {document.id for document in loaded.documents} == {"museum", "ferry"}
    assert all(question.draft and question.answerable for question in loaded.questions)
    assert {question.properties["kind"] for question in loaded.questions} == {"quantity", "amount"}
    with pytest.raises(BadInputError, match="drafts"):
        load(tmp_path / "set")


def test_a_set_beside_its_documents_can_be_moved_with_them(tmp_path: Path, documents: Path) -> None:
    for out in (documents.parent / "set", documents.parent / "far" / "set"):
        draft(documents, out)
    assert json.loads((documents.parent / "set" / "set.json").read_text()) == {"documents": "../texts"}
    assert json.loads((documents.parent / "far" / "set" / "set.json").read_text()) == {"documents": str(documents)}
    documents.parent.rename(tmp_path.with_name(f"{tmp_path.name}-moved"))
    assert load(tmp_path.with_name(f"{tmp_path.name}-moved") / "set", drafts=True).questions


def test_documents_inside_of_the_set(tmp_path: Path, documents: Path) -> None:
    out = tmp_path / "set"
    out.mkdir()
    documents.rename(out / "documents")
    draft(out / "documents", out)
    assert load(out, drafts=True).questions


@pytest.mark.parametrize("name", ["queries.jsonl", "set.json", "corpus.jsonl", "qrels.tsv"])
def test_a_set_is_never_overwritten(tmp_path: Path, documents: Path, name: str) -> None:
    out = tmp_path / "set"
    out.mkdir()
    (out / name).write_text("reviewed")
    with pytest.raises(BadInputError, match="not overwritten"):
        draft(documents, out)
    assert [path.name for path in out.iterdir()] == [name]
    assert (out / name).read_text() == "reviewed"


def test_a_set_among_its_documents_is_refused(documents: Path) -> None:
    for out in (documents, documents / "below", documents / "new"):
        with pytest.raises(BadInputError, match="outside"):
            draft(documents, out)


def test_a_file_is_no_folder_for_a_set(tmp_path: Path, documents: Path) -> None:
    (tmp_path / "set").write_text("")
    for out in (tmp_path / "set", tmp_path / "set" / "below"):
        with pytest.raises(BadInputError, match=r"is a file|cannot be written"):
            draft(documents, out)


def test_two_files_with_one_stem_are_said_before_anything_is_read(tmp_path: Path, documents: Path) -> None:
    (documents / "museum.pdf").write_bytes(b"broken")
    with pytest.raises(BadInputError, match=r"museum.*share the id 'museum'"):
        draft(documents, tmp_path / "set")


def test_folders_without_documents(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match="no files"):
        draft(tmp_path / "empty", tmp_path / "set")
    with pytest.raises(BadInputError, match="is no folder"):
        draft(tmp_path / "absent", tmp_path / "set")


def test_what_cannot_be_read_is_reported_and_the_rest_goes_on(tmp_path: Path, documents: Path) -> None:
    (documents / "broken.pdf").write_bytes(b"%PDF-1.4\nbroken")
    (documents / "empty.txt").write_text(" ")
    drafted = draft(documents, tmp_path / "set")
    assert drafted.questions == 3
    assert [Path(one.path).name for one in drafted.unreadable] == ["broken.pdf", "empty.txt"]
    assert "empty" in drafted.unreadable[1].reason


def test_where_nothing_can_be_drafted_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text("Nothing to ask for.")
    (folder / "b.txt").write_text("")
    with pytest.raises(BadInputError, match=r"no question could be drafted.*empty"):
        draft(folder, tmp_path / "set")
    assert not (tmp_path / "set").exists()


def about_the_tower(request: Json) -> Reply:
    quote = TOWER if TOWER in request["messages"][1]["content"] else "no such text"
    return completion(json.dumps({"question": "How many steps are there?", "quote": quote, "answer": "142 steps"}))


def test_through_an_endpoint(tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (documents / "below" / "ferry.md").write_text(f"# Ferry\n\n{'The ferry to the island is a slow one. ' * 4}\n")
    with chat_server(about_the_tower) as server, ChatEndpoint(server.url, "org/small-1") as endpoint:
        drafted = draft(documents, tmp_path / "set", endpoint)
    assert (drafted.questions, drafted.dropped, drafted.error) == (1, 1, None)
    (line,) = lines(tmp_path / "set")
    assert (line["drafted_by"], line["kind"], line["evidence"][0]["quote"]) == ("org/small-1", "generated", TOWER)


def test_an_endpoint_that_fails_at_once_writes_nothing(
    tmp_path: Path, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with (
        chat_server(lambda _: Reply(401, b"")) as server,
        ChatEndpoint(server.url, "small") as endpoint,
        pytest.raises(EndpointError, match="401"),
    ):
        draft(documents, tmp_path / "set", endpoint)
    assert not (tmp_path / "set").exists()


def check_evidence(out: Path) -> None:
    """Every quote is found once in our text of its document, with the answer in it."""
    loaded = load(out, drafts=True)
    paths = {document.id: Path(str(document.content)) for document in loaded.documents}
    report = resolve(loaded.questions, lambda id_: parse(paths[id_].read_bytes(), paths[id_].name).text).report
    assert report.counts == {"resolved": len(loaded.questions)}
    assert all(question.answers[0] in canonical(question.evidence[0].quote or "") for question in loaded.questions)


def test_the_sample_documents(tmp_path: Path) -> None:
    first = draft(SAMPLE, tmp_path / "first", count=60, seed=5)
    draft(SAMPLE, tmp_path / "again", count=60, seed=5)
    other = draft(SAMPLE, tmp_path / "other", count=60, seed=6)
    check_evidence(tmp_path / "first")
    assert (first.questions, first.documents >= 20, first.unreadable) == (60, True, ())
    assert first.kinds.get("cloze", 0) <= 6
    assert lines(tmp_path / "first") == lines(tmp_path / "again") != lines(tmp_path / "other")
    assert other.questions == 60
    # The first of many are the first of few.
    draft(SAMPLE, tmp_path / "few", count=10, seed=5)
    assert lines(tmp_path / "few") == lines(tmp_path / "first")[:10]


@pytest.mark.skipif(not FINANCEBENCH.is_dir(), reason="the reports of FinanceBench are not there")
def test_real_reports(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    for name in ("AMCOR_2023Q4_EARNINGS.pdf", "FOOTLOCKER_2022_8K_dated-2022-05-20.pdf"):
        (folder / name).write_bytes((FINANCEBENCH / name).read_bytes())
    drafted = draft(folder, tmp_path / "set", count=20)
    assert drafted.questions == 20
    check_evidence(tmp_path / "set")
    pages = [line["evidence"][0]["page"] for line in lines(tmp_path / "set")]
    assert len(set(pages)) > 3
