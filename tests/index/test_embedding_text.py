from hypothesis import given
from hypothesis import strategies as st

from corpus.types import Span, Table
from index.embedding_text import embedding_text, table_header

TEXT = "Fares\n\nroute | price\nKarn | 4\nVellmar | 6\n\nChildren ride free."
TABLES = (Table(7, 20, 41),)


def test_rows_are_embedded_below_their_header_and_nothing_else_is():
    rows = Span(TEXT.index("Vellmar"), TEXT.index("\n\nChildren"))
    assert embedding_text("", TEXT, TABLES, rows) == "route | price\nVellmar | 6"
    for start, end in ((0, 41), (7, 41), (43, len(TEXT))):  # before the table, with its header, behind it
        assert embedding_text("", TEXT, TABLES, Span(start, end)) == TEXT[start:end]


def test_the_title_of_the_document_stands_in_front():
    assert embedding_text("Ferry", TEXT, TABLES, Span(0, 5)) == "Ferry\nFares"
    rows = Span(TEXT.index("Vellmar"), TEXT.index("\n\nChildren"))
    assert embedding_text("Ferry", TEXT, TABLES, rows) == "Ferry\nroute | price\nVellmar | 6"


def test_a_title_too_long_for_the_model_is_cut():
    assert embedding_text("t" * 1_000, "text", (), Span(0, 4)) == "t" * 200 + "\ntext"


def test_a_header_too_long_for_the_model_is_left_out():
    text = "x" * 500 + "\nrow"
    assert table_header(text, (Table(0, 500, 504),), 501) == ""


@given(st.integers(0, 5), st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_every_row_finds_the_header_of_its_own_table(gap, sizes):
    text, tables = "", []
    for number, rows in enumerate(sizes):
        text += "\n" * gap
        start = len(text)
        text += f"h{number}\n"
        header_end = len(text) - 1
        text += "".join(f"{number}.{row}\n" for row in range(rows))
        tables.append(Table(start, header_end, len(text) - 1))
    for number, rows in enumerate(sizes):
        for row in range(rows):
            offset = text.index(f"{number}.{row}\n")
            assert table_header(text, tables, offset) == f"h{number}"
