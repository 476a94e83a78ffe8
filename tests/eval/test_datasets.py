import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import BadInputError
from corpus.text import canonical
from corpus.types import Span
from eval.datasets import Question, SetDocument, load, sample
from eval.datasets.folders import set_folder
from eval.datasets.loader import canonical_span
from eval.datasets.types import corpus_digest

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

CORPUS = [
    {"_id": "d1", "title": "One", "text": "The ferry sails at noon.", "url": "a group of reports"},
    {"_id": "d2", "text": ""},
]
QUESTIONS = [
    {
        "_id": "q1",
        "text": "When does the ferry sail?",
        "answers": ["noon"],
        "answerable": True,
        "evidence": [{"doc_id": "d1", "start": 19, "end": 23, "quote": "noon", "label": "ignored"}],
    },
    {"_id": "q2", "text": "Who steers it?", "answerable": False, "answers": ["NOT_ENOUGH_INFO"]},
    {"_id": "q3", "text": "Where to?"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq2\td2\t0\n"


def write_lines(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


@pytest.fixture
def beir(tmp_path):
    write_lines(tmp_path / "corpus.jsonl", CORPUS)
    write_lines(tmp_path / "queries.jsonl", QUESTIONS)
    (tmp_path / "qrels.tsv").write_text(QRELS)
    return tmp_path


@pytest.fixture
def files(tmp_path):
    (tmp_path / "documents" / "deep").mkdir(parents=True)
    (tmp_path / "documents" / "d1.txt").write_text("The ferry sails at noon.")
    (tmp_path / "documents" / "deep" / "d2.html").write_text("<p>Nobody")
    (tmp_path / "documents" / ".hidden").write_text("no document")
    evidence = [{"doc_id": "d1", "start": 7, "end": 900, "quote": "sails at", "page": 3}]
    write_lines(tmp_path / "queries.jsonl", [{"_id": "q1", "text": "When?", "evidence": evidence}])
    return tmp_path


# --- BEIR form -----------------------------------------------------------------------------------------------------


def test_beir_form(beir):
    dataset = load(beir)
    assert (dataset.name, dataset.form, dataset.left_out) == (beir.name, "beir", ())
    assert dataset.documents == (
        SetDocument("d1", "One", "The ferry sails at noon.", {"url": "a group of reports"}),
        SetDocument("d2", "", ""),
    )
    first, second, third = dataset.questions
    assert first.evidence[0].span == Span(19, 23)
    assert first.evidence[0].quote == "noon"
    assert (first.answerable, first.answers, first.judgements) == (True, ("noon",), {"d1": 2})
    assert (second.answerable, second.answers, second.judgements) == (False, ("NOT_ENOUGH_INFO",), {"d2": 0})
    assert (third.answerable, third.evidence, third.judgements) == (None, (), {})


def test_without_qrels_the_documents_of_the_evidence_are_relevant(beir):
    (beir / "qrels.tsv").unlink()
    assert [question.judgements for question in load(beir).questions] == [{"d1": 1}, {}, {}]


def test_qrels_without_a_header(beir):
    (beir / "qrels.tsv").write_text("q1\td1\t1\n")
    assert load(beir).questions[0].judgements == {"d1": 1}


def test_a_first_judgement_that_is_wrong_is_no_header(beir):
    (beir / "qrels.tsv").write_text("q1\td1\t1.5\n")
    with pytest.raises(BadInputError, match=r"qrels\.tsv, line 1: .*not '1\.5'"):
        load(beir)


def test_offsets_are_moved_to_the_canonical_text(beir):
    text = "One\r\ntwo\r\nthree"
    write_lines(beir / "corpus.jsonl", [{"_id": "d1", "text": text}, CORPUS[1]])
    start = text.index("two")
    evidence = [{"doc_id": "d1", "start": start, "end": len(text), "quote": "two\r\nthree"}]
    write_lines(beir / "queries.jsonl", [{**QUESTIONS[0], "evidence": evidence}, *QUESTIONS[1:]])
    (placed,) = load(beir).questions[0].evidence
    assert placed.span is not None
    assert placed.span.of(canonical(text)) == placed.quote == "two\nthree"


@given(st.text(alphabet="\r\na\ud800\x00😀"), st.data())
def test_a_canonical_span_holds_the_canonical_form_of_its_slice(text, data):
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert canonical_span(text, Span(start, end)).of(canonical(text)) == canonical(text[start:end])


def test_offsets_count_code_points(beir):
    write_lines(beir / "corpus.jsonl", [{"_id": "d1", "text": "😀😀 noon"}, CORPUS[1]])
    evidence = [{"doc_id": "d1", "start": 3, "end": 7, "quote": "noon"}]
    write_lines(beir / "queries.jsonl", [{**QUESTIONS[0], "evidence": evidence}, *QUESTIONS[1:]])
    assert load(beir).questions[0].evidence[0].quote == "noon"


def test_line_separators_inside_a_text_do_not_split_lines(beir):
    line = '{"_id": "d1", "text": "a\u2028b\u0085c"}\n{"_id": 2, "text": "numbers are ids too"}\n\n'
    (beir / "corpus.jsonl").write_text("\ufeff" + line, encoding="utf-8")
    write_lines(beir / "queries.jsonl", QUESTIONS[2:])
    (beir / "qrels.tsv").write_text("q3\t2\t1\n")
    assert [document.id for document in load(beir).documents] == ["d1", "2"]


# --- what is refused -----------------------------------------------------------------------------------------------


def question(**changes):
    return json.dumps({**QUESTIONS[0], **changes})


def evidence(**fields):
    return question(evidence=[{"doc_id": "d1", **fields}])


GOOD = json.dumps(QUESTIONS[2])


@pytest.mark.parametrize(
    ("file", "second_line", "problem"),
    [
        ("corpus.jsonl", '{"_id": "d9", "text": ', "not a JSON object"),
        ("corpus.jsonl", b'{"_id": "d9", "text": "\xff"}', "not UTF-8"),
        ("corpus.jsonl", "[1]", "valid dictionary"),
        ("corpus.jsonl", "[" * 100_000, "not a JSON object"),
        ("corpus.jsonl", '{"text": "x"}', "_id: Field required"),
        ("corpus.jsonl", '{"_id": "", "text": "x"}', "_id: String should have at least 1"),
        ("corpus.jsonl", '{"_id": "d9"}', "text: Field required"),
        ("corpus.jsonl", '{"_id": "d1", "text": "x"}', "'d1' was there before"),
        ("queries.jsonl", '{"_id": "q9"}', "text: Field required"),
        ("queries.jsonl", GOOD, "'q3' was there before"),
        ("queries.jsonl", evidence(start=19, end=24, quote="noon"), "has 'noon.' at 19, not 'noon'"),
        ("queries.jsonl", evidence(start=19, end=99), "19..99 reaches past a text of 24"),
        ("queries.jsonl", evidence(start=5, end=5), "start < end"),
        ("queries.jsonl", evidence(start=-1, end=5), "evidence.0.start"),
        ("queries.jsonl", evidence(start=5), "both start and end"),
        ("queries.jsonl", evidence(page=0), "evidence.0.page"),
        ("queries.jsonl", evidence(quote=" "), "a quote, or a page"),
        ("queries.jsonl", question(evidence=[{"doc_id": "d7", "page": 1}]), "'d7', which the set does not have"),
        ("queries.jsonl", question(answerable=False), "answerable is false, but there is evidence"),
        ("queries.jsonl", question(text=" \n"), "the text of the question is blank"),
        ("queries.jsonl", question(conversation=[{"role": "cat", "text": "x"}]), "a turn is of one of user, human"),
        ("queries.jsonl", question(conversation=[{"role": "user"}]), "conversation.0.text: Field required"),
        ("qrels.tsv", "q1\td1\t0", "'d1' is judged irrelevant to 'q1', whose evidence stands in it"),
        ("qrels.tsv", "q3\td1\tmuch", "whole number, not 'much'"),
        ("qrels.tsv", "q3 d1 1", "between tabs, not 'q3 d1 1"),
        ("qrels.tsv", "q9\td1\t1", "'q9' is not in queries.jsonl"),
        ("qrels.tsv", "q3\td9\t1", "'d9' is not in the set"),
        ("qrels.tsv", "q3\td2\t1", "judged before"),
    ],
)
def test_a_bad_line_is_named(beir, file, second_line, problem):
    first = {"corpus.jsonl": json.dumps(CORPUS[0]), "queries.jsonl": GOOD, "qrels.tsv": "q3\td2\t1"}
    if file == "corpus.jsonl":
        write_lines(beir / "queries.jsonl", QUESTIONS[2:])
    data = second_line if isinstance(second_line, bytes) else second_line.encode()
    (beir / file).write_bytes(first[file].encode() + b"\n" + data + b"\n")
    with pytest.raises(BadInputError) as refusal:
        load(beir)
    assert str(beir / file) + ", line 2: " in str(refusal.value)
    assert problem in str(refusal.value)
    assert "Value error" not in str(refusal.value)
    assert len(str(refusal.value)) < 1000


@pytest.mark.parametrize(("file", "problem"), [("corpus.jsonl", "no documents"), ("queries.jsonl", "no questions")])
def test_an_empty_file_is_refused(beir, file, problem):
    (beir / file).write_text("\n")
    with pytest.raises(BadInputError, match=problem):
        load(beir)


def test_missing_questions_are_named(beir):
    (beir / "queries.jsonl").unlink()
    with pytest.raises(BadInputError, match=r"queries\.jsonl"):
        load(beir)


def test_a_folder_that_is_no_set(tmp_path):
    with pytest.raises(BadInputError, match=r"needs corpus\.jsonl"):
        load(tmp_path)
    with pytest.raises(BadInputError, match="no built-in evaluation set"):
        load(tmp_path / "nowhere")


# --- files form ----------------------------------------------------------------------------------------------------


def test_files_form(files):
    dataset = load(files)
    assert dataset.form == "files"
    assert [document.id for document in dataset.documents] == ["d1", "d2"]
    (placed,) = dataset.questions[0].evidence
    assert (placed.span, placed.quote, placed.page) == (None, "sails at", 3)


def test_a_folder_of_pdfs(files):
    (files / "documents").rename(files / "pdfs")
    assert len(load(files).documents) == 2


def test_set_json_names_the_folder(files):
    (files / "documents").rename(files / "real")
    (files / "set.json").write_text('{"documents": "real", "name": "ignored"}')
    assert len(load(files).documents) == 2


def test_set_json_names_a_package(files):
    (files / "set.json").write_text('{"documents": {"package": "corpus", "path": "detection"}}')
    write_lines(files / "queries.jsonl", [{"_id": "q", "text": "?", "evidence": [{"doc_id": "texts", "page": 1}]}])
    assert "texts" in {document.id for document in load(files).documents}


@pytest.mark.parametrize(
    ("description", "problem"),
    [
        ("{", "Invalid JSON"),
        ('{"documents": 3}', "valid string"),
        ('{"documents": {"package": "os", "path": "."}}', "set.json"),
        ('{"documents": "nowhere"}', "no folder of documents"),
    ],
)
def test_a_bad_set_json(files, description, problem):
    (files / "set.json").write_text(description)
    with pytest.raises(BadInputError, match=problem):
        load(files)


def test_two_files_of_one_stem_are_refused(files):
    (files / "documents" / "d1.html").write_text("other")
    with pytest.raises(BadInputError, match="share the id 'd1'"):
        load(files)


def test_a_folder_without_files_is_refused(files):
    for path in (files / "documents" / "d1.txt", files / "documents" / "deep" / "d2.html"):
        path.unlink()
    with pytest.raises(BadInputError, match="no files"):
        load(files)


def test_offsets_alone_say_nothing_about_files(files):
    lines = [{"_id": "q1", "text": "When?", "evidence": [{"doc_id": "d1", "start": 3, "end": 9}]}]
    write_lines(files / "queries.jsonl", lines)
    with pytest.raises(BadInputError, match="line 1: evidence in files needs a quote or a page"):
        load(files)


def test_beir_wins_where_both_forms_are_there(files):
    write_lines(files / "corpus.jsonl", CORPUS)
    lines = [{"_id": "q1", "text": "When?", "evidence": [{"doc_id": "d1", "start": 19, "end": 23}]}]
    write_lines(files / "queries.jsonl", lines)
    assert load(files).form == "beir"
    write_lines(files / "queries.jsonl", [{"_id": "q1", "text": "When?"}])
    assert load(files, "files").form == "files"


def test_questions_about_texts_without_a_file_are_left_out(files):
    write_lines(files / "corpus.jsonl", [*CORPUS, {"_id": "d3", "text": "Only a text."}])
    lines = [
        {"_id": "q1", "text": "?", "evidence": [{"doc_id": "d1", "quote": "noon"}, {"doc_id": "d3", "page": 1}]},
        {"_id": "q2", "text": "?"},
        {"_id": "q3", "text": "?"},
    ]
    write_lines(files / "queries.jsonl", lines)
    (files / "qrels.tsv").write_text("q2\td3\t1\nq3\td2\t1\n")
    dataset = load(files, "files")
    assert dataset.left_out == ("q1", "q2")
    assert [one.id for one in dataset.questions] == ["q3"]


# --- digests, samples, sets that exist -----------------------------------------------------------------------------


def test_the_digest_of_a_corpus(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    one, two = SetDocument("1", "t", "text"), SetDocument("2", "", path)
    digest = corpus_digest([one, two])
    assert digest == corpus_digest([two, one])
    assert len(digest) == 64
    others = [SetDocument("1", "t", "texts"), SetDocument("1", "", "text"), SetDocument("3", "t", "text")]
    assert len({corpus_digest([other, two]) for other in others} | {digest, corpus_digest([one])}) == 5
    path.write_bytes(b"y")
    assert corpus_digest([one, two]) != digest
    assert corpus_digest([SetDocument("1", "", "lone \ud800")])
    path.unlink()
    assert len(corpus_digest([one, two])) == 64


def bare_questions(count):
    return [Question(f"q{number}", "?", (), None, (), {}) for number in range(count)]


@given(st.integers(0, 30), st.integers(1, 40), st.integers(0, 3))
def test_a_sample_keeps_the_order_and_grows(count, limit, seed):
    questions = bare_questions(count)
    chosen = sample(questions, limit, seed)
    assert len(chosen) == min(limit, count)
    assert list(chosen) == [one for one in questions if one in chosen]
    assert set(chosen_ids(chosen)) <= set(chosen_ids(sample(questions, limit + 1, seed)))
    # A question's luck depends on its id alone, not on the order of the set.
    assert set(chosen_ids(chosen)) == set(chosen_ids(sample(questions[::-1], limit, seed)))


def chosen_ids(questions):
    return [one.id for one in questions]


def test_samples_are_fixed_and_differ_by_seed():
    questions = bare_questions(100)
    assert sample(questions, None, 0) == tuple(questions)
    assert chosen_ids(sample(questions, 5, 0)) == ["q39", "q43", "q44", "q56", "q96"]
    assert sample(questions, 5, 0) != sample(questions, 5, 1)


def test_the_built_in_set_is_packaged():
    folder = set_folder("sample")
    assert folder == Path(__file__).resolve().parents[2] / "eval" / "sets" / "sample"
    dataset = load("sample")
    assert (dataset.name, dataset.form) == ("sample", "files")
    assert {one.answerable for one in dataset.questions} == {True, False}


@pytest.mark.parametrize(
    ("name", "form", "documents", "questions", "unanswerable"),
    [
        ("squad2_dev16", "beir", 10, 3680, 1916),
        ("xquad_en", "beir", 10, 206, 0),
        ("chunking_eval", "beir", 5, 472, 0),
        ("claude_docs", "beir", 45, 100, 0),
        ("cookbook_codebase", "beir", 90, 248, 0),
        ("cuad_legal", "beir", 76, 1198, 584),
        ("cuad_legal", "files", 11, 657, 584),
        ("financebench", "beir", 13, 32, 0),
        ("financebench", "files", 13, 32, 0),
        ("kgrag_sec10q", "beir", 8, 80, 0),
        ("kgrag_sec10q", "files", 8, 80, 0),
        ("mtrag_un", "beir", 715, 240, 79),
        ("scifact", "beir", 5183, 809, 304),
        ("pubmedqa_pqal", "beir", 1000, 500, 0),
        ("cranfield", "beir", 1400, 225, 0),
    ],
)
def test_public_sets_are_accepted(name, form, documents, questions, unanswerable):
    if not (SHARED / name).is_dir():
        pytest.skip(f"the public set {name} is not here")
    dataset = load(SHARED / name, form)
    assert (len(dataset.documents), len(dataset.questions)) == (documents, questions)
    assert sum(one.answerable is False for one in dataset.questions) == unanswerable
    if form == "beir":
        texts = {one.id: canonical(str(one.content)) for one in dataset.documents}
        placed = [one for asked in dataset.questions for one in asked.evidence if one.span]
        assert all(one.span.of(texts[one.document]) == one.quote for one in placed)
