from itertools import chain
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import TooLargeError, UnreadableError
from corpus.media_types import ODP, ODS, ODT
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.parsers.office.ods import parse as parse_ods
from corpus.parsers.office.odt import parse as parse_odt
from corpus.types import CellRow, Section
from tests.corpus.office_files import odf, odf_content

META = (
    "<dc:title>Stored title</dc:title><meta:initial-creator>Ada Boyle</meta:initial-creator><dc:creator>Ed</dc:creator>"
    "<dc:subject>Pumps</dc:subject><meta:keyword>water</meta:keyword><meta:keyword>iron</meta:keyword>"
    "<dc:language>en-GB</dc:language><meta:creation-date>2024-02-03T10:00:00.123456789</meta:creation-date>"
    "<dc:date>2024-99-04</dc:date>"
)


def p(text, attributes=""):
    return f"<text:p {attributes}>{text}</text:p>"


def items(*contents):
    return (
        "<text:list>" + "".join(f"<text:list-item>{content}</text:list-item>" for content in contents) + "</text:list>"
    )


def table(*rows, name="t", header=0):
    def row(cells):
        return (
            "<table:table-row>"
            + "".join(f"<table:table-cell>{p(c)}</table:table-cell>" for c in cells)
            + "</table:table-row>"
        )

    head = "".join(map(row, rows[:header]))
    head = f"<table:table-header-rows>{head}</table:table-header-rows>" if header else ""
    return f'<table:table table:name="{name}">{head}{"".join(map(row, rows[header:]))}</table:table>'


def text_of(body, **more):
    return parse(odf("text", body, **more), "report.odt")


def headers(document):
    return [document.text[part.start : part.header_end] for part in document.tables]


def test_headings_lists_and_tables_are_read_in_order():
    document = text_of(
        '<text:h text:outline-level="1">One</text:h>'
        + p("First.")
        + '<text:section><text:h text:outline-level="2">Two</text:h></text:section>'
        + items(p("a") + items(p("b")) + p("more of a"), p("c"))
        + table(["Pump", "Flow"], ["x", "1"])
        + p("Last.")
    )
    assert document.text == "One\n\nFirst.\n\nTwo\n\n- a\n- b\nmore of a\n- c\n\nPump | Flow\nx | 1\n\nLast."
    assert document.sections == (Section(0, ("One",)), Section(13, ("One", "Two")))
    assert headers(document) == ["Pump | Flow"]
    assert (document.media_type, document.title) == (ODT, "One")


def test_titles_and_metadata():
    styles = '<style:style style:name="P1" style:parent-style-name="Title"/>'
    assert text_of(p("text"), meta=META).title == "Stored title"
    document = text_of(p("text") + p("The title", 'text:style-name="P1"'), styles=styles, meta=META)
    assert document.title == "The title"
    assert document.metadata == {
        "author": "Ada Boyle",
        "subject": "Pumps",
        "keywords": "water, iron",
        "language": "en",
        "created": "2024-02-03T10:00:00",
    }


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (p(" a  b\n c "), "a b c "),
        (p("a<text:s text:c='3'/>b<text:tab/>c<text:line-break/>d"), "a   b\tc\nd"),
        (p("a<text:s text:c='999999999'/>b"), f"a{' ' * 200}b"),
        (p("a <text:span> b</text:span><text:a>link</text:a>"), "a blink"),
        (p("<text:ruby><text:ruby-base>漢</text:ruby-base><text:ruby-text>kan</text:ruby-text></text:ruby>"), "漢"),
        (
            "<text:tracked-changes><text:changed-region><text:deletion>"
            + p("gone")
            + "</text:deletion></text:changed-region></text:tracked-changes>"
            + p("a<text:change text:change-id='1'/>b"),
            "ab",
        ),
        (
            p(
                "a<text:note><text:note-citation>1</text:note-citation><text:note-body>"
                + p("note")
                + "</text:note-body></text:note>b"
            )
            + p("c"),
            "ab\n\nc\n\nnote",
        ),
        (p("a<draw:frame><draw:text-box>" + p("box") + "</draw:text-box></draw:frame>b"), "ab\n\nbox"),
        (p("a<draw:g><draw:custom-shape>" + p("shape") + "</draw:custom-shape></draw:g>"), "a\n\nshape"),
        (items("<text:h text:outline-level='1'>Head</text:h>"), "Head"),
        (f"<text:h text:outline-level='{'9' * 5000}'>Head</text:h>", "Head"),
        pytest.param(p("<text:span/> " * 200_000 + "a"), "a", id="endless blanks"),
        (table(["one"], ["column"]), "one\n\ncolumn"),
        (table(["a", "b"], ["c", ""]), "a | b\nc"),
    ],
)
def test_what_a_reader_sees_is_read(body, text):
    assert text_of(body).text == text


def test_marked_header_rows_are_headers():
    assert headers(text_of(table(["a", "b"], ["c", "d"], header=1))) == ["a | b"]
    assert headers(text_of(table(["a", "b"], ["c", "d"]))) == [""]


def test_comments_and_objects_are_said_to_be_left_out():
    link = '<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'
    document = text_of(p(f"text<office:annotation>{p('psst')}</office:annotation>{link}"))
    assert document.text == "text"
    assert document.losses == ("comments", "embedded objects of other programs")
    rows = table(["", "East"], ["a", "1"], header=1)
    inside = odf_content("chart", f"<chart:chart><chart:title>{p('Flows')}</chart:title>{rows}</chart:chart>")
    document = text_of(p(f"text{link}"), members={"Object 1/content.xml": inside})
    assert (document.text, document.losses) == ("text\n\nFlows\n\n | East\na | 1", ())
    within_itself = odf_content("chart", f"<chart:chart>{rows}<draw:object xlink:href='./Object 1'/></chart:chart>")
    document = text_of(p(f"text{link}"), members={"Object 1/content.xml": within_itself})
    assert (document.text, len(document.losses)) == ("text\n\n | East\na | 1", 1)
    formula = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>E</mi><mo>=</mo><annotation>E = x</annotation></math>'
    )
    assert text_of(p(f"text{link}"), members={"Object 1/content.xml": formula}).text == "text\n\nE="


@pytest.mark.parametrize(("kind", "name"), [("text", "a.odt"), ("spreadsheet", "a.ods"), ("presentation", "a.odp")])
def test_encrypted_and_damaged_files_are_refused(kind, name):
    manifest = "<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    with pytest.raises(UnreadableError, match=f"'{name}' is encrypted with a password"):
        parse(odf(kind, "", members={"META-INF/manifest.xml": manifest}), name)
    for content in ("<office", "<x/>"):
        with pytest.raises(UnreadableError, match=f"'{name}' is damaged"):
            parse(odf(kind, "", members={"content.xml": content}), name)


def cell(text="", attributes="", tag="table-cell"):
    return f"<table:{tag} {attributes}>{p(text) if text else ''}</table:{tag}>"


def row(*cells, attributes=""):
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def sheet(*rows, name="Sheet", more=""):
    return f'<table:table table:name="{name}">{more}{"".join(rows)}</table:table>'


def test_sheets_are_pages_with_values_as_shown():
    document = parse(
        odf(
            "spreadsheet",
            sheet(
                row(cell("Day", 'office:value-type="string"'), cell("Share", 'office:value-type="string"')),
                row(
                    cell("3. Feb.", 'office:value-type="date" office:date-value="2024-02-03"'),
                    cell("12,5 %", 'office:value-type="percentage" office:value="0.125"'),
                ),
                row(cell("", 'table:number-columns-repeated="16384"'), attributes='table:number-rows-repeated="7"'),
                row(
                    cell("wahr", 'office:value-type="boolean" office:boolean-value="true"'),
                    cell(tag="covered-table-cell"),
                ),
                row(cell("", 'table:formula="of:=1"'), cell("", 'office:value-type="float" office:value="7"')),
                name="Days",
            )
            + sheet(name="Empty")
            + sheet(row(cell("x<office:annotation><text:p>psst</text:p></office:annotation>")), name="Last"),
            meta=META,
        ),
        "book.ods",
    )
    assert document.text == "Day | Share\n2024-02-03 | 12,5 %\n\nTRUE\n | 7\n\nx"
    assert document.cell_rows == (
        CellRow(0, 1, 1, 2),
        CellRow(12, 2, 1, 2),
        CellRow(33, 10, 1, 1),
        CellRow(38, 11, 1, 2),
        CellRow(44, 1, 1, 1),
    )
    assert headers(document)[0] == "Day | Share"
    assert (document.page_labels, document.page_starts) == (("Days", "Empty", "Last"), (0, 44, 44))
    assert document.sections == (Section(0, ("Days",)), Section(44, ("Last",)))
    assert (document.media_type, document.title, document.metadata["author"]) == (ODS, "Stored title", "Ada Boyle")
    assert document.losses == (
        "comments",
        "formulas without a stored result; save the workbook in its program",
    )


def test_repeated_cells_are_repeated_within_limits():
    some = sheet(row(cell("x", 'table:number-columns-repeated="3"'), attributes='table:number-rows-repeated="2"'))
    assert parse(odf("spreadsheet", some), "a.ods").text == "x | x | x\nx | x | x"
    many = sheet(
        row(cell("x", 'table:number-columns-repeated="16384"'), attributes='table:number-rows-repeated="1048576"')
    )
    with pytest.raises(TooLargeError, match="characters of text"):
        parse(odf("spreadsheet", many), "a.ods", ParseOptions(ParseLimits(max_characters=500_000)))


def test_shapes_on_a_sheet_follow_its_cells():
    shapes = f"<table:shapes><draw:frame><draw:text-box>{p('box')}</draw:text-box></draw:frame></table:shapes>"
    assert parse(odf("spreadsheet", sheet(row(cell("a")), more=shapes)), "a.ods").text == "a\n\nbox"


def frame(text, place="0,0", kind=""):
    x, y = place.split(",")
    return (
        f'<draw:frame svg:x="{x}cm" svg:y="{y}cm" svg:height="1cm" presentation:class="{kind}">'
        f"<draw:text-box>{text}</draw:text-box></draw:frame>"
    )


def test_slides_are_pages_with_notes():
    notes = f"<presentation:notes>{frame(p('Say it.'), kind='notes')}</presentation:notes>"
    slides = (
        f"<draw:page>{frame(p('below'), '0,9')}<draw:g>{frame(p('right'), '5,2')}{frame(items(p('left')), '1,2.1')}"
        f"</draw:g>{frame(p('7'), '1,1', 'page-number')}{frame(p('The pumps'), '1,20', 'title')}{notes}</draw:page>"
        f"<draw:page>{frame(table(['a', 'b'], ['c', 'd']))}</draw:page>"
    )
    document = parse(odf("presentation", slides), "deck.odp")
    assert document.text == "The pumps\n\n- left\n\nright\n\nbelow\n\nSay it.\n\na | b\nc | d"
    assert document.page_starts == (0, 42)
    assert document.sections == (
        Section(0, ("The pumps",)),
        Section(33, ("The pumps", "Speaker notes")),
        Section(42, ("Slide 2",)),
    )
    assert (document.media_type, document.title) == (ODP, "The pumps")


_TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=20
)
_BLOCKS = st.one_of(
    st.tuples(st.sampled_from(["p", "h", "item"]), _TEXTS),
    st.tuples(st.just("table"), st.lists(st.lists(_TEXTS, min_size=2, max_size=4), min_size=1, max_size=3)),
)


def written(kind, content):
    if kind == "table":
        return table(*([escape(text) for text in cells] for cells in content))
    return {
        "p": p,
        "h": lambda text: f"<text:h text:outline-level='2'>{text}</text:h>",
        "item": lambda text: items(p(text)),
    }[kind](escape(content))


@settings(deadline=None, max_examples=60)
@given(st.lists(_BLOCKS, max_size=8))
def test_every_paragraph_and_cell_is_in_the_text_in_order(blocks):
    document = parse_odt(odf("text", "".join(written(*block) for block in blocks)), "a.odt", ParseOptions())
    rest = " ".join(document.text.split())
    texts = [
        text for _, content in blocks for text in ([content] if isinstance(content, str) else list(chain(*content)))
    ]
    for text in (" ".join(text.split()) for text in texts):
        assert text in rest
        rest = rest[rest.index(text) + len(text) :]
    headings = [" ".join(content.split()) for kind, content in blocks if kind == "h" and content.strip()]
    assert [section.path[-1] for section in document.sections] == headings
    for section in document.sections:
        assert document.text[section.start :].startswith(section.path[-1])
    for part in document.tables:
        assert document.text[part.end : part.end + 2] in {"", "\n\n"}


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(_TEXTS, max_size=5), max_size=6))
def test_every_cell_of_a_sheet_is_found_at_its_place(rows):
    data = odf("spreadsheet", sheet(*(row(*(cell(escape(text)) for text in cells)) for cells in rows)))
    document = parse_ods(data, "a.ods", ParseOptions())
    shown = [[" ".join(text.split()) for text in cells] for cells in rows]
    assert [found.row for found in document.cell_rows] == [n for n, cells in enumerate(shown, start=1) if any(cells)]
    for found in document.cell_rows:
        line = " | ".join(shown[found.row - 1][found.first_column - 1 : found.last_column])
        assert document.text[found.start :].split("\n", 1)[0] == line
