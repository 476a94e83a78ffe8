"""Plots are read back: the picture must be XML, and say what the table says."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.compare import compare
from eval.metrics.abstention import DecisionTable, RiskPoint
from eval.report import curves, plots, svg
from eval.statistics.intervals import Estimate
from eval.summary import abstention_of
from tests.eval.runs import HOSTILE, realistic_run


@pytest.fixture(scope="module")
def drawn():
    run, other = realistic_run(120), realistic_run(120, skill=0.9)
    abstention = abstention_of(run.questions)
    found = compare([("a", run), ("b", other)]).differences
    return [
        plots.metric_bars(run.metrics),
        plots.found_by_depth(curves.reaches(run.questions)),
        plots.risk_coverage(abstention.risk_coverage, plots.operating_point(abstention.table)),
        plots.reliability(abstention.reliability),
        plots.latencies(curves.durations(run.questions), {"p50": 10.0, "p95": 200.0}, ""),
        plots.differences("b", found),
    ]


def _shapes(plot, name, kind):
    picture = ElementTree.fromstring(str(plot.picture))
    return [shape for shape in picture.iter(name) if kind in shape.get("class", "").split()]


def test_every_plot_has_a_title_axes_and_a_table(drawn):
    for plot in drawn:
        picture = ElementTree.fromstring(str(plot.picture))
        assert picture.get("role") == "img"
        assert picture.get("aria-label") == plot.title
        assert len(_shapes(plot, "text", "axis")) >= 1
        assert len(plot.rows) > 1
        assert all(len(row) == len(plot.columns) for row in plot.rows)


def test_nothing_is_drawn_outside_the_picture(drawn):
    for plot in drawn:
        picture = ElementTree.fromstring(str(plot.picture))
        _, _, width, height = map(float, picture.get("viewBox").split())
        for circle in picture.iter("circle"):
            assert 0 <= float(circle.get("cx")) <= width
            assert 0 <= float(circle.get("cy")) <= height
        for box in picture.iter("rect"):
            assert float(box.get("width")) >= 0
            assert float(box.get("x")) + float(box.get("width")) <= width


def test_bars_are_as_long_as_the_values():
    plot = plots.metric_bars({"half": Estimate(0.5, (0.4, 0.6), 10), "all": Estimate(1.0, (1.0, 1.0), 10)})
    half, whole = (float(bar.get("width")) for bar in _shapes(plot, "rect", "bar"))
    assert half == pytest.approx(whole / 2, abs=0.1)


def test_a_difference_in_doubt_is_grey():
    run = realistic_run(60)
    plot = plots.differences("same", compare([("a", run), ("same", run)]).differences)
    assert len(_shapes(plot, "circle", "unclear")) == len(plot.rows)


def test_the_operating_point_is_the_share_answered_and_wrong_of_those():
    table = DecisionTable(60, 20, 10, 10, right=50, wrong=10)
    assert plots.operating_point(table) == RiskPoint(0.7, 20 / 70)
    assert plots.operating_point(DecisionTable(0, 5, 0, 5, 0, 0)) is None


def test_labels_are_text_and_never_markup():
    for words in HOSTILE:
        written = svg.text(1, 2, words)
        if "\x00" not in words:  # no text of XML at all; the page replaces it
            assert ElementTree.fromstring(str(written)).text == words.replace("\r", "\n")


@given(st.floats(1e-6, 1e7))
def test_ticks_are_even_and_reach_nearly_to_the_end(high):
    ticks = svg.ticks(high)
    step = ticks[1]
    assert 2 <= len(ticks) <= 7
    assert ticks == pytest.approx([step * number for number in range(len(ticks))])
    assert ticks[-1] <= high * (1 + 1e-6) < ticks[-1] + step * 1.001
