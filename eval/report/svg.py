"""The parts of a plot as SVG: a plane with axes, and shapes on it. Colours are classes, for light and dark."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 430.0

_LEFT, _TOP, _RIGHT, _BOTTOM = 50.0, 12.0, 18.0, 42.0
_TEXT_DROP = 4.0  # from the middle of a line of text down to its base


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` as coordinates from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Place a value; those outside stand at the border."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Plane:
    """The area of a plot inside its axes."""

    x: Scale
    y: Scale
    height: float


def plane(x: tuple[float, float], y: tuple[float, float], height: float = 270.0, left: float = _LEFT) -> Plane:
    """Lay out a plane for values of these ranges; `left` leaves room for the labels of the y axis."""
    return Plane(Scale(*x, left, WIDTH - _RIGHT), Scale(*y, height - _BOTTOM, _TOP), height)


def ticks(high: float, most: int = 6) -> list[float]:
    """Choose round values from 0 to `high`, evenly apart."""
    raw = high / most
    power = 10 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw)
    return [step * number for number in range(int(high / step + 1e-9) + 1)]


def tag(name: str, attributes: dict[str, str | float], *children: str | Markup) -> Markup:
    """Write an element; numbers get one decimal, and text is escaped."""
    written = "".join(f' {key}="{escape(_plain(value))}"' for key, value in attributes.items())
    return Markup(f"<{name}{written}>{''.join(escape(child) for child in children)}</{name}>")


def text(x: float, y: float, words: str, kind: str = "tick", anchor: str = "middle") -> Markup:
    """Write text whose middle stands at `y`."""
    return tag("text", {"x": x, "y": y + _TEXT_DROP, "class": kind, "text-anchor": anchor}, words)


def line(start: tuple[float, float], end: tuple[float, float], kind: str) -> Markup:
    """Draw a straight line between two coordinates."""
    return tag("line", {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1], "class": kind})


def circle(x: float, y: float, radius: float, kind: str, hint: str) -> Markup:
    """Draw a dot that explains itself under the pointer."""
    return tag("circle", {"cx": x, "cy": y, "r": radius, "class": kind}, tag("title", {}, hint))


def box(corner: tuple[float, float], size: tuple[float, float], kind: str, hint: str) -> Markup:
    """Draw a box that explains itself under the pointer."""
    place: dict[str, str | float] = {"x": corner[0], "y": corner[1], "width": size[0], "height": size[1]}
    return tag("rect", {**place, "rx": 2, "class": kind}, tag("title", {}, hint))


def polyline(points: Iterable[tuple[float, float]], kind: str) -> Markup:
    """Draw a line through coordinates."""
    return tag("polyline", {"points": " ".join(f"{x:.1f},{y:.1f}" for x, y in points), "class": kind})


def x_axis(area: Plane, ticks: Sequence[float], write: Callable[[float], str], title: str) -> list[Markup]:
    """Draw the ticks of the x axis with faint lines up, and its title."""
    bottom = area.y.start
    drawn = [line((area.x(tick), bottom), (area.x(tick), area.y.end), "grid") for tick in ticks]
    drawn += [text(area.x(tick), bottom + 12, write(tick)) for tick in ticks]
    return [*drawn, text((area.x.start + area.x.end) / 2, area.height - 9, title, "axis")]


def y_axis(area: Plane, ticks: Sequence[float], write: Callable[[float], str], title: str) -> list[Markup]:
    """Draw the ticks of the y axis with faint lines across, and its title along it."""
    left = area.x.start
    drawn = [line((left, area.y(tick)), (area.x.end, area.y(tick)), "grid") for tick in ticks]
    drawn += [text(left - 7, area.y(tick), write(tick), anchor="end") for tick in ticks]
    middle = (area.y.start + area.y.end) / 2
    turned: dict[str, str | float] = {"transform": f"translate(13 {middle:.1f}) rotate(-90)"}
    return [*drawn, tag("g", turned, text(0, 0, title, "axis"))]


def drawing(height: float, label: str, parts: Iterable[Markup], width: float = WIDTH) -> Markup:
    """Put the parts into one picture that is called `label`; one without a name only repeats what stands beside it."""
    named: dict[str, str | float] = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return tag("svg", {"class": "plot", "viewBox": f"0 0 {width:g} {height:g}", **named}, *parts)


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
