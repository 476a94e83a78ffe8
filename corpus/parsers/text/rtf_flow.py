"""A flow of RTF text: the body, a footnote or a text box, with its paragraphs, lists and tables."""

from dataclasses import dataclass, field

from corpus.parsers.office.office_text import OfficeText
from corpus.parsers.office.table_headers import looks_like_header


@dataclass(slots=True)
class Paragraph:
    """What is under way: its text, whether a list's marker stood before it, and what `pard` sets back."""

    pieces: list[str] = field(default_factory=list)
    has_marker: bool = False
    style: int = 0
    level: int | None = None
    in_list: bool = False
    in_table: bool = False

    def reset(self) -> None:
        """Set the properties back; the text and the marker stay."""
        self.style, self.level, self.in_list, self.in_table = 0, None, False, False


@dataclass(frozen=True, slots=True)
class Block:
    """A finished paragraph, with the number of its style and its outline level from 0, or the rows of a table."""

    text: str = ""
    style: int = 0
    level: int | None = None
    is_item: bool = False
    rows: tuple[tuple[str, ...], ...] = ()
    headers: int = 0


class Flow:
    """Collects what is written into a flow as `blocks`."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.paragraph = Paragraph()
        self.in_header_row = False
        self._cells: list[str] = []
        self._rows: list[tuple[str, ...]] = []
        self._headers = 0

    def write(self, text: str) -> None:
        """Add to the paragraph under way."""
        self.paragraph.pieces.append(text)

    def end_paragraph(self) -> None:
        """In a table the cell goes on; elsewhere a table ends."""
        if self.paragraph.in_table:
            self.write("\n")
            return
        self._end_table()
        open_ = self.paragraph
        text = joined(self._taken())
        if text.strip():
            self.blocks.append(Block(text, open_.style, open_.level, open_.in_list or open_.has_marker))
        open_.has_marker = False

    def end_cell(self) -> None:
        """The text under way is that of a cell."""
        self._cells.append(" ".join(joined(self._taken()).split()))
        self.paragraph.has_marker = False

    def end_row(self) -> None:
        """The cells so far are a row."""
        self._headers += self.in_header_row and self._headers == len(self._rows)
        self._rows.append(tuple(self._cells))
        self._cells.clear()
        self.in_header_row = False

    def finish(self) -> None:
        """The end of the flow, or of a file that is cut off."""
        if self._cells:
            self.end_cell()
            self.end_row()
        self.paragraph.in_table = False
        self.end_paragraph()

    def _taken(self) -> list[str]:
        pieces, self.paragraph.pieces = self.paragraph.pieces, []
        return pieces

    def _end_table(self) -> None:
        if self._rows:
            self.blocks.append(Block(rows=tuple(self._rows), headers=self._headers))
            self._rows.clear()
            self._headers = 0


def joined(pieces: list[str]) -> str:
    """The text of pieces in which characters beyond U+FFFF are two surrogates; a lonely one becomes U+FFFD."""
    return "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def add_table(text: OfficeText, block: Block) -> None:
    """Add the rows of a table; its first row is a header if it is marked as such or reads like one."""
    headers = block.headers if block.headers < len(block.rows) else 0
    headers = headers or int(looks_like_header(block.rows))
    text.end_group()
    for number, row in enumerate(block.rows):
        text.add_row(row, block, header=number < headers)
    text.end_group()
