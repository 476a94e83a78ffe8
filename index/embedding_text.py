"""What the models read of a passage: its own text, and above rows of a table the header that says what they mean.

The passage itself, and so every citation, is the slice of the document alone.
"""

from bisect import bisect_right
from collections.abc import Sequence

from corpus.types import Span, Table

# A longer one would take the place of the rows in what the model reads.
_LONGEST_HEADER = 400


def embedding_text(text: str, tables: Sequence[Table], span: Span) -> str:
    """The passage `span` of `text` as it is embedded."""
    header = table_header(text, tables, span.start)
    return f"{header}\n{span.of(text)}" if header else span.of(text)


def table_header(text: str, tables: Sequence[Table], offset: int) -> str:
    """The header of the table in whose rows `offset` stands; "" outside of tables, inside of headers, for long ones."""
    position = bisect_right(tables, offset, key=lambda table: table.start)
    if not position:
        return ""
    table = tables[position - 1]
    if not table.header_end <= offset < table.end or table.header_end - table.start > _LONGEST_HEADER:
        return ""
    return text[table.start : table.header_end].strip()
