import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import BadInputError
from corpus.text import canonical
from corpus.types import Span
from eval.datasets import load
from eval.datasets.imports import Imported, import_squad
from tests.hostile_text import raw_texts


def asked(id_, question, *answers, **fields):
    return {
        "id": id_,
        "question": question,
        "answers": [{"text": text, "answer_start": start} for text, start in answers],
        **fields,
    }


OWLS = {
    "title": "Owls of the night",
    "paragraphs": [
        {
            "context": "Owls 🦉 hunt at night.",
            "qas": [
                asked("a1", "When?", ("night", 15), ("at night", 12), ("night", 15), is_impossible=False),
                asked("a2", "Who not?", is_impossible=True, plausible_answers=[{"text": "Owls", "answer_start": 0}]),
            ],
        },
        {"context": "They sleep by day, day by day.", "qas": [asked("a3", "When?", ("day", 14), ("day", 19))]},
    ],
}
BATS = {"title": "Bats", "paragraphs": [{"context": "Bats hang.", "qas": [asked(4, "Who hangs?", ("Bats", 0))]}]}


def write(path, *articles):
    path.write_text(json.dumps({"version": "v2.0", "data": articles}))
    return path


def test_articles_become_documents_and_answers_spans(tmp_path):
    imported = import_squad([write(tmp_path / "dev.json", OWLS, BATS)], tmp_path / "out")
    assert imported == Imported(tmp_path / "out", "beir", 2, 4)
    dataset = load(tmp_path / "out")
    owls, bats = dataset.documents
    assert (owls.id, owls.title) == ("Owls_of_the_night", "Owls of the night")
    assert owls.content == "Owls 🦉 hunt at night.\n\nThey sleep by day, day by day."
    assert (bats.id, bats.content) == ("Bats", "Bats hang.")
    first, second, third, fourth = dataset.questions
    assert (first.id, first.answers, first.answerable) == ("a1", ("night", "at night"), True)
    assert [(one.span, one.quote) for one in first.evidence] == [(Span(15, 20), "night"), (Span(12, 20), "at night")]
    assert (second.answerable, second.answers, second.evidence, second.judgements) == (False, (), (), {})
    assert (third.answers, [one.span for one in third.evidence]) == (("day",), [Span(37, 40), Span(42, 45)])
    assert (fourth.id, fourth.answerable, fourth.judgements) == ("4", True, {"Bats": 1})


def test_several_files_and_titles_that_come_again(tmp_path):
    other = {**BATS, "paragraphs": [{"context": "Bats.", "qas": [asked("b2", "Who?", ("Bats", 0))]}]}
    untitled = {"paragraphs": [{"context": "x", "qas": []}]}
    files = [write(tmp_path / "1.json", BATS), write(tmp_path / "2.json", other, untitled, untitled)]
    import_squad(files, tmp_path / "out")
    dataset = load(tmp_path / "out")
    assert [one.id for one in dataset.documents] == ["Bats", "Bats-2", "article", "article-4"]
    assert [one.judgements for one in dataset.questions] == [{"Bats": 1}, {"Bats-2": 1}]


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        (asked("x", "?", ("hang", 6)), "question 'x': the paragraph has 'ang.' at answer_start 6, not 'hang'"),
        (asked("x", "?", ("hang", 900)), "has '' at answer_start 900, not 'hang'"),
        (asked("x", "?", ("hang", 5), is_impossible=True), "needs answers, or is_impossible, and not both"),
        (asked("x", "?"), "needs answers, or is_impossible"),
        (asked(4, "?", ("hang", 5)), "question '4': the question id was there before"),
        (asked("x", "?", ("hang", -1)), "data.1.paragraphs.0.qas.0.answers.0.answer_start: "),
        (asked("x", "?", ("", 0)), "question 'x': an answer is empty"),
        (asked("x", ""), "data.1.paragraphs.0.qas.0.question: "),
        ({"question": "?"}, "data.1.paragraphs.0.qas.0.id: Field required"),
    ],
)
def test_a_wrong_question_is_named(tmp_path, question, problem):
    article = {"title": "T", "paragraphs": [{"context": "They hang.", "qas": [question]}]}
    source = write(tmp_path / "dev.json", BATS, article)
    with pytest.raises(BadInputError) as refusal:
        import_squad([source], tmp_path / "out")
    assert str(refusal.value).startswith(f"{source}")
    assert problem in str(refusal.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'"\xff"', "not JSON"),
        (b"[]", "the whole: "),
        (b'{"data": 3}', "data: "),
        (b'{"data": []}', "there are no questions"),
    ],
)
def test_a_file_in_another_form_is_refused(tmp_path, data, problem):
    (tmp_path / "dev.json").write_bytes(data)
    with pytest.raises(BadInputError, match=f"dev.json: {problem}"):
        import_squad([tmp_path / "dev.json"], tmp_path / "out")
    with pytest.raises(BadInputError, match="cannot be read: No such file"):
        import_squad([tmp_path / "nowhere.json"], tmp_path / "out")


@st.composite
def articles(draw):
    """Articles of hostile paragraphs, emoji and lone surrogates in them, with answers that begin and end anywhere."""
    paragraphs = []
    for number in range(draw(st.integers(1, 4))):
        context = draw(raw_texts)
        spans = draw(st.lists(st.tuples(st.integers(0, len(context)), st.integers(0, len(context))), max_size=4))
        answers = [(context[start:end], start) for start, end in spans if start < end]
        qas = [asked(f"q{number}", "What?", *answers)] if answers else []
        paragraphs.append({"context": context, "qas": qas})
    paragraphs.append({"context": "😀 x", "qas": [asked("last", "What?", ("x", 2))]})
    return {"title": draw(raw_texts), "paragraphs": paragraphs}


@given(article=articles())
def test_spans_hold_the_answers(tmp_path_factory, article):
    folder = tmp_path_factory.mktemp("squad")
    imported = import_squad([write(folder / "dev.json", article)], folder / "out")
    dataset = load(folder / "out")
    (document,) = dataset.documents
    text = canonical(document.content)
    given_answers = {one["id"]: one["answers"] for paragraph in article["paragraphs"] for one in paragraph["qas"]}
    assert {one.id for one in dataset.questions} == given_answers.keys()
    assert imported.questions == len(given_answers)
    for question in dataset.questions:
        texts = [answer["text"] for answer in given_answers[question.id]]
        assert set(question.answers) == set(texts)
        assert len(question.answers) == len(set(texts))
        assert {one.quote for one in question.evidence} == {canonical(text) for text in texts}
        assert all(one.span.of(text) == one.quote for one in question.evidence)
