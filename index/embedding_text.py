"""What the models read of a passage: the title of its document, above rows of a table their header, its own text.

A passage alone often lacks what it is about, as a clause does that never names its contract (measured: decision 30).

The passage itself, and so every citation, is the slice of the document alone.
"""

from bisect import bisect_right
from collections.abc import Sequence

from corpus.types import Span, Table

# A longer one would take the place of the rows in what the model reads.
_LONGEST_HEADER = 400
_LONGEST_TITLE = 200


def embedding_text(title: str, text: str, tables: Sequence[Table], span: Span) -> str:
    """The passage `span` of `text` as it is embedded; without a title where that is ""."""
    header = table_header(text, tables, span.start)
    return "\n".join(filter(None, (title[:_LONGEST_TITLE].strip(), header, span.of(text))))


def table_header(text: str, tables: Sequence[Table], offset: int) -> str:
    """The header of the table in whose rows `offset` stands; "" outside of tables, inside of headers, for long ones."""
    position = bisect_right(tables, offset, key=lambda table: table.start)
    if not position:
        return ""
    table = tables[position - 1]
    if not table.header_end <= offset < table.end or table.header_end - table.start > _LONGEST_HEADER:
        return ""
    return text[table.start : table.header_end].strip()
