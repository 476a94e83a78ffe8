import gzip
import json

import ir_measures
import numpy as np
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import AP, RR, R, nDCG

from corpus.errors import BadInputError
from eval.metrics.documents import trec_ranking
from eval.trec import read_qrels, read_run, read_topics, score_run, unjudged_questions, write_run

# --- against the references ----------------------------------------------------------------------------------------

# "10" < "9" as strings, and 😀 sorts before 豈 in UTF-16, behind it in UTF-8.
DOCUMENTS = [*map(str, range(1, 25)), "09", "A", "a", "a-1", "Ä", "é", "豈", "😀", "𝔸", "d 1"]
QUESTIONS = ["1", "9", "10", "ü", "q-😀", "q1"]
SCORES = {
    "ties": lambda chance: chance.integers(0, 4) / 4,
    "gaps": lambda chance: chance.normal() * 10.0 ** chance.integers(-6, 7),
    "beyond 32 bits": lambda chance: 1 + chance.integers(0, 6) * 2e-8,
    "large whole numbers": lambda chance: 16777214 + int(chance.integers(0, 8)),
    "out of range": lambda chance: chance.choice([1e300, 1e39, -1e300, 1e-46, 1e-60, 0.0, -0.0, -1e-50, 3e38]),
    "ranks": lambda chance: -int(chance.integers(1, 100)),
}


def some(chance, things, most):
    return [str(one) for one in chance.choice(things, chance.integers(0, most + 1), replace=False)]


def random_set(chance):
    """Judgements and a run: questions missing from either side, unjudged documents, grades from -1 to 3."""
    score = SCORES[str(chance.choice(list(SCORES)))]
    qrels = {
        one: {document: int(chance.integers(-1, 4)) for document in some(chance, DOCUMENTS, 14)} for one in QUESTIONS
    }
    qrels = {one: grades for one, grades in qrels.items() if grades and chance.random() < 0.9} or {"1": {"1": 1}}
    run = {one: {document: float(score(chance)) for document in some(chance, DOCUMENTS, 30)} for one in QUESTIONS}
    run = {one: scores for one, scores in run.items() if scores and chance.random() < 0.8}
    return qrels, run


def by_trec_eval(qrels, run):
    found = pytrec_eval.RelevanceEvaluator(qrels, {"ndcg_cut.10", "recall.10", "recip_rank", "map"}).evaluate(run)
    return {question: as_ours(*map(found[question].get, TREC_NAMES)) for question in found}


TREC_NAMES = ("ndcg_cut_10", "recall_10", "recip_rank", "map")


def by_ir_measures(qrels, run):
    found = {question: {} for question in qrels}
    for one in ir_measures.iter_calc([nDCG @ 10, R @ 10, RR, AP], qrels, run):
        found[one.query_id][one.measure] = one.value
    return {
        question: as_ours(*(values.get(name, 0.0) for name in (nDCG @ 10, R @ 10, RR, AP)))
        for question, values in found.items()
    }


def as_ours(ndcg, recall, reciprocal_rank, average_precision):
    # Neither has a reciprocal rank that is cut off with trec_eval's rule for ties.
    mrr = reciprocal_rank if reciprocal_rank >= 0.1 else 0.0
    return {"ndcg@10": ndcg, "recall@10": recall, "mrr@10": mrr, "map": average_precision}


ZERO = as_ours(0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("batch", range(12))
def test_equal_to_trec_eval_and_ir_measures_on_a_hundred_runs(batch):
    kinds = 0
    for number in range(100):
        qrels, run = random_set(np.random.default_rng([batch, number]))
        scores = score_run(run, qrels)
        assert set(scores) == {question for question in qrels if max(qrels[question].values()) > 0}
        references = by_trec_eval(qrels, run), by_ir_measures(qrels, run)
        for question, found in scores.items():
            for reference in references:
                assert found == pytest.approx(reference.get(question, ZERO), abs=1e-12), (number, question)
            kinds += found["map"] not in (0, 1)
    assert kinds > 100, "the runs are neither all right nor all wrong"


def test_a_written_run_means_the_same_to_the_references(tmp_path):
    chance = np.random.default_rng(7)
    run = {one: {document.replace(" ", ""): chance.normal() for document in DOCUMENTS} for one in QUESTIONS}
    write_run(tmp_path / "our.run", run)
    with (tmp_path / "our.run").open() as file:
        assert pytrec_eval.parse_run(file) == run
    read = ir_measures.read_trec_run(str(tmp_path / "our.run"))
    assert {(one.query_id, one.doc_id): one.score for one in read} == {
        (question, document): score for question, scores in run.items() for document, score in scores.items()
    }


# --- scores --------------------------------------------------------------------------------------------------------


def test_every_question_with_a_relevant_document_counts():
    qrels = {"q1": {"a": 1}, "q2": {"a": 2}, "q3": {"a": 0, "b": -1}}
    run = {"q1": {"a": 0.5}, "q3": {"a": 1.0}, "q4": {"a": 1.0}}
    assert score_run(run, qrels) == {"q1": as_ours(1, 1, 1, 1), "q2": ZERO}
    assert unjudged_questions(run, qrels) == ["q4"]
    assert score_run({}, {"q1": {"a": 0}}) == {}


# --- runs ----------------------------------------------------------------------------------------------------------


def write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_a_run_with_any_white_space_and_ranks_that_say_nothing(tmp_path):
    lines = "\ufeffq1 Q0 d1 7 0.5 tag\r\n\n  q1\tQ0  d\u00a02\t7 -1e-3 tag  \nq2 0 d1 x 3 tag"
    assert read_run(write(tmp_path / "run", lines)) == {"q1": {"d1": 0.5, "d\u00a02": -0.001}, "q2": {"d1": 3.0}}


def test_compressed_files(tmp_path):
    run = {"q1": {"d1": 0.5}}
    write_run(tmp_path / "run.gz", run)
    assert gzip.decompress((tmp_path / "run.gz").read_bytes()) == b"q1 Q0 d1 1 0.5 pincite\n"
    assert read_run(tmp_path / "run.gz") == run
    assert read_qrels(write(tmp_path / "qrels.gz", gzip.compress(b"q1 0 d1 1\n"))) == {"q1": {"d1": 1}}
    assert read_topics(write(tmp_path / "topics.gz", gzip.compress(b"q1\tWhy?\n"))) == {"q1": "Why?"}


@pytest.mark.parametrize(
    ("second_line", "problem"),
    [
        ("q1 Q0 d1 2 0.4 tag", "'d1' was found for 'q1' before"),
        ("q1 Q0 d2 2 0.4", "six columns, .* not 5"),
        ("q1 Q0 d 2 2 0.4 tag", "six columns, .* not 7"),
        ("q1 Q0 d2 2 nan tag", "finite number, not 'nan'"),
        ("q1 Q0 d2 2 -inf tag", "finite number, not '-inf'"),
        ("q1 Q0 d2 2 1e999 tag", "finite number, not '1e999'"),
        ("q1 Q0 d2 2 1_0 tag", "finite number, not '1_0'"),
        ("q1 Q0 d2 2 ٣ tag", "finite number, not '٣'"),
        ("q1 Q0 d2 2 high tag", "finite number, not 'high'"),
        (b"q1 Q0 d\xff 2 0.4 tag", "not UTF-8"),
        (b"q\xff Q0 d2 2 0.4 tag", "not UTF-8"),
    ],
)
def test_a_bad_line_of_a_run_is_named(tmp_path, second_line, problem):
    data = second_line if isinstance(second_line, bytes) else second_line.encode()
    path = write(tmp_path / "run", b"q1 Q0 d1 1 0.5 tag\n" + data + b"\n")
    with pytest.raises(BadInputError, match=f"run, line 2: .*{problem}"):
        read_run(path)


@pytest.mark.parametrize("read", [read_run, read_qrels, read_topics])
def test_files_that_cannot_be_read(tmp_path, read):
    damaged = gzip.compress(b"\n" * 100_000)
    for path in (
        tmp_path / "nowhere",
        tmp_path,
        write(tmp_path / "text.gz", "plain"),
        write(tmp_path / "cut.gz", damaged[:-9]),
        write(tmp_path / "damaged.gz", damaged[:12] + b"\xff\xff\xff\xff" + damaged[16:]),
    ):
        with pytest.raises(BadInputError, match="cannot be read: "):
            read(path)
    with pytest.raises(BadInputError, match=r"empty|has no"):
        read(write(tmp_path / "empty", "\ufeff\n \n"))


names = st.text(st.characters(exclude_characters=" \t\n\r\v\f", exclude_categories=["Cs"]), min_size=1, max_size=8)
names = names.filter(lambda name: not name.startswith("\ufeff"))
finite = st.floats(allow_nan=False, allow_infinity=False)
runs = st.dictionaries(names, st.dictionaries(names, finite, min_size=1, max_size=6), min_size=1, max_size=4)


@given(run=runs, tag=names)
def test_a_run_survives_being_written(tmp_path_factory, run, tag):
    path = tmp_path_factory.getbasetemp() / "round.run"
    write_run(path, run, tag)
    assert read_run(path) == run
    ranked = [line.split(b" ") for line in path.read_bytes().split(b"\n")[:-1]]
    places = {(line[0].decode(), line[2].decode()): int(line[3]) for line in ranked}
    for question, scores in run.items():
        assert [places[question, document] for document in trec_ranking(scores)] == [*range(1, len(scores) + 1)]


def test_numbers_of_numpy_are_written_as_numbers(tmp_path):
    write_run(tmp_path / "run", {"q": {"d": np.float32(0.5), "e": 1}, "nothing": {}})
    assert (tmp_path / "run").read_text() == "q Q0 e 1 1.0 pincite\nq Q0 d 2 0.5 pincite\n"


@pytest.mark.parametrize("name", ["", "a b", "a\tb", "a\n", "\ud800", "\ufeffa"])
def test_names_that_would_be_read_as_others_are_not_written(tmp_path, name):
    for run, tag in (({name: {"d": 1.0}}, "t"), ({"q": {name: 1.0}}, "t"), ({"q": {"d": 1.0}}, name)):
        with pytest.raises(BadInputError, match="cannot stand in a run"):
            write_run(tmp_path / "run", run, tag)
    assert not (tmp_path / "run").exists()


def test_only_finite_scores_are_written(tmp_path):
    with pytest.raises(BadInputError, match="finite number, not nan"):
        write_run(tmp_path / "run", {"q": {"d": float("nan")}})


# --- judgements ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        "q1 0 d1 2\nq1 Q0 d2 0\nq2  x\td1 -1\n",
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\r\n\nq2\td1\t-1",
        "q1\td1\t2\nq1\td2\t0\nq2\td1\t-1",
        "q1\t0\td1\t2\nq1\t0\td2\t0\nq2\t0\td1\t-1",
    ],
)
def test_judgements_in_both_forms(tmp_path, lines):
    assert read_qrels(write(tmp_path / "qrels", lines)) == {"q1": {"d1": 2, "d2": 0}, "q2": {"d1": -1}}


def test_between_tabs_ids_may_have_blanks(tmp_path):
    assert read_qrels(write(tmp_path / "qrels", "q 1\t2022 Q3\t1\n")) == {"q 1": {"2022 Q3": 1}}


@pytest.mark.parametrize(
    ("second_line", "problem"),
    [
        ("q1 0 d1 1", "judged before"),
        ("q1\td1\t1", "judged before"),
        ("q1 0 d2 high", "whole number, not 'high'"),
        ("q1\td2\t1.5", "whole number, not '1.5'"),
        ("q1 d2 1", "four columns, .* not 3"),
        ("q1 0 d2 1 x", "four columns, .* not 5"),
        (b"q1 0 \xff 1", "not UTF-8"),
    ],
)
def test_a_bad_judgement_is_named(tmp_path, second_line, problem):
    data = second_line if isinstance(second_line, bytes) else second_line.encode()
    path = write(tmp_path / "qrels", b"q1 0 d1 2\n" + data)
    with pytest.raises(BadInputError, match=f"qrels, line 2: .*{problem}"):
        read_qrels(path)


def test_a_first_judgement_that_is_wrong_is_no_header(tmp_path):
    with pytest.raises(BadInputError, match=r"qrels, line 1: .*not '1\.5'"):
        read_qrels(write(tmp_path / "qrels", "q1\td1\t1.5\nq2\td1\t1\n"))


# --- topics --------------------------------------------------------------------------------------------------------

CLASSIC = """
<top>

<num> Number: 301
<title> International Organized
Crime < 2000

<desc> Description:
Identify organizations
<narr> Narrative: <title> is no tag of ours here
</top>
<TOP>
<head> Tipster
<num> Number:  051
<dom> Domain: x
<title> Topic:  Airbus Subsidies
</TOP>
<top><num>9</num><title>In one line</title></top>
"""


def test_classic_topics(tmp_path):
    classic = CLASSIC.replace("<title> is", "title is")
    expected = {"301": "International Organized Crime < 2000", "051": "Airbus Subsidies", "9": "In one line"}
    assert read_topics(write(tmp_path / "topics", classic)) == expected
    with pytest.raises(BadInputError, match=r"topics, line 2: a topic needs one <num> and one <title>"):
        read_topics(write(tmp_path / "topics", CLASSIC))


def test_topics_between_tabs(tmp_path):
    path = write(tmp_path / "topics", "\ufeff1\t Why\u2028so? \r\n\nq2\tWhen?")
    assert read_topics(path) == {"1": "Why\u2028so?", "q2": "When?"}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("1\tWhy?\n1\tWhen?", "line 2: the topic '1' was there before"),
        ("1\tWhy?\n2 When?", "line 2: needs an id, a tab and a text"),
        ("1\tWhy?\n2\t ", "line 2: needs an id"),
        ("1\tWhy?\n2\tWhen?\tWhere?", "line 2: needs an id"),
        ("<topics><topic number='1'>", "line 1: needs an id"),
        ("<top>\n<num> 1\n<title> A\n</top>\n<top>\n<num> 2\n</top>", "line 5: a topic needs one <num>"),
        ("<top>\n<title> A\n</top>", "line 1: a topic needs one <num>"),
        ("<top>\n<num> 1 <title> A\n<num> 2 <title> B\n", "line 1: a topic needs one <num>"),
        ("<top>\n<num> Number:\n<title> A\n</top>", "line 1: a topic needs one <num>"),
        ("<top><num>1<title>A</top>\n<top><num>1<title>B</top>", "line 2: the topic '1' was there before"),
        (b"1\tWhy?\n2\t\xff", "line 2: not UTF-8"),
    ],
)
def test_bad_topics_are_named(tmp_path, lines, problem):
    with pytest.raises(BadInputError, match=f"topics, {problem}") as refusal:
        read_topics(write(tmp_path / "topics", lines))
    assert len(json.dumps(str(refusal.value))) < 500
