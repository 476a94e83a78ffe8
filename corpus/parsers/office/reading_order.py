"""The order in which a reader takes in the shapes of a slide: rows from top to bottom, in a row from left to right."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class Placed(Generic[Shape]):
    """A shape and where it stands, in any unit of length."""

    shape: Shape
    top: float = 0
    left: float = 0
    height: float = 0


def in_reading_order(shapes: Iterable[Placed[Shape]]) -> list[Shape]:
    """Shapes that begin above the middle of the topmost one are in a row with it; equal places keep their order."""
    rows: list[list[Placed[Shape]]] = []
    for placed in sorted(shapes, key=lambda one: one.top):
        first = rows[-1][0] if rows else None
        if first is not None and placed.top <= first.top + first.height / 2:
            rows[-1].append(placed)
        else:
            rows.append([placed])
    return [placed.shape for row in rows for placed in sorted(row, key=lambda one: one.left)]
