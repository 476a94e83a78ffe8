"""The built-in evaluation set: every document is read, every piece of evidence stands where it is said to."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from corpus.parsers import parse
from corpus.types import ParsedDocument, page_at
from eval.datasets import load
from eval.evidence import SqueezedText

ROOT = Path(__file__).resolve().parents[2]
SET = ROOT / "eval" / "sets" / "sample"
SOURCES = ROOT / "benchmarks" / "sample_sources"
FILES = {path.stem: path for path in sorted((ROOT / "corpus" / "sample").iterdir())}
QUESTIONS: list[dict[str, Any]] = [json.loads(line) for line in (SET / "queries.jsonl").read_text("utf-8").splitlines()]
ANSWERABLE = [question for question in QUESTIONS if question["answerable"]]
KINDS = {
    "keyword": 24,
    "natural": 52,
    "paraphrased": 40,
    "multi-sentence": 12,
    "numeric": 12,
    "table": 18,
    "unanswerable": 52,
}


def question_id(question: dict[str, Any]) -> str:
    return str(question["_id"])


def normalised(text: str) -> str:
    return " ".join(text.split()).casefold()


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


@cache
def parsed(stem: str) -> ParsedDocument:
    return parse(FILES[stem].read_bytes(), FILES[stem].name)


def test_the_corpus_has_every_format_and_no_two_files_share_a_stem():
    paths = list((ROOT / "corpus" / "sample").iterdir())
    assert len(FILES) == len(paths) == 42
    assert {path.suffix for path in paths} == {".txt", ".md", ".html", ".pdf", ".docx"}


def test_the_set_has_as_many_questions_of_each_kind_as_it_says():
    assert Counter(question["kind"] for question in QUESTIONS) == KINDS
    assert len({question["_id"] for question in QUESTIONS}) == len({question["text"] for question in QUESTIONS}) == 210


@pytest.mark.parametrize("kind", KINDS)
def test_a_third_of_each_kind_is_held_out_from_tuning(kind: str):
    held_out = sum(question.get("held_out", False) for question in QUESTIONS if question["kind"] == kind)
    assert held_out == round(KINDS[kind] / 3)


def test_the_corpus_has_25_000_words():
    assert sum(len(re.findall(r"\w+", parsed(stem).text)) for stem in FILES) > 25_000


def test_the_set_is_read_by_its_name():
    dataset = load("sample")
    assert dataset.name == "sample"
    assert {document.id for document in dataset.documents} == set(FILES)
    assert [question.id for question in dataset.questions] == [question["_id"] for question in QUESTIONS]


def test_judgements_are_the_documents_of_the_evidence():
    judged = {question.id: dict(question.judgements) for question in load("sample").questions}
    for question in QUESTIONS:
        assert judged[question["_id"]] == {evidence["doc_id"]: 1 for evidence in question["evidence"]}


def test_only_answerable_questions_have_answers_and_evidence():
    for question in QUESTIONS:
        assert question["answerable"] is (question["kind"] != "unanswerable")
        assert bool(question["answers"]) is bool(question["evidence"]) is question["answerable"]


@pytest.mark.parametrize("stem", FILES)
def test_every_document_is_read(stem: str):
    document = parsed(stem)
    assert len(document.text.split()) > 250
    assert document.title
    assert bool(document.page_starts) is (FILES[stem].suffix == ".pdf")


@pytest.mark.parametrize("stem", [stem for stem, path in FILES.items() if path.suffix != ".txt"])
def test_every_document_with_headings_has_sections(stem: str):
    assert len(parsed(stem).sections) >= 3


def test_the_regulation_has_pages_and_an_article_for_every_citation():
    regulation = parsed("harbour-regulation-2023")
    assert len(regulation.page_starts) >= 6
    articles = [section.path[-1] for section in regulation.sections if section.path[-1].startswith("Article")]
    assert [int(article.split()[1].rstrip(".")) for article in articles] == list(range(1, 32))


@pytest.mark.parametrize("question", ANSWERABLE, ids=question_id)
def test_evidence_is_found_once_and_on_its_page(question: dict[str, Any]):
    for evidence in question["evidence"]:
        document = parsed(evidence["doc_id"])
        places = SqueezedText.of(document.text).find(evidence["quote"])
        assert len(places) == 1, evidence["quote"]
        first, last = places[0].start, places[0].end - 1
        pages = {page_at(document.page_starts, first), page_at(document.page_starts, last)}
        assert pages == {evidence.get("page")}


@pytest.mark.parametrize("question", ANSWERABLE, ids=question_id)
def test_every_answer_stands_in_its_evidence(question: dict[str, Any]):
    quotes = [normalised(evidence["quote"]) for evidence in question["evidence"]]
    for answer in question["answers"]:
        assert any(normalised(answer) in quote for quote in quotes), answer


@pytest.mark.parametrize("source", sorted(SOURCES.glob("*.md")), ids=lambda path: path.stem)
def test_generated_files_are_current(source: Path):
    # Numbers of list items are drawn by the reader's program; pages add a footer, so only missing words count.
    text = re.sub(r"^\d+\. ", "", source.read_text("utf-8"), flags=re.MULTILINE)
    assert not words(text) - words(parsed(source.stem).text)
