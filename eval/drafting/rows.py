"""Questions for the rows of tables that have two cells: a label and a figure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.sentences import trimmed
from corpus.types import ParsedDocument, Span, section_at
from eval.drafting.sentences import plain_text

_MOST_WORDS = 12
_NUMBERING = re.compile(r"^(?:\d+\.?)+ +(?=\D)")
_LINE = re.compile(r".+")


@dataclass(frozen=True, slots=True)
class Row:
    """A row: where it stands without its outer bars, and what it says for what, below which heading."""

    span: Span
    label: str
    value: str
    heading: str

    @property
    def question(self) -> str:
        """What a reader would look up."""
        return f"What is given for “{self.label}” under “{self.heading}”?"


def two_celled_rows(document: ParsedDocument) -> Iterator[Row]:
    """Yield the rows whose second cell holds a figure, and that stand below a heading."""
    for line in _LINE.finditer(document.text):
        cells = [cell.strip() for cell in line.group().strip().strip("|").split("|")]
        if len(cells) != 2:
            continue
        heading = next(reversed(section_at(document.sections, line.start())), document.title)
        row = _row(document.text, Span(*line.span()), cells, heading)
        if row is not None:
            yield row


def _row(text: str, line: Span, cells: list[str], heading: str) -> Row | None:
    label, value = map(plain_text, cells)
    is_text = any(map(str.isalpha, label)) and len(label) > 2
    if not is_text or not heading or not any(map(str.isdigit, value)):
        return None
    if max(len(label.split()), len(value.split())) > _MOST_WORDS or value not in cells[1]:
        return None
    span = trimmed(
        text, Span(text.index(cells[0], line.start), text.rindex(cells[1], line.start, line.end) + len(cells[1]))
    )
    return Row(span, label, value, _NUMBERING.sub("", plain_text(heading))) if span else None
