from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Span, Table
from index.embedding_text import header_of
from retrieval.table_rows import row_in_words

TEXT = "Fares\nTicket | One way\nDog | 5\nBicycle | 25\n\nThe end."
TABLES = (Table(6, 23, 45),)


def test_a_row_is_said_with_the_names_of_its_columns() -> None:
    assert row_in_words("Ticket | One way", "Bicycle | 25") == "Ticket: Bicycle; One way: 25"
    assert row_in_words("| Ticket | |\n|---|---|", "| Bicycle | 25 |") == "Ticket: Bicycle; 25"
    assert row_in_words("Ticket\tOne way", "Bicycle\t") == "Ticket: Bicycle"


def test_header_and_row_are_said_where_cells_do_not_match() -> None:
    assert row_in_words("Ticket | One way |  Return", "Bicycle |  25") == "Ticket | One way | Return. Bicycle | 25"


def test_rows_have_the_header_of_their_table() -> None:
    header = header_of(TEXT, TABLES, TEXT.index("Bicycle"))
    assert header is not None
    assert header.of(TEXT) == "Ticket | One way"
    for offset in (0, TEXT.index("One way"), TEXT.index("The end")):
        assert header_of(TEXT, TABLES, offset) is None


def test_a_table_without_a_header_and_one_with_a_long_one_have_none() -> None:
    assert header_of(TEXT, (Table(6, 6, 45),), 30) is None
    assert header_of("x" * 900, (Table(0, 500, 900),), 600) is None


@given(st.text(), st.text())
def test_any_row_can_be_said(header: str, row: str) -> None:
    said = row_in_words(header, row)
    assert set(said.split()) - {":", ";"} or not (header + row).strip() or not row.replace("|", " ").strip()


def test_spans_are_slices() -> None:
    assert header_of(TEXT, TABLES, 30) == Span(6, 22)
