"""From headings and their levels to sections and their heading paths."""

from collections.abc import Iterable
from dataclasses import dataclass

from corpus.types import Section


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (outermost) or deeper, and where it stands in the canonical text."""

    start: int
    level: int
    text: str


def sections_of(headings: Iterable[Heading]) -> tuple[Section, ...]:
    """One section a heading; its path holds the headings above it that are of a lower level, and itself."""
    sections = []
    open_headings: list[Heading] = []
    for heading in headings:
        open_headings = [above for above in open_headings if above.level < heading.level] + [heading]
        sections.append(Section(heading.start, tuple(above.text for above in open_headings)))
    return tuple(sections)
