"""What the models read of a passage: the title of its document, above rows of a table their header, its own text.

A passage alone often lacks what it is about, as a clause does that never names its contract (measured: decision 30).

The passage itself, and so every citation, is the slice of the document alone.
"""

from bisect import bisect_right
from collections.abc import Sequence

from corpus.sentences import trimmed
from corpus.types import Span, Table

# A longer one would take the place of the rows in what the model reads.
_LONGEST_HEADER = 400
_LONGEST_TITLE = 200


def embedding_text(title: str, text: str, tables: Sequence[Table], span: Span) -> str:
    """The passage `span` of `text` as it is embedded; without a title where that is ""."""
    header = table_header(text, tables, span.start)
    return "\n".join(filter(None, (title[:_LONGEST_TITLE].strip(), header, span.of(text))))


def table_header(text: str, tables: Sequence[Table], offset: int) -> str:
    """The header of the table in whose rows `offset` stands, as `header_of` finds it; "" where there is none."""
    header = header_of(text, tables, offset)
    return "" if header is None else header.of(text)


def header_of(text: str, tables: Sequence[Table], offset: int) -> Span | None:
    """Where the header of the table stands in whose rows `offset` is; None outside of rows and for a long header."""
    position = bisect_right(tables, offset, key=lambda table: table.start)
    if not position:
        return None
    table = tables[position - 1]
    if not table.header_end <= offset < table.end or table.header_end - table.start > _LONGEST_HEADER:
        return None
    return trimmed(text, Span(table.start, table.header_end))
