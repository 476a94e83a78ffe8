import csv
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.media_types import CSV, TEXT, TSV
from corpus.parsers import parse
from corpus.types import CellRow, Table

_CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\n", exclude_categories=("Cs", "Cc")), max_size=12
)


def written(rows, delimiter=",", ending="\r\n"):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=ending).writerows(rows)
    return out.getvalue()


def lines_of(document):
    ends = [row.start for row in document.cell_rows[1:]] + [len(document.text) + 1]
    return [document.text[row.start : end - 1] for row, end in zip(document.cell_rows, ends, strict=True)]


@given(
    st.lists(st.lists(_CELLS.map(lambda cell: f"c{cell}."), min_size=3, max_size=3), min_size=3, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_cells_come_back_as_they_were_written(rows, delimiter, ending):
    for row in rows:  # the delimiter that is meant is the one that cuts all rows alike
        row[:] = [cell.translate(dict.fromkeys(map(ord, ",;\t|"), "-")) for cell in row]
    rows[0][0] += f" {delimiter} quoted"
    document = parse(written(rows, delimiter, ending).encode(), "a.csv")
    assert lines_of(document) == [" | ".join(row) for row in rows]
    assert [(row.row, row.first_column, row.last_column) for row in document.cell_rows] == [
        (number, 1, 3) for number in range(1, len(rows) + 1)
    ]


def test_a_table_knows_its_header_and_its_rows():
    document = parse(b"name,year\nKarn,1884\n\nOrd,1902\n", "lights.csv")
    assert document.text == "name | year\nKarn | 1884\nOrd | 1902"
    assert document.tables == (Table(0, len("name | year"), len(document.text)),)
    assert document.cell_rows == (CellRow(0, 1, 1, 2), CellRow(12, 2, 1, 2), CellRow(24, 4, 1, 2))
    assert (document.media_type, document.title) == (CSV, "lights")


@pytest.mark.parametrize(
    ("source", "header"),
    [
        ("name,year\nKarn,1884\n", True),
        (",2019,2020\na,1,2\n", False),
        (",spring,autumn\na,1,2\n", True),
        ("1,2\n3,4\n", False),
        ("Karn,1884\nOrd,1902\n", False),
        ("yes,no\nyes,yes\n", False),
        ("a,a\nb,c\n", False),
        (f"{'long ' * 30},b\nc,d\n", False),
    ],
)
def test_the_first_row_is_a_header_if_it_reads_like_one(source, header):
    (table,) = parse(source.encode(), "a.csv").tables
    assert (table.header_end > table.start) == header


def test_line_breaks_and_quotation_marks_in_cells():
    document = parse(b'name;note\nKarn;"first line\nsecond ""line"""\nOrd;"a; b"\n', "a.csv")
    assert document.text == 'name | note\nKarn | first line second "line"\nOrd | a; b'


def test_a_quotation_mark_without_a_partner_is_a_sign():
    assert parse(b'pipe\tsize\nlong\t"5\nshort\t3\n', "a.tsv").text == 'pipe | size\nlong | "5\nshort | 3'


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Karn;1,50\nOrd;2,75\n", "Karn | 1,50\nOrd | 2,75"),
        ("price, net;weight, kg\n1,5;2,5\n3,25;4,0\n", "price, net | weight, kg\n1,5 | 2,5\n3,25 | 4,0"),
        ("a,b\nc;d,1\ne;f,2\n", "a | b\nc;d | 1\ne;f | 2"),
        ("1,2,3;\n4,5,6;\n", "1 | 2 | 3;\n4 | 5 | 6;"),
    ],
)
def test_decimal_commas_part_no_cells(source, text):
    assert parse(source.encode(), "a.csv").text == text


def test_cells_of_endless_blanks_are_read():
    blanks = " " * 1_000_000
    source = f'1{blanks}x,b\n2,"c\n{blanks}{blanks}d"\n3,4\n'
    assert parse(source.encode(), "a.csv").text == f"1{blanks}x | b\n2 | c d\n3 | 4"


def test_ragged_rows_keep_their_cells():
    document = parse(b"\xef\xbb\xbfa,b,c\n1,2\n1,2,3,4\n,,3\n1,2,3\n", "a.csv")
    assert document.text == "a | b | c\n1 | 2\n1 | 2 | 3 | 4\n |  | 3\n1 | 2 | 3"


def test_the_line_that_names_the_delimiter_is_no_row():
    document = parse(b"sep=;\na;b\n1,5;2\n", "a.csv")
    assert document.text == "a | b\n1,5 | 2"
    assert [row.row for row in document.cell_rows] == [2, 3]


def test_tabs_make_a_tsv():
    assert parse(b"a\tb\n1,5\t2,5\n", "a.csv").media_type == TSV


@pytest.mark.parametrize(
    "source", ["A line.\nAnother line.\n", "one\ntwo\n", "Well, this is prose.\nNo columns here.\n", "Only, one, line"]
)
def test_what_has_no_columns_is_plain_text(source):
    document = parse(source.encode(), "a.csv")
    assert (document.text, document.media_type, document.tables) == (source, TEXT, ())


def test_a_very_long_cell_and_many_rows_are_read():
    long = "x" * 300_000
    assert long in parse(f"a,b\n{long},2\n3,4\n".encode(), "a.csv").text
    numbers = random.Random(1)
    rows = [[f"name {i}", str(numbers.random())] for i in range(20_000)]
    document = parse(written([["name", "value"], *rows]).encode(), "a.csv")
    assert len(document.cell_rows) == 20_001
    assert document.text.endswith(" | ".join(rows[-1]))
