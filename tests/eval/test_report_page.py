"""The pages as text: what is in them, and that nothing from documents is markup. tests/api has them in a browser."""

import base64
import hashlib
import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from eval.report.data import script_json
from eval.report.page import comparison_page, run_page
from eval.report.stages import stage_table
from tests.eval.runs import HOSTILE, hostile_run, question, realistic_run, run_of

_VOID = {"meta", "link", "br", "input", "img"}


class _Page(HTMLParser):
    """Elements with their attributes, and the text inside of each kind of element."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.texts = {}
        self.open = []
        self.feed(page)
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def data(self):
        return json.loads(self.texts["script"][0])


@pytest.fixture(scope="module")
def run():
    return realistic_run(80)


@pytest.fixture(scope="module")
def page(run):
    return _Page(run_page(run))


@pytest.fixture(scope="module")
def pages(run, page):
    other = realistic_run(80, skill=0.9, system="other")
    third = realistic_run(80, skill=0.2, system="third")
    return [
        page,
        _Page(comparison_page([("base", run), ("other", other), ("third", third)])),
        _Page(run_page(hostile_run())),
    ]


def test_a_page_loads_nothing(pages):
    for page in pages:
        for tag, attributes in page.elements:
            assert tag not in ("img", "iframe", "object", "embed", "base", "form")
            assert not any(name.startswith("on") for name in attributes)
            assert "style" not in attributes
            assert attributes.get("src") is None
            assert attributes.get("href", "#").startswith(("#", "data:,"))


def test_the_policy_allows_the_page_s_own_script_and_style_and_nothing_else(pages):
    for page in pages:
        (policy,) = (one["content"] for tag, one in page.elements if tag == "meta" and "http-equiv" in one)
        assert policy.startswith("default-src 'none'")
        for inline in (page.texts["style"][0], page.texts["script"][1]):
            digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy
        assert "unsafe" not in policy


def test_hostile_text_makes_no_elements(pages):
    *_, page = pages
    assert sum(tag == "script" for tag, _ in page.elements) == 2
    assert HOSTILE[0] in "".join(page.texts["h1"])
    texts = [one["text"] for one in page.data()["questions"]]
    assert set(texts) == set(HOSTILE)


def test_no_angle_bracket_is_left_in_the_data():
    written = script_json({"text": "</script><!--<script>\u2028\u2029\x00"})
    assert not set("<\u2028\u2029\x00") & set(written)
    assert json.loads(written) == {"text": "</script><!--<script>\u2028\u2029\x00"}


def test_all_questions_are_in_the_page_with_their_texts_once(run, page):
    data = page.data()
    assert {one["id"] for one in data["questions"]} == {one.id for one in run.questions}
    assert len(data["texts"]) == len(set(data["texts"]))
    by_id = {one.id: one for one in run.questions}
    for shown in data["questions"]:
        (result,) = shown["results"]
        passages = by_id[shown["id"]].passages
        assert [data["texts"][one["text"]] for one in result["passages"][:3]] == [one.text for one in passages[:3]]


def test_problems_come_first(page):
    counts = [len(one["results"][0]["problems"]) for one in page.data()["questions"]]
    first_fine = counts.index(0)
    assert 0 < first_fine < len(counts)
    assert not any(counts[first_fine:])


def test_what_is_withheld_is_shown_but_not_as_citations(run, page):
    abstained = [one.id for one in run.questions if one.abstained]
    results = {one["id"]: one["results"][0] for one in page.data()["questions"]}
    assert abstained
    assert all(results[one]["withheld"] and not results[one]["citations"] for one in abstained)


def test_sections_plots_and_set_up_of_a_run(run, page):
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert {"summary", "plots", "abstaining", "metrics", "slices", "questions", "facts"} <= ids
    links = {one["href"][1:] for tag, one in page.elements if tag == "a"}
    assert links <= ids
    plots = [one["aria-label"] for tag, one in page.elements if tag == "svg" and one.get("role") == "img"]
    assert len(plots) == 5
    words = "\n".join(text for texts in page.texts.values() for text in texts)
    for wanted in (run.corpus_digest, run.questions_digest, "bge-small-en-v1.5", "profile.min_confidence", "3.11.2"):
        assert wanted in words
    assert "Remembered instead of computed: 12 vectors." in words
    assert "scans/empty.pdf" in page.texts["code"]
    assert f"{run.metrics['span_mrr@10'].value:.3f}" in page.texts["p"]


def test_a_comparison_has_every_system_against_the_baseline(pages):
    page = pages[1]
    plots = [one["aria-label"] for tag, one in page.elements if tag == "svg" and one.get("role") == "img"]
    assert plots == ["other against base", "third against base"]
    data = page.data()
    assert data["systems"] == ["base", "other", "third"]
    for shown in data["questions"]:
        assert len(shown["results"]) == 3
        assert shown["changes"]
        assert all(one["before"] != one["after"] for one in shown["changes"])


def test_a_question_that_one_system_was_not_asked_is_told_apart(run):
    shorter = replace(run, questions=run.questions[:40])
    data = _Page(comparison_page([("base", run), ("short", shorter), ("other", realistic_run(80, skill=1))])).data()
    assert any(None in shown["results"] for shown in data["questions"])


@pytest.mark.parametrize(
    "bare",
    [
        run_of(),
        run_of(question()),
        # As it comes from somebody else's run of documents.
        replace(
            run_of(
                question(metrics={"ndcg@10": 0.5}, answerable=None, correct=None, confidence=None, abstained=None, ms=0)
            ),
            settings=None,
            models={},
            versions={},
            timings={},
            cached={},
        ),
        run_of(question(metrics={}, answerable=None, abstained=None), question(2, error="E", abstained=None)),
    ],
    ids=["empty", "one question", "foreign", "nothing applies"],
)
def test_runs_with_little_in_them_have_a_page(bare):
    assert len(_Page(run_page(bare)).data()["questions"]) == len(bare.questions)


def test_times_by_stage():
    timings = {"rerank_ms_p50": 31.0, "rerank_ms_mean": 30.0, "ask_s": 12.0, "query_ms_p95": 5.0}
    assert stage_table(timings) == {"rerank": [30.0, 31.0, None], "query": [None, None, 5.0]}
