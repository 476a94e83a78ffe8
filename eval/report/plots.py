"""The plots of a report: each is a picture and, for those who cannot see it, the same figures as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from eval.compare import Difference
from eval.metrics.abstention import DecisionTable, ReliabilityBin, RiskPoint
from eval.report import svg
from eval.report.curves import Histogram, Reach
from eval.report.wording import estimate_text, figure, interval, milliseconds, p_value, signed, signed_interval
from eval.statistics.intervals import Estimate, wilson_interval

_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_ROW = 27.0
_LABELS = 136.0  # room for the names of measures
_TABLE_ROWS = 21


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with its title, the table behind it, and what to know when reading it."""

    title: str
    picture: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def metric_bars(estimates: Mapping[str, Estimate]) -> Plot:
    """Draw a bar with its interval for every measure."""
    title = "Primary measures with 95 % intervals"
    area = svg.plane((0, 1), (0, len(estimates)), _ROW * len(estimates) + 58, _LABELS)
    parts = svg.x_axis(area, _SHARES, _share, "value")
    for row, (name, one) in enumerate(estimates.items()):
        middle = area.y.end + _ROW * (row + 0.5)
        hint = f"{name}: {estimate_text(one)}"
        parts.append(svg.text(area.x.start - 8, middle, name, "name", "end"))
        parts.append(svg.box((area.x.start, middle - 8), (area.x(one.value) - area.x.start, 16), "bar", hint))
        parts += _whisker((area.x(one.ci95[0]), middle), (area.x(one.ci95[1]), middle))
    rows = [(name, figure(one.value), interval(*one.ci95), f"{one.n:,}") for name, one in estimates.items()]
    picture = svg.drawing(area.height, title, parts)
    return Plot(title, picture, ("measure", "value", "95 % interval", "questions"), tuple(rows))


def risk_coverage(curve: Sequence[RiskPoint], chosen: RiskPoint | None) -> Plot:
    """Draw how many answers are wrong when only the surest share of the questions is answered."""
    title = "Risk and coverage"
    top = max(0.1, *(point.risk for point in curve))
    area = svg.plane((0, 1), (0, top))
    parts = svg.x_axis(area, _SHARES, _share, "coverage: share of questions answered")
    parts += svg.y_axis(area, svg.ticks(top), "{:.3g}".format, "risk: share of answers that are wrong")
    parts.append(svg.polyline([(area.x(one.coverage), area.y(one.risk)) for one in curve], "curve"))
    note = "The surest answers come first."
    if chosen:
        words = f"coverage {figure(chosen.coverage)}, risk {figure(chosen.risk)}"
        parts.append(svg.circle(area.x(chosen.coverage), area.y(chosen.risk), 6, "dot", f"as run: {words}"))
        note += f" The dot is where this run stands: {words}."
    rows = tuple((figure(one.coverage), figure(one.risk)) for one in _spread(curve))
    return Plot(title, svg.drawing(area.height, title, parts), ("coverage", "risk"), rows, note)


def reliability(bins: Sequence[ReliabilityBin]) -> Plot:
    """Draw how often answers are right against how sure they were; on the diagonal both agree."""
    title = "Reliability of the confidence"
    area = svg.plane((0, 1), (0, 1))
    parts = svg.x_axis(area, _SHARES, _share, "confidence")
    parts += svg.y_axis(area, _SHARES, _share, "share that is right")
    parts.append(svg.line((area.x(0), area.y(0)), (area.x(1), area.y(1)), "diagonal"))
    largest = max(one.n for one in bins)
    rows = []
    for one in bins:
        low, high = _right_interval(one)
        x = area.x(one.confidence)
        parts += _whisker((x, area.y(low)), (x, area.y(high)))
        hint = f"confidence {figure(one.confidence)}: {figure(one.right)} right, n {one.n:,}"
        parts.append(svg.circle(x, area.y(one.right), 4 + 5 * (one.n / largest) ** 0.5, "dot", hint))
        rows.append((figure(one.confidence), figure(one.right), interval(low, high), f"{one.n:,}"))
    note = "Larger dots stand for more questions. Below the diagonal the system is too sure, above it too modest."
    columns = ("mean confidence", "share right", "95 % interval", "questions")
    return Plot(title, svg.drawing(area.height, title, parts), columns, tuple(rows), note)


def latencies(found: Histogram, marked: Mapping[str, float], note: str) -> Plot:
    """Draw how many questions took how long; `marked` times get a line with their name."""
    if found.beyond:
        note = f"The last bar includes {found.beyond:,} that took still longer. {note}"
    title = "Time per question"
    bars = list(zip(pairwise(found.edges), found.counts, strict=True))
    area = svg.plane((0, found.edges[-1]), (0, max(found.counts) * 1.14))
    parts = svg.x_axis(area, svg.ticks(found.edges[-1]), "{:,.0f}".format, "milliseconds")
    parts += svg.y_axis(area, svg.ticks(max(found.counts)), "{:,.0f}".format, "questions")
    for (low, high), count in bars:
        size = (area.x(high) - area.x(low) - 1, area.y(0) - area.y(count))
        parts.append(svg.box((area.x(low) + 0.5, area.y(count)), size, "bar", f"{_span(low, high)} ms: {count:,}"))
    for row, (name, value) in enumerate(marked.items()):
        parts += _marked_time(area, f"{name} {milliseconds(value)}", value, row)
    rows = tuple((_span(low, high), f"{count:,}") for (low, high), count in bars)
    return Plot(title, svg.drawing(area.height, title, parts), ("milliseconds", "questions"), rows, note)


def found_by_depth(found: Sequence[Reach]) -> Plot:
    """Draw how much is found among the first k passages, for one or two kinds of gold data."""
    title = "Found among the first k passages"
    depths = range(1, len(found[0].shares) + 1)
    area = svg.plane((1, depths[-1]), (0, 1))
    parts = svg.x_axis(area, depths, "{:g}".format, "k: passages looked at")
    parts += svg.y_axis(area, _SHARES, _share, "share found")
    for row, (kind, one) in enumerate(zip(("first", "second"), found, strict=False)):
        points = [(area.x(k), area.y(share)) for k, share in zip(depths, one.shares, strict=True)]
        parts.append(svg.polyline(points, f"curve {kind}"))
        for (x, y), k, share in zip(points, depths, one.shares, strict=True):
            parts.append(svg.circle(x, y, 3.5, f"dot {kind}", f"{one.name}, k = {k}: {figure(share)}"))
        parts.append(
            svg.text(area.x.end - 4, area.y.start - 16 - 18 * row, f"\u25cf {one.name}", f"name {kind}", "end")
        )
    rows = tuple((str(k), *(figure(one.shares[k - 1]) for one in found)) for k in depths)
    note = "; ".join(f"{one.name}: {one.meaning}, n {one.n:,}" for one in found) + "."
    return Plot(title, svg.drawing(area.height, title, parts), ("k", *(one.name for one in found)), rows, note)


def differences(system: str, found: Sequence[Difference]) -> Plot:
    """Draw the difference of every measure from the baseline with its interval."""
    title = f"{system} against {found[0].baseline}"
    reach = max(0.02, *(abs(end) for one in found for end in one.ci95))
    area = svg.plane((-reach, reach), (0, len(found)), 24 * len(found) + 58, _LABELS)
    right = svg.ticks(reach, 3)
    parts = svg.x_axis(area, [*(-tick for tick in right[:0:-1]), *right], _difference, "difference, with 95 % interval")
    parts.append(svg.line((area.x(0), area.y.start), (area.x(0), area.y.end), "zero"))
    for row, one in enumerate(found):
        middle = area.y.end + 24 * (row + 0.5)
        hint = f"{one.metric}: {signed(one.difference)} ({signed_interval(*one.ci95)}), p {p_value(one.p_holm)}"
        parts.append(svg.text(area.x.start - 8, middle, one.metric, "name", "end"))
        parts += _whisker((area.x(one.ci95[0]), middle), (area.x(one.ci95[1]), middle), one.verdict)
        parts.append(svg.circle(area.x(one.difference), middle, 5, f"dot {one.verdict}", hint))
    rows = [(one.metric, signed(one.difference), signed_interval(*one.ci95), p_value(one.p_holm)) for one in found]
    columns = ("measure", "difference", "95 % interval", "p (Holm)")
    note = "Grey: no clear difference (p 0.05 or more after Holm's correction). Right of the line the value is higher."
    return Plot(title, svg.drawing(area.height, title, parts), columns, tuple(rows), note)


def interval_mark(one: Estimate) -> Markup:
    """Draw a value with its interval small enough for a line of a table."""
    scale = svg.Scale(0, 1, 1, 99)
    low, high, value = scale(one.ci95[0]), scale(one.ci95[1]), scale(one.value)
    parts = [
        svg.line((0, 5), (100, 5), "grid"),
        svg.box((low, 2), (max(high - low, 1), 6), "bar", estimate_text(one)),
        svg.line((value, 0), (value, 10), "mark-line"),
    ]
    return svg.drawing(10, "", parts, 100)


def operating_point(table: DecisionTable) -> RiskPoint | None:
    """Compute where the decisions of a run stand on its curve; None where none of the answers can be judged."""
    wrong = table.wrong + table.unanswerable_answered
    answered = table.right + wrong
    known = answered + table.answerable_abstained + table.unanswerable_abstained
    return RiskPoint(answered / known, wrong / answered) if answered else None


def _share(value: float) -> str:
    return f"{value:.1f}"


def _difference(value: float) -> str:
    return f"{value:+.3g}".replace("-", "\u2212") if value else "0"


def _span(low: float, high: float) -> str:
    return f"{low:,.0f} to {high:,.0f}"


def _spread(curve: Sequence[RiskPoint]) -> Sequence[RiskPoint]:
    """Choose so many points of a curve that a table of them can be read."""
    step = max(1, len(curve) // _TABLE_ROWS)
    return [*curve[:-1:step], curve[-1]]


def _right_interval(one: ReliabilityBin) -> tuple[float, float]:
    return wilson_interval(round(one.right * one.n), one.n)


def _whisker(start: tuple[float, float], end: tuple[float, float], kind: str = "") -> list[Markup]:
    """Draw an interval as a line with caps, across or up."""
    across = start[1] == end[1]
    x, y = (0.0, 4.0) if across else (4.0, 0.0)
    caps = [svg.line((px - x, py - y), (px + x, py + y), f"whisker {kind}") for px, py in (start, end)]
    return [svg.line(start, end, f"whisker {kind}"), *caps]


def _marked_time(area: svg.Plane, words: str, value: float, row: int) -> list[Markup]:
    x = area.x(value)
    is_far = x > (area.x.start + area.x.end) * 0.65
    label = svg.text(x + (-6 if is_far else 6), area.y.end + 8 + 16 * row, words, "name", "end" if is_far else "start")
    return [svg.line((x, area.y.start), (x, area.y.end), "mark"), label]
