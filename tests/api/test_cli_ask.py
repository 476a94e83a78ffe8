import json
import re
from pathlib import Path

import pytest

from tests.api.commands import pincite, pincite_process
from tests.api.fields import assert_result_fields

FERRY = "The ferry leaves at nine. A ticket for a bicycle costs two crowns. Dogs travel free of charge."
QUESTION = "What does a ticket for a bicycle cost?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ask")
    texts = {"ferry.txt": (FERRY, "2026"), "pool.txt": ("The pool opens at eight. A ticket costs one crown.", "2019")}
    for name, (text, year) in texts.items():
        (folder / name).write_text(text)
        assert pincite(folder / "home", "ingest", folder / name, "--metadata", f"year={year}").code == 0
    return folder / "home"


def test_json_is_the_object_of_the_http_interface_and_nothing_else(home: Path) -> None:
    ended = pincite_process(home, "ask", "--json", QUESTION)
    assert (ended.code, ended.errors) == (0, "")
    result = ended.json()
    assert_result_fields(result)
    assert result["citations"][0]["quote"] == "A ticket for a bicycle costs two crowns."
    assert FERRY[result["citations"][0]["start"] : result["citations"][0]["end"]] == result["citations"][0]["quote"]


def test_people_see_answer_place_and_passages(home: Path) -> None:
    shown = pincite(home, "ask", QUESTION)
    assert shown.code == 0
    assert shown.text.startswith("A ticket for a bicycle costs two crowns.")
    assert "[c1] ferry, characters 26-66" in shown.text
    assert "1. ferry, characters 0-94" in shown.text


def test_the_exact_answer_is_bold_on_a_terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "A ticket for a bicycle costs \x1b[1mtwo crowns\x1b[0m." in pincite(home, "ask", QUESTION).text


def test_people_see_where_else_it_stands(home: Path, tmp_path: Path) -> None:
    (tmp_path / "copy.md").write_text(FERRY.replace(". ", ".\n"))
    assert pincite(home, "ingest", tmp_path / "copy.md", "--collection", "copies").code == 0
    assert pincite(home, "ingest", "-", "--title", "Ferry", "--collection", "copies", stdin=FERRY.encode()).code == 0
    shown = pincite(home, "ask", QUESTION, "--collection", "copies").text
    assert len(re.findall(r"also in (copy|Ferry), characters 26-66\n", shown)) == 1
    assert len(re.findall(r"also in (copy|Ferry), characters 0-94\n", shown)) == 1
    assert "2. " not in shown


def test_how_it_was_found_is_shown_where_that_is_asked_for(home: Path) -> None:
    shown = pincite(home, "ask", QUESTION, "--explain").text
    assert "How the passages were found" in shown
    assert "Sentences that were read" in shown
    assert "threshold" in shown
    assert "coverage" in shown
    assert "How the passages were found" not in pincite(home, "ask", QUESTION).text


def test_citations_have_the_date_of_their_document(home: Path) -> None:
    assert "[c1] ferry, characters 26-66 (2026)\n" in pincite(home, "ask", QUESTION).text


def test_no_answer_can_be_asked_for(home: Path) -> None:
    shown = pincite(home, "ask", QUESTION, "--answer", "none").text
    assert shown.startswith("Not answered: no answer was asked for\n")
    assert "1. ferry" in shown


def test_declining_is_no_failure(home: Path) -> None:
    ended = pincite(home, "ask", "Who won the chess championship?", "--json")
    assert (ended.code, ended.json()["abstained"], ended.json()["answer"]) == (0, True, None)
    assert "Not answered:" in pincite(home, "ask", "Who won the chess championship?").text


@pytest.mark.parametrize(
    ("conditions", "titles"),
    [
        (["year=2019"], {"pool"}),
        (["year>=2019", "year<2026"], {"pool"}),
        (["year!=2019"], {"ferry"}),
        (['year="2019"'], set()),
    ],
)
def test_filters_are_all_to_hold(home: Path, conditions: list[str], titles: set[str]) -> None:
    options = [part for condition in conditions for part in ("--filter", condition)]
    passages = pincite(home, "ask", "ticket", "--no-rerank", "--json", *options).json()["passages"]
    assert {passage["document_title"] for passage in passages} == titles


def test_options_reach_the_service(home: Path) -> None:
    options = ("--top-k", "1", "--mode", "lexical", "--no-rerank", "--min-confidence", "1", "--json")
    result = pincite(home, "ask", "ticket", *options).json()
    assert len(result["passages"]) == 1
    assert result["passages"][0]["scores"]["dense"] is None
    assert result["passages"][0]["scores"]["rerank"] is None
    assert result["abstained"] is True


def test_options_of_time_reach_the_service(home: Path) -> None:
    result = pincite(home, "ask", "ticket", "--no-rerank", "--as-of", "2020", "--recency", "prefer", "--json").json()
    assert [passage["document_title"] for passage in result["passages"]] == ["pool"]
    refused = pincite(home, "ask", "ticket", "--as-of", "soon")
    assert (refused.code, "it must be a date such as 2023-05-01" in refused.errors) == (2, True)


def test_a_follow_up_is_asked_with_the_turns_in_a_file(home: Path, tmp_path: Path) -> None:
    turns = tmp_path / "turns.json"
    turns.write_text(json.dumps([{"role": "user", "text": "What does the ferry cost?"}]))
    for source, stdin in ((turns, b""), ("-", turns.read_bytes())):
        shown = pincite(home, "ask", "And for dogs?", "--conversation", source, stdin=stdin)
        assert shown.text.startswith("searched for: And for dogs? ferry cost")
        assert "Dogs travel free of charge." in shown.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"role": "user"}', "is no conversation"),
        ('[{"role": "agent", "text": "x"}]', "it has to be a JSON list"),
        ("[", "is no conversation"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_conversation_is_refused(home: Path, tmp_path: Path, content: str | None, said: str) -> None:
    turns = tmp_path / "turns.json"
    if content is not None:
        turns.write_text(content)
    ended = pincite(home, "ask", "And for dogs?", "--conversation", turns)
    assert ended.code == 2
    assert said in ended.errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([""], "the question is empty"),
        (["x" * 4_001], "4000 are the most"),
        (["x", "--filter", "year"], "a filter must be key=value or key>=value"),
        (["x", "--collection", "nope"], "there is no collection 'nope'"),
        (["x", "--top-k", "0"], "--top-k"),
        (["x", "--top-k", "101"], "--top-k"),
        (["x", "--mode", "magic"], "--mode"),
        (["x", "--min-confidence", "2"], "--min-confidence"),
        (["x", "--min-confidence", "nan"], "--min-confidence"),
        ([], "question"),
        (["x", "y"], "y"),
        (["x", "--nonsense"], "--nonsense"),
    ],
)
def test_wrong_use_is_said_in_one_line_and_ends_with_2(home: Path, arguments: list[str], said: str) -> None:
    ended = pincite(home, "ask", *arguments)
    assert (ended.code, ended.stdout) == (2, b"")
    assert said in ended.errors


@pytest.mark.parametrize("question", ["\udcff", "\udcff bicycle \udcfe", "\x1b[2J", "\u202e", "-- x", "[red]x[/red]"])
def test_bytes_that_are_no_text_and_markup_are_only_words(home: Path, question: str) -> None:
    """The shell passes on whatever was typed or pasted."""
    ended = pincite(home, "ask", "--json", "--collection", "default", "--", question)
    assert ended.code == 0, ended.errors
    assert ended.json()["question"] == question.replace("\udcff", "\ufffd").replace("\udcfe", "\ufffd")
    assert pincite(home, "ask", "--no-rerank", "--", question).code == 0


def test_documents_cannot_command_the_terminal(tmp_path: Path) -> None:
    text = (
        "The red\x1b[31m cat\x07 sleeps\x1b]0;owned\x9c on [bold]cushions[/bold].\n\n\x08\x0b\x0c\x7fAt night it hunts."
    )
    assert pincite(tmp_path / "home", "ingest", "-", "--title", "Cat\x1b[2J", stdin=text.encode()).code == 0
    shown = pincite(tmp_path / "home", "ask", "On what does the red cat sleep?")
    listed = pincite(tmp_path / "home", "documents", "list")
    for output in (shown.text, listed.text):
        assert not set(output) & {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160))}
        assert "␛" in output
    assert "[bold]cushions[/bold]" in shown.text
