"""The summaries, read as GitHub reads them: CommonMark with tables."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from eval.report.markdown import comparison_markdown, run_markdown
from tests.eval.runs import HOSTILE, hostile_run, question, realistic_run, run_of

_EXPECTED = {"heading", "paragraph", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td"}


def _tokens(markdown):
    parser = MarkdownIt("gfm-like", {"linkify": False})
    return [token for block in parser.parse(markdown) for token in [block, *(block.children or [])]]


def _rows(markdown, heading):
    """The cells of the first table below a heading."""
    lines = markdown.split(heading, 1)[1].splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("|"))
    table = [line for line in lines[first:] if line.startswith("|") or line][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table if line.startswith("|")]


def test_primary_measures_with_intervals_and_n():
    run = realistic_run(80)
    rows = {row[0]: row[1:] for row in _rows(run_markdown(run), "##")}
    one = run.metrics["span_mrr@10"]
    assert rows["`span_mrr@10`"] == [
        f"{one.value:.3f}",
        f"{one.ci95[0]:.3f} to {one.ci95[1]:.3f}",
        str(one.n),
        str(one.not_applicable),
        str(one.errors),
    ]
    assert "`aurc`" not in rows


def test_decisions_slices_and_five_failures():
    questions = [question(number, slices={"kind": "good"}) for number in range(40)]
    bad = {"metrics": {"span_mrr@10": 0.0}, "correct": False, "slices": {"kind": "bad"}, "gold_answers": ("9 metres",)}
    questions += [question(40 + number, **bad) for number in range(10)]
    written = run_markdown(run_of(*questions))
    assert _rows(written, "Answering and abstaining")[0] == ["answerable", "50 (evidence right 40, wrong 10)", "0"]
    assert _rows(written, "clearly worse")[0][:4] == ["kind", "bad", "`span_mrr@10`", "0.000"]
    assert "### 5 of 10 failures" in written
    assert written.count("evidence not found, answered wrongly, `span_mrr@10` 0.000; expected: 9 metres") == 5


def test_a_run_without_failures_says_nothing_about_them():
    written = run_markdown(run_of(question()))
    assert "failures" not in written
    assert "worse" not in written


def test_a_comparison_names_differences_and_changes():
    written = comparison_markdown([("base", realistic_run(200, skill=0.2)), ("new", realistic_run(200, skill=0.9))])
    rows = {row[0]: row[1:] for row in _rows(written, "### new")}
    assert rows["`span_mrr@10`"][2].endswith(" better")
    assert rows["`span_mrr@10`"][2].startswith("+")
    assert re.fullmatch(r"\d+ / \d+ / \d+", rows["`span_mrr@10`"][5])
    assert written.count(" → ") == 5


def _assert_harmless(markdown):
    tokens = _tokens(markdown)
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens}
    assert kinds <= _EXPECTED | {"inline", "text", "code_inline", "text_special"}
    assert not any(token.level > 3 for token in tokens if token.type == "list_item_open"), "no list within a list"
    words = "\n".join(token.content for token in tokens if token.type in ("text", "text_special"))
    assert not re.search(r"[@#]\w|://|www\.", words)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u2028\u2029\u202a-\u202e]", markdown)


def test_hostile_text_is_text():
    written = run_markdown(hostile_run())
    _assert_harmless(written)
    other = [("a|b", hostile_run()), (HOSTILE[5], hostile_run())]
    _assert_harmless(comparison_markdown(other))


@pytest.mark.parametrize("words", ["1. a list", "- a list", "# a heading", "> a quote", "    code", "```", "a | b"])
def test_text_begins_no_block(words):
    written = run_markdown(run_of(question(text=words, metrics={"span_mrr@10": 0.0})))
    _assert_harmless(written)
    assert sum(token.type == "list_item_open" for token in _tokens(written)) == written.count("\n* ")


@given(st.text(st.characters(exclude_categories=[]), max_size=60))
def test_any_text_is_text(words):
    failed = question(1, id=words, text=words, gold_answers=(words,), metrics={"span_mrr@10": 0.0})
    written = run_markdown(run_of(failed))
    written.encode()
    _assert_harmless(written)
