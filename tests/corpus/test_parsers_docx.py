import io
import zipfile

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import TooLargeError, UnreadableError
from corpus.media_types import DOCX
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.parsers.office.docx import parse as parse_docx
from corpus.text import canonical
from corpus.types import Attachment
from tests.corpus.files import add_footnotes, docx_bytes, docx_of, docx_with_body, ole, with_member
from tests.corpus.office_files import CORE, CORE_METADATA, relationships, strict


def parsed(data, name="report.docx"):
    return parse(data, name)


def run(text):
    return f"<w:r><w:t>{text}</w:t></w:r>"


def paragraph(text, properties=""):
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text)}</w:p>"


def table(*rows):
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def test_paragraphs_lists_and_tables_are_read_in_order():
    document = docx.Document()
    document.add_paragraph("The report", "Title")
    document.add_paragraph("Before the table.")
    filled = document.add_table(2, 3)
    for cell, text in zip((c for row in filled.rows for c in row.cells), "abc\0de", strict=False):
        cell.text = text.replace("\0", "")
    document.add_paragraph("First item", "List Bullet")
    document.add_paragraph("Second item", "List Number")
    document.add_paragraph("After it.")
    document.sections[0].header.paragraphs[0].text = "HEADER"
    document.sections[0].footer.paragraphs[0].text = "FOOTER"
    read = parsed(docx_bytes(document))
    assert read.text == (
        "The report\n\nBefore the table.\n\na | b | c\n | d | e\n\n- First item\n- Second item\n\nAfter it."
    )
    assert (read.title, read.media_type, read.page_starts, read.sections) == ("The report", DOCX, (), ())


def test_heading_styles_become_nested_sections():
    read = parsed(
        docx_of(("Heading 1", "One"), "text", ("Heading 3", "Deep"), ("Heading 2", "Two  a\nb"), ("Heading 1", ""))
    )
    assert [section.path for section in read.sections] == [("One",), ("One", "Deep"), ("One", "Two a b")]
    for section in read.sections:
        assert read.text[section.start :].startswith(section.path[-1])
    assert read.title == "One"


def test_outline_levels_and_derived_styles_are_headings_too():
    document = docx.Document()
    derived = document.styles.add_style("Clause", 1)
    derived.base_style = document.styles["Heading 2"]
    document.add_paragraph("Derived", "Clause")
    read = parsed(docx_bytes(document))
    assert [section.path for section in read.sections] == [("Derived",)]
    direct = paragraph("Direct", '<w:outlineLvl w:val="0"/>') + paragraph(
        "Body", '<w:pStyle w:val="Heading1"/><w:outlineLvl w:val="9"/>'
    )
    assert [section.path for section in parsed(docx_with_body(direct)).sections] == [("Direct",)]


def test_the_title_of_the_properties_comes_after_a_title_in_the_text():
    document = docx.Document()
    document.add_paragraph("A heading", "Heading 1")
    document.core_properties.title = "From the properties"
    assert parsed(docx_bytes(document)).title == "From the properties"
    document.add_paragraph("From the text", "Title")
    assert parsed(docx_bytes(document)).title == "From the text"


def test_merged_cells_are_not_repeated():
    document = docx.Document()
    merged = document.add_table(3, 3)
    for number, cell in enumerate(c for row in merged.rows for c in row.cells):
        cell.text = str(number)
    merged.cell(0, 0).merge(merged.cell(0, 1)).text = "wide"
    merged.cell(1, 0).merge(merged.cell(2, 0)).text = "high"
    assert parsed(docx_bytes(document)).text == "wide | 2\nhigh | 4 | 5\n | 7 | 8"


def test_tables_that_only_lay_out_a_page_are_read_as_paragraphs():
    head = paragraph("Head", '<w:pStyle w:val="Heading1"/>')
    layout = f"<w:tbl><w:tr><w:tc>{head}{paragraph('text')}</w:tc><w:tc>{paragraph('side')}</w:tc></w:tr></w:tbl>"
    read = parsed(docx_with_body(layout + paragraph("between") + table(["one"], ["column"])))
    assert read.text == "Head\n\ntext\n\nside\n\nbetween\n\none\n\ncolumn"
    assert [section.path for section in read.sections] == [("Head",)]


def headers(data):
    read = parsed(data)
    return [read.text[part.start : part.header_end] for part in read.tables]


def marked(xml, mark="<w:tblHeader/>"):
    return xml.replace("<w:tr>", f"<w:tr><w:trPr>{mark}</w:trPr>", 1)


def test_marked_rows_are_headers():
    rows = table(["a", "b"], ["c", "d"])
    assert headers(docx_with_body(marked(rows))) == ["a | b"]
    assert headers(docx_with_body(marked(rows, '<w:tblHeader w:val="0"/>'))) == [""]
    assert headers(docx_with_body(marked(table(["a", "b"])))) == [""]
    two = table(["a", "b"], ["c", "d"], ["e", "f"]).replace("<w:tr>", "<w:tr><w:trPr><w:tblHeader/></w:trPr>", 2)
    assert headers(docx_with_body(two)) == ["a | b\nc | d"]


def test_the_first_row_is_a_header_if_it_looks_like_one():
    assert headers(docx_with_body(table(["a", "b"], ["c", "d"]))) == [""]
    assert headers(docx_with_body(table(["Pump", "Flow"], ["c", "7 l/s"], ["d", "8.5"]))) == ["Pump | Flow"]
    assert headers(docx_with_body(table(["", "2022", "2021"], ["Sales", "$ 1,200", "(300)"]))) == [" | 2022 | 2021"]
    assert headers(docx_with_body(table(["Year", "2021"], ["Sum", "12"]))) == ["Year | 2021"]
    assert headers(docx_with_body(table(["a", "5"], ["b", "6"]))) == [""]
    bold = table(["a", "b"]).replace("<w:r>", "<w:r><w:rPr><w:b/></w:rPr>").removesuffix("</w:tbl>")
    below = table(["c", "d"]).removeprefix("<w:tbl>")
    assert headers(docx_with_body(bold + below)) == ["a | b"]


def test_a_table_style_with_a_bold_first_row_makes_it_a_header():
    document = docx.Document()
    for style in ("Light List Accent 1", "Table Grid"):
        document.add_paragraph(style)
        filled = document.add_table(2, 2, style)
        for cell, text in zip((c for row in filled.rows for c in row.cells), "abcd", strict=True):
            cell.text = text
    assert headers(docx_bytes(document)) == ["a | b", ""]


def test_deleted_rows_are_left_out():
    assert parsed(docx_with_body(marked(table(["a", "b"], ["c", "d"]), "<w:del/>"))).text == "c | d"


def test_metadata_of_the_properties():
    links = relationships(("officeDocument", "word/document.xml"), ("metadata/core-properties", "docProps/core.xml"))
    data = with_member(docx_of("text"), "docProps/core.xml", CORE.format(title="T").encode())
    assert parsed(with_member(data, "_rels/.rels", links.encode())).metadata == CORE_METADATA


def test_embedded_files_are_attachments_and_the_rest_is_said():
    data = docx_of("text")
    links = relationships(
        ("package", "embeddings/in.xlsx"),
        ("aFChunk", "/word/part.html"),
        ("oleObject", "embeddings/o.bin"),
        ("comments", "comments.xml"),
        ("image", "none.png"),
    )
    comments = (
        b'<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:comment/></w:comments>'
    )
    for name, content in {
        "word/_rels/document.xml.rels": links.encode(),
        "word/embeddings/in.xlsx": b"PK",
        "word/part.html": b"<p>x",
        "word/embeddings/o.bin": b"OLE",
        "word/comments.xml": comments,
    }.items():
        data = with_member(data, name, content)
    read = parsed(data)
    assert read.text == "text"
    assert read.attachments == (Attachment("in.xlsx", b"PK"), Attachment("part.html", b"<p>x"))
    assert read.losses == ("comments", "embedded objects of other programs")


def test_charts_follow_their_paragraph():
    space = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    relation = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    drawn = (
        f'<w:p>{run("text")}<w:r><w:drawing><c:chart xmlns:c="{space}" {relation} r:id="rId1"/></w:drawing></w:r></w:p>'
    )
    values = "<c:val><c:numRef><c:numCache><c:pt idx='0'><c:v>2.50</c:v></c:pt></c:numCache></c:numRef></c:val>"
    chart = f'<c:chartSpace xmlns:c="{space}"><c:ser>{values}</c:ser></c:chartSpace>'
    data = with_member(docx_with_body(drawn + paragraph("after")), "word/chart.xml", chart.encode())
    data = with_member(data, "word/_rels/document.xml.rels", relationships().encode())
    assert parsed(data).losses == ("charts that are missing in the file",)
    data = with_member(data, "word/_rels/document.xml.rels", relationships(("chart", "chart.xml")).encode())
    assert parsed(data).text == "text\n\n | 2.5\n\nafter"


def test_strict_documents_are_read_like_others():
    document = docx_of(("Heading 1", "Head"), "text")
    assert parsed(strict(document)) == parsed(document)


def test_a_table_in_a_cell_is_read_on_the_line_of_the_cell():
    inner = table(["x", "y"], ["z", ""])
    outer = (
        f"<w:tbl><w:tr><w:tc>{paragraph('a')}{inner}{paragraph('b')}</w:tc><w:tc>{paragraph('c')}</w:tc></w:tr></w:tbl>"
    )
    assert parsed(docx_with_body(outer)).text == "a x y z b | c"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (f"<w:sdt><w:sdtContent>{paragraph('In a control')}</w:sdtContent></w:sdt>", "In a control"),
        (f"<w:p><w:ins>{run('added')}</w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>", "added"),
        (f"<w:p>{run('a')}<w:hyperlink>{run('link')}</w:hyperlink></w:p>", "alink"),
        (f"<w:p>{run('a')}<w:smartTag>{run('b')}</w:smartTag><w:fldSimple>{run('c')}</w:fldSimple></w:p>", "abc"),
        (
            "<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r></w:p>",
            "a\tb\nc-d",
        ),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText><w:t>1</w:t></w:r></w:p>", "1"),
        ("<w:p><m:oMath><m:r><m:t>E=mc²</m:t></m:r></m:oMath></w:p>", "E=mc²"),
        (
            f"<w:p>{run('text')}<w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{paragraph('box')}</w:txbxContent>"
            f"</mc:Choice><mc:Fallback><w:txbxContent>{paragraph('box')}</w:txbxContent></mc:Fallback>"
            "</mc:AlternateContent></w:r></w:p>",
            "text\n\nbox",
        ),
        (
            f"<w:tbl><w:tr><w:tc><w:p>{run('text')}<w:r><w:txbxContent>{paragraph('box')}</w:txbxContent></w:r></w:p>"
            f"</w:tc><w:tc>{paragraph('b')}</w:tc></w:tr></w:tbl>",
            "text | b\n\nbox",
        ),
        (paragraph("item", '<w:numPr><w:numId w:val="3"/></w:numPr>'), "- item"),
        (paragraph("x", f'<w:outlineLvl w:val="{"9" * 5000}"/>'), "x"),
        (paragraph("no item", '<w:pStyle w:val="ListBullet"/><w:numPr><w:numId w:val="0"/></w:numPr>'), "no item"),
        (paragraph("x", '<w:pStyle w:val="NoSuchStyle"/>'), "x"),
    ],
)
def test_what_a_reader_sees_is_read(body, text):
    assert parsed(docx_with_body(body)).text == text


def test_styles_that_are_based_on_each_other_do_no_harm():
    document = docx.Document()
    first, second = document.styles.add_style("First", 1), document.styles.add_style("Second", 1)
    first.base_style, second.base_style = second, first
    document.add_paragraph("text", "First")
    assert parsed(docx_bytes(document)).text == "text"


def test_footnotes_follow_the_body():
    document = docx.Document()
    document.add_paragraph("The body.")
    add_footnotes(document, "A note.", "Another.")
    assert parsed(docx_bytes(document)).text == "The body.\n\nA note.\n\nAnother."


@pytest.mark.parametrize(
    "data",
    [
        docx_of("text")[:2000],
        with_member(docx_of("text"), "word/document.xml", b"<w:document"),
        with_member(docx_of("text"), "word/document.xml", b"<x/>"),
        with_member(docx_of("text"), "_rels/.rels", b"<Relationships/>"),
        with_member(docx_of("text"), "_rels/.rels", b"no xml"),
    ],
    ids=["cut off", "broken XML", "other XML", "no document", "broken relationships"],
)
def test_a_damaged_file_is_refused(data):
    with pytest.raises(UnreadableError, match=r"'report\.docx' is (a )?damaged"):
        parsed(data)


def test_an_encrypted_file_is_refused_as_such():
    with pytest.raises(UnreadableError, match="encrypted with a password"):
        parsed(ole("EncryptedPackage"))


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked():
    bomb = with_member(docx_of("text"), "word/media/image1.png", bytes(50_000_000))
    assert len(bomb) < 200_000
    with pytest.raises(TooLargeError, match="unpacked bytes; the limit is 40,000,000"):
        parse(bomb, "bomb.docx", ParseOptions(ParseLimits(max_unpacked_bytes=40_000_000)))
    assert parse(bomb, "bomb.docx", ParseOptions(ParseLimits(max_ratio=2000))).text == "text"


def test_entities_are_not_expanded(tmp_path):
    (tmp_path / "secret.txt").write_text("SECRET")
    declared = f'<!DOCTYPE w:document [<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
    data = docx_with_body(paragraph("text &x;"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        declaration, xml = archive.read("word/document.xml").decode().split("?>", 1)
    expanding = with_member(data, "word/document.xml", f"{declaration}?>{declared}{xml}".encode())
    assert parsed(expanding).text.strip() == "text"


_STYLES = st.sampled_from([None, "Heading 1", "Heading 2", "Heading 3", "List Bullet", "Title", "Quote"])
# What XML can hold.
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(_STYLES, _TEXTS), max_size=8))
def test_offsets_hold_in_hostile_documents(paragraphs):
    document = docx.Document()
    for style, text in paragraphs:
        document.add_paragraph(text, style)
    read = parse_docx(docx_bytes(document), "a.docx", ParseOptions())
    assert canonical(read.text) == read.text
    headings = [" ".join(text.split()) for style, text in paragraphs if (style or "").startswith("Heading")]
    assert [section.path[-1] for section in read.sections] == [heading for heading in headings if heading]
    for section in read.sections:
        assert read.text[section.start :].startswith(section.path[-1])
    for _, text in paragraphs:
        assert " ".join(text.split()) in " ".join(read.text.split())
