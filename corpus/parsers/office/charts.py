"""Charts and diagrams of Office files: the data that a chart shows as tables, the texts of SmartArt as a list."""

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from corpus.parsers.office.drawing import PARAGRAPH, frame_line, paragraph_text
from corpus.parsers.office.number_formats import shown_number
from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.package import Package
from corpus.parsers.xml import whole_number

if TYPE_CHECKING:
    from lxml.etree import _Element

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
# Points of a diagram that connect others or only lay them out.
_UNSEEN_POINTS = {"pres", "parTrans", "sibTrans", "doc"}
_Points = dict[int, str]


def add_linked_drawing(text: OfficeText, package: Package, target: str | None, kind: str) -> None:
    """Add the chart or diagram (`kind`) in the part `target`; what has no text to read is noted as lost."""
    if target is None or target not in package:
        text.lose(f"{kind}s that are missing in the file")
        return
    root = package.root(target)
    if kind == "chart":
        _add_chart(text, root)
    else:
        _add_diagram(text, root)


def _add_chart(text: OfficeText, root: "_Element") -> None:
    if root.tag != f"{_C}chartSpace":
        text.lose("charts of a newer kind")
        return
    title = root.find(f"{_C}chart/{_C}title")
    if title is not None:
        text.add(frame_line(title))
    series = [(_labels(one), _name(one), _points(one, ("val", "yVal"))) for one in root.iter(f"{_C}ser")]
    # Series over the same categories are columns of one table; those of a scatter chart mostly are not.
    for labels, group in groupby(series, key=lambda one: one[0]):
        columns = [(name, points) for _, name, points in group]
        _add_table(text, labels, columns)


def _add_table(text: OfficeText, labels: _Points, columns: list[tuple[str, _Points]]) -> None:
    text.end_group()
    text.add_row(["", *(name for name, _ in columns)], columns, header=True)
    for number in sorted(set(labels).union(*(points for _, points in columns))):
        values = (points.get(number, "") for _, points in columns)
        text.add_row([labels.get(number, ""), *values], columns)
    text.end_group()


def _name(series: "_Element") -> str:
    return " ".join(" ".join(value.text or "" for value in series.iterfind(f"{_C}tx//{_C}v")).split())


def _labels(series: "_Element") -> _Points:
    return _points(series, ("cat", "xVal"))


def _points(series: "_Element", names: tuple[str, str]) -> _Points:
    """What is shown at each place of an axis; of categories in several levels the innermost one."""
    found: _Points = {}
    for name in names:
        for cache in series.iterfind(f"{_C}{name}/*/*"):
            level = cache if cache.find(f"{_C}lvl") is None else cache.find(f"{_C}lvl")
            for point in level.iterfind(f"{_C}pt"):
                value = " ".join((point.findtext(f"{_C}v") or "").split())
                code = point.get("formatCode") or cache.findtext(f"{_C}formatCode") or ""
                number = whole_number(point.get("idx"), -1)
                if number >= 0:
                    found[number] = _shown(value, code) if cache.tag.startswith(f"{_C}num") else value
    return found


def _shown(value: str, code: str) -> str:
    try:
        return shown_number(float(value), code)
    except (ValueError, OverflowError):
        return value


def _add_diagram(text: OfficeText, root: "_Element") -> None:
    for line in _diagram_lines(root):
        text.add(f"- {line}", group="list")


def _diagram_lines(root: "_Element") -> Iterator[str]:
    for point in root.iter(f"{_DGM}pt"):
        if point.get("type") not in _UNSEEN_POINTS:
            for paragraph in point.iter(PARAGRAPH):
                line = " ".join(paragraph_text(paragraph).split())
                if line:
                    yield line
