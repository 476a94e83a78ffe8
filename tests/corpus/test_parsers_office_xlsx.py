import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import TooLargeError, UnreadableError
from corpus.media_types import XLS, XLSX
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.parsers.office.xls import parse as parse_xls
from corpus.parsers.office.xlsx import parse as parse_xlsx
from corpus.text import canonical
from corpus.types import Attachment, CellRow, Section
from tests.corpus.office_files import CORE_METADATA, relationships, strict, xlsx
from tests.corpus.old_office_files import ole_file, xls
from tests.hostile_text import raw_texts

_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def lines(document):
    return [
        (cell_row.row, cell_row.first_column, document.text[cell_row.start :].split("\n", 1)[0])
        for cell_row in document.cell_rows
    ]


def headers(document):
    return [document.text[table.start : table.header_end] for table in document.tables]


def read(rows, **more):
    return parse(xlsx({"Sheet": rows}, **more), "book.xlsx")


def test_sheets_are_pages_and_sections_and_rows_are_lines():
    book = xlsx({"Pumps": [["Pump", "Flow"], ["Alder", 12.5], ["Birch", 8]], "Empty": [], "Notes": [["One note."]]})
    document = parse(book, "book.xlsx")
    assert document.text == "Pump | Flow\nAlder | 12.5\nBirch | 8\n\nOne note."
    assert document.page_starts == (0, 36, 36)
    assert document.page_labels == ("Pumps", "Empty", "Notes")
    assert document.sections == (Section(0, ("Pumps",)), Section(36, ("Notes",)))
    assert document.cell_rows[1] == CellRow(12, 2, 1, 2)
    assert (document.media_type, document.title) == (XLSX, "book")
    assert headers(document) == ["Pump | Flow", ""]


def test_title_and_metadata_are_those_of_the_properties():
    document = read([["x"]], title="All  pumps")
    assert (document.title, document.metadata) == ("All pumps", CORE_METADATA)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["Pump", "Flow"], ["a", 1]], ["Pump | Flow"]),
        ([["Pump", "Place"], ["a", "b"]], ["Pump | Place"]),
        ([["Pump", "Flow"]], [""]),
        ([["a", 1], ["b", 2]], [""]),
        ([["one line"], ["another"]], [""]),
        ([["Flow"], [1], [2]], ["Flow"]),
        ([[None, 2021, 2022], ["a", 10, 11]], [" | 2021 | 2022"]),
        ([["Year", "Sum"], [2021, 5.5]], ["Year | Sum"]),
        ([[0, "Pump", "Flow"], [1, "a", 7]], ["0 | Pump | Flow"]),
        ([["All pumps"], ["Pump", "Flow"], ["a", 1]], ["", "Pump | Flow"]),
        ([["Pump", "Place"], ["a", "b"], [], ["a", "b"], ["c", "d"]], ["Pump | Place", ""]),
        ([["Pump", "Place"], ["a", "b"], [], ["Man", "Age"], ["c", 7]], ["Pump | Place", "Man | Age"]),
    ],
)
def test_headers_are_told_by_what_stands_below(rows, expected):
    document = read(rows)
    assert [header.strip(" |") for header in headers(document)] == [header.strip(" |") for header in expected]


def test_a_table_made_as_such_has_its_header_wherever_it_stands():
    table = f'<table {_S} ref="B3:C5"/>'
    without = f'<table {_S} ref="A7:B8" headerRowCount="0"/>'
    rows = [["A note", "b"], [1, 2], [None, 8, 9], [None, 3, 4], [None, 5, 6], [], ["x", "y"], [1, 2]]
    document = read(
        rows,
        members={
            "xl/worksheets/_rels/sheet1.xml.rels": relationships(
                ("table", "../tables/table1.xml"), ("table", "/xl/tables/table2.xml")
            ),
            "xl/tables/table1.xml": table,
            "xl/tables/table2.xml": without,
        },
    )
    assert headers(document)[:2] == ["A note | b", "8 | 9"]
    assert lines(document)[2:4] == [(3, 2, "8 | 9"), (4, 2, "3 | 4")]


def test_rows_keep_their_places():
    rows = (
        '<row r="3"><c r="C3"><v>1</v></c><c r="E3"><v>2</v></c></row>'
        '<row r="4"><c r="B4"><v>3</v></c><c r="D4"><v>4</v></c></row>'
        '<row r="5"><c r="A5"><v>5</v></c></row>'
        '<row r="9"><c r="XFD9"><v>6</v></c></row>'
    )
    document = read(rows)
    assert document.text == "1 |  | 2\n3 |  | 4\n5\n\n6".replace("1 |  | 2", " | 1 |  | 2")
    assert document.cell_rows == (
        CellRow(0, 3, 2, 5),
        CellRow(12, 4, 2, 4),
        CellRow(21, 5, 1, 1),
        CellRow(24, 9, 16_384, 16_384),
    )


def test_cells_far_apart_stand_on_lines_of_their_own():
    rows = '<row><c r="A1"><v>1</v></c><c r="V1"><v>2</v></c><c r="XFD1"><v>3</v></c></row>'
    assert lines(read(rows)) == [(1, 1, f"1{' | ' * 21}2"), (1, 16_384, "3")]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<v>12.0</v>", "12"),
        ("<v>0.30000000000000004</v>", "0.3"),
        ("<v>1E+20</v>", "1E+20"),
        ('<v>1</v>" t="b', "TRUE"),
        ('<v>0</v>" t="b', "FALSE"),
        ('<v>#DIV/0!</v>" t="e', "#DIV/0!"),
        ('<v>2024-02-03T00:00:00</v>" t="d', "2024-02-03"),
        ('<v>2024-02-03T10:30:00Z</v>" t="d', "2024-02-03 10:30:00"),
        ('<f>A1</f><v>a  b</v>" t="str', "a b"),
        ("<f>1+1</f><v>2</v>", "2"),
        ('<is><r><t>bo</t></r><r><t>ld_x000A_line</t></r><rPh><t>no</t></rPh></is>" t="inlineStr', "bold line"),
        ("", ""),
    ],
)
def test_values_are_read_as_they_are_shown(cell, text):
    content, _, attributes = cell.partition('" ')
    document = read(f"<row><c><v>0</v></c><c {attributes}{chr(34) * bool(attributes)}>{content}</c></row>")
    assert document.text == f"0 | {text}".removesuffix(" | ")


def test_numbers_have_the_form_of_their_style():
    rows = "".join(f'<row><c s="{style}"><v>45000.5</v></c></row>' for style in (0, 1, 2, 9))
    assert read(rows, formats=["0.0%", "yyyy-mm-dd hh:mm"]).text == "45000.5\n4500050.0%\n2023-03-15 12:00:00\n45000.5"
    from_1904 = read('<row><c s="1"><v>1</v></c></row>', formats=["d.m.yy"], settings='<workbookPr date1904="1"/>')
    assert from_1904.text == "1904-01-02"


def test_shared_texts_are_found_by_number():
    shared = f"<sst {_S}><si><t>first</t></si><si><r><t>sec</t></r><r><t>ond</t></r></si></sst>"
    book = xlsx({"S": '<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c></row>'})
    links = relationships(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"))
    members = {"xl/sharedStrings.xml": shared, "xl/_rels/workbook.xml.rels": links}
    assert read('<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c></row>', members=members).text == "second | first"
    with pytest.raises(UnreadableError, match=r"'book\.xlsx' is damaged: a cell in row 1"):
        parse(book, "book.xlsx")
    with pytest.raises(UnreadableError, match=r"a cell in row 1 makes no sense \(there is no text -1\)"):
        read('<row><c t="s"><v>-1</v></c></row>', members=members)


def test_numbers_of_rows_that_no_sheet_has():
    cell = '<c t="inlineStr"><is><t>x</t></is></c>'
    assert [row.row for row in read(f'<row r="{"9" * 5000}">{cell}</row>').cell_rows] == [1]
    with pytest.raises(UnreadableError, match=r"it has a row 99,999,999; sheets end at 1,048,576"):
        read(f'<row r="99999999">{cell}</row>')


def test_what_is_not_in_the_text_is_said():
    drawing = (
        '<d xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:p><a:r><a:t>A box</a:t></a:r></a:p></d>'
    )
    links = relationships(
        ("drawing", "../d.xml"), ("comments", "../c.xml"), ("package", "../e/in.docx"), ("oleObject", "../e/o.bin")
    )
    document = read(
        "<row><c><f>A2</f></c><c><f>A3</f><v/></c><c><v>7</v></c></row>",
        members={
            "xl/worksheets/_rels/sheet1.xml.rels": links,
            "xl/d.xml": drawing,
            "xl/c.xml": "<comments><comment/></comments>",
            "xl/e/in.docx": b"PK",
            "xl/e/o.bin": b"OLE",
        },
    )
    assert document.text == "7\n\nA box"
    assert document.attachments == (Attachment("in.docx", b"PK"),)
    assert document.losses == (
        "comments",
        "embedded objects of other programs",
        "formulas without a stored result; save the workbook in its program (2)",
    )


def test_strict_workbooks_are_read_like_others():
    assert parse(strict(xlsx({"S": [["a", 1.5]]})), "book.xlsx").text == "a | 1.5"


def test_a_small_file_with_much_text_is_refused():
    shared = f"<sst {_S}><si><t>{'long text ' * 2000}</t></si></sst>"
    links = relationships(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"))
    members = {"xl/sharedStrings.xml": shared, "xl/_rels/workbook.xml.rels": links}
    book = xlsx({"S": '<row><c t="s"><v>0</v></c></row>' * 2000}, members=members)
    assert len(book) < 20_000
    with pytest.raises(TooLargeError, match="characters of text; the limit is 20,000,000"):
        parse(book, "book.xlsx")
    with pytest.raises(TooLargeError, match="3 pages; the limit is 2"):
        parse(xlsx({"A": [], "B": [], "C": []}), "b.xlsx", ParseOptions(ParseLimits(max_pages=2)))


def test_binary_workbooks_are_named():
    book = xlsx({"S": [["x"]]}, members={"_rels/.rels": relationships(("officeDocument", "xl/b.bin")), "xl/b.bin": b""})
    with pytest.raises(UnreadableError, match=r"binary Excel workbook \(\.xlsb\); save it as \.xlsx"):
        parse_xlsx(book, "book.xlsb", ParseOptions())


def test_old_workbooks_are_read():
    document = parse(xls({"One": [["Name", "Share"], ["é漢👍", 0.5], [True, None, "x  y"]], "Two": [[3]]}), "old.xls")
    assert document.text == "Name | Share\né漢👍 | 0.5\nTRUE |  | x y\n\n3"
    assert (document.media_type, document.page_labels, document.page_starts) == (XLS, ("One", "Two"), (0, 38))
    assert headers(document) == ["Name | Share", ""]
    assert parse(xls({"One": [[0.256], [2]]}, ["0.0%"]), "old.xls").text == "25.6%\n200.0%"


def property_stream(*properties):
    """A stream of properties of old Office files, each a (number, type, value)."""
    places, values = b"", b""
    for number, kind, value in properties:
        places += struct.pack("<II", number, 8 + 8 * len(properties) + len(values))
        values += struct.pack("<I", kind) + value
    return bytes(44) + struct.pack("<III", 48, 8 + len(places) + len(values), len(properties)) + places + values


def test_properties_of_an_old_workbook():
    title = "Übersicht".encode("cp1250")
    author = "Ada".encode("utf-16-le") + bytes(2)
    created = struct.pack("<Q", 133_514_568_000_000_000)
    stream = property_stream(
        (1, 2, struct.pack("<I", 1250)),
        (2, 30, struct.pack("<I", len(title) + 1) + title + b"\0"),
        (4, 31, struct.pack("<I", 4) + author),
        (5, 30, struct.pack("<I", 0)),
        (12, 64, created),
        (13, 64, bytes(8)),
    )
    assert _with_properties(stream) == ("Übersicht", {"author": "Ada", "created": "2024-02-03T18:00:00Z"})
    assert _with_properties(stream[:60]) == ("old", {})
    assert _with_properties(b"\xff" * 5000) == ("old", {})


def _with_properties(stream):
    document = parse(xls({"S": [["x"]]}, streams={"\x05SummaryInformation": stream}), "old.xls")
    return document.title, document.metadata


def test_a_container_without_a_workbook_is_refused():
    with pytest.raises(UnreadableError, match=r"'old\.xls' is damaged or not an Excel workbook"):
        parse_xls(ole_file({"Other": b"x"}), "old.xls", ParseOptions())


_CELLS = st.one_of(
    st.none(),
    raw_texts.map(
        lambda text: "".join(c for c in canonical(text) if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff"))
    ),
    st.integers(-(10**9), 10**9),
    st.floats(-1e6, 1e6, allow_subnormal=False),
    st.booleans(),
)
_SHEETS = st.dictionaries(
    st.text("abcXYZ é漢", min_size=1, max_size=9).filter(str.strip),
    st.lists(st.lists(_CELLS, max_size=5), max_size=6),
    min_size=1,
    max_size=3,
)


def shown(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return " ".join(value.split())
    return str(int(value)) if value == int(value) else f"{value:.15G}"


def check(document, sheets):
    """Every filled row is a line of its sheet's page, with its cells in order."""
    bounds = [*document.page_starts, len(document.text)]
    found = []
    for page, start in enumerate(document.page_starts):
        for cell_row in document.cell_rows:
            if start <= cell_row.start < bounds[page + 1]:
                found.append((page, cell_row))
    expected = [
        (page, number, row)
        for page, rows in enumerate(sheets.values())
        for number, row in enumerate(rows, start=1)
        if any(map(shown, row))
    ]
    assert [(page, cell_row.row) for page, cell_row in found] == [(page, number) for page, number, _ in expected]
    for (_, cell_row), (_, _, row) in zip(found, expected, strict=True):
        filled = [column for column, value in enumerate(row, start=1) if shown(value)]
        assert cell_row.first_column <= filled[0]
        assert cell_row.last_column == filled[-1]
        line = " | ".join(map(shown, row[cell_row.first_column - 1 : cell_row.last_column]))
        assert document.text[cell_row.start :].split("\n", 1)[0] == line
    for table in document.tables:
        assert document.text[table.start - 1 : table.start] in {"", "\n"}
        assert document.text[table.end : table.end + 2] in {"", "\n\n"}
        assert document.text[table.header_end : table.header_end + 1] in {"", "\n"} or table.header_end == table.start


@settings(deadline=None, max_examples=60)
@given(_SHEETS)
def test_every_cell_is_found_at_its_place(sheets):
    check(parse_xlsx(xlsx(sheets), "a.xlsx", ParseOptions()), sheets)


@settings(deadline=None, max_examples=40)
@given(_SHEETS)
def test_every_cell_of_an_old_workbook_is_found_at_its_place(sheets):
    check(parse_xls(xls(sheets), "a.xls", ParseOptions()), sheets)
