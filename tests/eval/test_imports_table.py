import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import BadInputError
from eval.datasets import Evidence, load
from eval.datasets.imports import Imported, import_table


@pytest.fixture
def documents(tmp_path):
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    (folder / "owls.txt").write_text("Owls hunt at night.")
    (folder / "bats.v2.html").write_text("<p>Bats hang.")
    (folder / "deep" / "Eulen-Übersicht.pdf").write_bytes(b"%PDF")
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def table(folder, text):
    path = folder / "questions.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


FULL = """\ufeffID, Question ,answer,document,quote,page,answerable,kind,Asked by\r
n1,"When do owls hunt, and
why?",night | at night,owls.txt,hunt at night,,,how,Ada\r
,,,,,,,,\r
\r
n2,Where is it?,,Eulen-U\u0308bersicht,,3,TRUE,,\r
,Who are they?,owls|bats|owls,owls | bats.v2 |owls.txt,,,yes,,\r
n4,Who sails?,not in the documents,,,,No,,\r
n5,Which animal?,owl,,,,,,\r
n6,About bats?,,bats.v2.html,,,0,,\r
"""


def test_all_columns(tmp_path, documents, out):
    assert import_table(table(tmp_path, FULL), documents, out) == Imported(out, "files", 3, 6)
    dataset = load(out)
    assert {one.id for one in dataset.documents} == {"owls", "bats.v2", "Eulen-Übersicht"}
    found = {one.id: one for one in dataset.questions}
    assert list(found) == ["n1", "n2", "q3", "n4", "n5", "n6"]
    assert found["n1"].text == "When do owls hunt, and\nwhy?"
    assert found["n1"].answers == ("night", "at night")
    assert found["n1"].evidence == (Evidence("owls", quote="hunt at night"),)
    assert found["n2"].evidence == (Evidence("Eulen-Übersicht", page=3),)
    assert (found["q3"].answers, found["q3"].evidence) == (("owls", "bats"), ())
    assert found["q3"].judgements == {"owls": 1, "bats.v2": 1}
    assert [one.answerable for one in found.values()] == [True, True, True, False, True, False]
    assert [one.judgements for one in found.values()][3:] == [{}, {}, {"bats.v2": 1}]
    lines = [json.loads(line) for line in (out / "queries.jsonl").read_text().splitlines()]
    assert (lines[0]["kind"], lines[0]["asked by"]) == ("how", "Ada")
    assert "kind" not in lines[1], "an empty cell says nothing"


def test_three_columns_are_enough(tmp_path, documents, out):
    text = "question,expected_answer,document\nWhen?,night,owls\n"
    import_table(table(tmp_path, text), documents, out)
    (question,) = load(out).questions
    assert (question.id, question.answers, question.answerable) == ("q1", ("night",), True)
    assert (question.evidence, question.judgements) == ((), {"owls": 1})


def test_flags(tmp_path, documents, out):
    import_table(table(tmp_path, "question,answer,draft,held_out\nWhen?,a,yes,\nWho?,b,no,1\n"), documents, out)
    lines = [json.loads(line) for line in (out / "queries.jsonl").read_text().splitlines()]
    assert [(line.get("draft"), line.get("held_out")) for line in lines] == [(True, None), (None, True)]


def test_the_documents_are_copied(tmp_path, documents, out):
    import_table(table(tmp_path, "question,answer\nWhen?,a\n"), documents, out)
    assert (out / "documents" / "deep" / "Eulen-Übersicht.pdf").read_bytes() == b"%PDF"
    assert len(load(out).documents) == 3


HEADER = "id,question,answer,document,quote,page,answerable\n"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("n1,Who?,a,owls,,,", "line 3: the question id 'n1' was there before"),
        ("n2,,a,owls,,,", "line 3: the question is empty"),
        ("n2,Who?,,,,,", "line 3: has neither answer nor document"),
        ("n2,Who?,,,,,true", "line 3: has neither answer nor document"),
        ("n2,Who?,a,cats,,,", "line 3: no file in .* is called 'cats'"),
        ("n2,Who?,a,owls,,0,", "line 3: the page must be a whole number from 1, not '0'"),
        ("n2,Who?,a,owls,,3-4,", "line 3: the page must be a whole number from 1, not '3-4'"),
        ("n2,Who?,a,owls,,²,", "line 3: the page must be a whole number from 1, not '²'"),
        ("n2,Who?,a,,quote,,", "line 3: a quote or page belongs to one document, and the row names 0"),
        ("n2,Who?,a,owls|bats.v2,,3,", "line 3: a quote or page belongs to one document, and the row names 2"),
        ("n2,Who?,a,owls,,,perhaps", "line 3: answerable must be true or false, not 'perhaps'"),
        ("n2,Who?,,owls,quote,,false", "line 3: answerable is false, but there is a quote or a page"),
        ("n2,Who?,a,owls", "line 3: has 4 cells, and the header has 7"),
        ('n2,"Who?\n\n",a,owls,,,,\n', "line 3: has 8 cells"),
        ('\n\nn2,"Who?"x,a,owls,,,,\n', "line 5: not CSV"),
        ('n2,"Who?,a,owls,,,,\nn3,Why?,a,owls,,,', "line 3: not CSV: unexpected end"),
        (b"n2,Wh\xf6?,a,owls,,,", "line 3: not UTF-8: .*; save the table as CSV in UTF-8"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, documents, out, row, problem):
    data = row if isinstance(row, bytes) else row.encode()
    source = table(tmp_path, HEADER.encode() + b"n1,When?,night,owls,,,\n" + data)
    with pytest.raises(BadInputError, match=f"questions.csv, {problem}"):
        import_table(source, documents, out)
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no questions"),
        ("question,answer\n", "has no questions"),
        ("\nquestion;answer;document\n", "line 2: the header needs a column 'question'.* it has 'question;answer;"),
        ("question,answer,Question\n", "line 1: the column 'question' is there twice"),
        ("question,answer,expected_answer\n", "line 1: there are both answer and expected_answer"),
        ("question,text\n", "line 1: the column 'text' has the name of a field of our own"),
        ("question,,answer,\nWho?,x,a,\n", "line 2: has a cell below a column without a name"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path, documents, out, text, problem):
    with pytest.raises(BadInputError, match=problem):
        import_table(table(tmp_path, text), documents, out)
    with pytest.raises(BadInputError, match="cannot be read: No such file"):
        import_table(tmp_path / "nowhere.csv", documents, out)


def test_columns_without_a_name_are_nothing(tmp_path, documents, out):
    import_table(table(tmp_path, "question,,answer,\nWho?,,a,\n"), documents, out)
    assert load(out).questions[0].answers == ("a",)


def test_wrong_documents_are_refused(tmp_path, documents, out):
    source = table(tmp_path, "question,answer\nWhen?,a\n")
    with pytest.raises(BadInputError, match="no folder of documents"):
        import_table(source, tmp_path / "nowhere", out)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match="has no files"):
        import_table(source, tmp_path / "empty", out)
    (documents / "deep" / "owls.md").write_text("x")
    with pytest.raises(BadInputError, match="share the id 'owls'"):
        import_table(source, documents, out)


def test_a_name_wins_over_a_stem(tmp_path, documents, out):
    (documents / "owls.txt.md").write_text("A file whose stem is another's name.")
    import_table(table(tmp_path, "question,document\nWhen?,owls.txt\nWho?,owls.txt.md\n"), documents, out)
    assert [list(one.judgements) for one in load(out).questions] == [["owls"], ["owls.txt"]]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_what_csv_writes_is_read_as_it_is(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("csv")
    (folder / "documents").mkdir()
    (folder / "documents" / "d.txt").write_text("x")
    with (folder / "questions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["question", "note", "document"])
        writer.writerows([f"?{question}", note, "d"] for question, note in rows)
    import_table(folder / "questions.csv", folder / "documents", folder / "out")
    lines = [json.loads(line) for line in (folder / "out" / "queries.jsonl").read_bytes().split(b"\n")[:-1]]
    assert [(line["text"], line.get("note", "")) for line in lines] == [
        (f"?{question}".strip(), note.strip()) for question, note in rows
    ]
    assert len(load(folder / "out").questions) == len(rows)
