import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UnreadableError
from corpus.media_types import PPTX
from corpus.parsers import ParseOptions, page_counts, parse
from corpus.parsers.office.pptx import parse as parse_pptx
from corpus.types import Attachment, Section
from tests.corpus.office_files import (
    CORE_METADATA,
    pptx,
    relationships,
    slide_frame,
    slide_paragraph,
    slide_shape,
    strict,
)

_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"


def shape(text, place="", kind=""):
    return slide_shape(slide_paragraph(text), place, kind)


def read(*slides, **more):
    return parse(pptx(slides, **more), "deck.pptx")


def test_slides_are_pages_and_sections():
    document = read(
        shape("The pumps", kind="ctrTitle") + shape("of Vellmar", kind="subTitle"),
        "",
        shape("Only text"),
        shape("The end", kind="title"),
    )
    assert document.text == "The pumps\n\n- of Vellmar\n\nOnly text\n\nThe end"
    assert document.page_starts == (0, 25, 25, 36)
    assert page_counts(document) == (4, 3)
    assert document.sections == (Section(0, ("The pumps",)), Section(25, ("Slide 3",)), Section(36, ("The end",)))
    assert (document.media_type, document.title) == (PPTX, "The pumps")


def test_the_title_and_metadata_of_the_properties():
    document = read(shape("text"), title="Stored")
    assert (document.title, document.metadata) == ("Stored", CORE_METADATA)
    assert read(shape("text")).title == "deck"
    assert read(shape("Shown", kind="title"), title="Stored").title == "Shown"


def test_shapes_are_read_from_top_to_bottom_and_left_to_right():
    slide = (
        shape("bottom", "0,5000,9000,500")
        + shape("right", "6000,1010,2000,900")
        + shape("left", "100,1000,2000,900")
        + shape("Head", "0,7000,900,900", "title")
        + "<p:grpSp><p:grpSpPr><a:xfrm><a:off x='3000' y='1100'/><a:ext cx='9' cy='9'/></a:xfrm></p:grpSpPr>"
        + shape("lower", "0,50,9,9")
        + shape("upper", "0,10,9,9")
        + "</p:grpSp>"
    )
    assert read(slide).text.split("\n\n") == ["Head", "left", "upper", "lower", "right", "bottom"]


def test_a_placeholder_without_a_place_has_that_of_its_layout():
    slide = shape("body", kind="body") + shape("free", "0,5000,9,9") + shape("sub", kind="subTitle")
    assert read(slide).text == "- sub\n\nfree\n\n- body"


def test_list_items_are_told_by_paragraph_shape_and_master():
    bullet, none = '<a:buAutoNum type="arabicPeriod"/>', "<a:buNone/>"
    free = slide_shape(slide_paragraph("one", bullet) + slide_paragraph("two", bullet) + slide_paragraph("three"))
    body = slide_shape(slide_paragraph("item") + slide_paragraph("plain", none), kind="body")
    switched_off = slide_shape(
        f"<a:lstStyle><a:lvl1pPr>{none}</a:lvl1pPr></a:lstStyle>" + slide_paragraph("off"), kind="body"
    )
    assert read(free).text == "- one\n- two\n\nthree"
    assert read(body).text == "- item\n\nplain"
    assert read(switched_off).text == "off"


def test_tables_have_headers_and_merged_cells_once():
    def row(*cells):
        return (
            "<a:tr>"
            + "".join(f"<a:tc {a}><a:txBody>{slide_paragraph(t)}</a:txBody></a:tc>" for t, a in cells)
            + "</a:tr>"
        )

    rows = row(("Pump", ""), ("Flow", 'gridSpan="2"'), ("gone", 'hMerge="1"')) + row(("a", ""), ("1", ""), ("2", ""))
    rows += row(("gone", 'vMerge="1"'), ("3", ""), ("4", ""))
    document = read(
        slide_frame(f'<a:tbl><a:tblPr firstRow="1"/>{rows}</a:tbl>') + slide_frame(f"<a:tbl>{rows}</a:tbl>")
    )
    text = "Pump | Flow\na | 1 | 2\n | 3 | 4"
    assert document.text == f"{text}\n\n{text}"
    assert [document.text[table.start : table.header_end] for table in document.tables] == ["Pump | Flow", ""]


def test_notes_are_a_section_of_their_own_behind_the_slide():
    document = read(
        shape("Head", kind="title") + shape("text"), shape("Next", kind="title"), notes={1: slide_paragraph("Say it.")}
    )
    assert document.text == "Head\n\ntext\n\nSay it.\n\nNext"
    assert document.sections == (
        Section(0, ("Head",)),
        Section(12, ("Head", "Speaker notes")),
        Section(21, ("Next",)),
    )
    assert document.page_starts == (0, 21)


def test_footers_and_numbers_are_left_out():
    slide = shape("text") + shape("3", kind="sldNum") + shape("2024", kind="dt") + shape("Company", kind="ftr")
    assert read(slide).text == "text"


def chart(*series):
    def points(name, values, kind="str", code=""):
        rows = "".join(f'<c:pt idx="{n}"><c:v>{value}</c:v></c:pt>' for n, value in enumerate(values))
        return f"<c:{name}><c:{kind}Ref><c:{kind}Cache>{code}{rows}</c:{kind}Cache></c:{kind}Ref></c:{name}>"

    rows = "".join(
        f"<c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>{name}</c:v></c:pt></c:strCache></c:strRef></c:tx>"
        f"{points('cat', labels)}{points('val', values, 'num', '<c:formatCode>0%</c:formatCode>')}</c:ser>"
        for name, labels, values in series
    )
    title = f"<c:title><c:tx><c:rich>{slide_paragraph('Flows')}</c:rich></c:tx></c:title>"
    spaces = f'xmlns:c="{_CHART}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    return f"<c:chartSpace {spaces}><c:chart>{title}<c:plotArea>{rows}</c:plotArea></c:chart></c:chartSpace>"


def test_charts_and_diagrams_are_read():
    frames = slide_frame(f'<c:chart xmlns:c="{_CHART}" r:id="rId1"/>') + slide_frame(
        f'<d:relIds xmlns:d="{_DIAGRAM}" r:dm="rId2"/>'
    )
    points = "".join(
        f'<d:pt type="{kind}"><d:t>{slide_paragraph(text)}</d:t></d:pt>'
        for kind, text in (("doc", "no"), ("node", "First"), ("parTrans", "no"), ("node", "Second"))
    )
    data = f'<d:x xmlns:d="{_DIAGRAM}" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">{points}</d:x>'
    document = read(
        frames,
        links={1: [("chart", "../charts/c.xml"), ("diagramData", "../diagrams/d.xml")]},
        members={
            "ppt/charts/c.xml": chart(("East", "ab", [0.5, 0.25]), ("West", "ab", [1, 2]), ("Other", "c", [3])),
            "ppt/diagrams/d.xml": data,
        },
    )
    assert document.text == (
        "Flows\n\n | East | West\na | 50% | 100%\nb | 25% | 200%\n\n | Other\nc | 300%\n\n- First\n- Second"
    )
    assert [document.text[table.start : table.header_end] for table in document.tables] == [
        " | East | West",
        " | Other",
    ]


def test_what_is_embedded_or_left_out_is_said():
    document = read(
        shape("text") + slide_frame(f'<c:chart xmlns:c="{_CHART}" r:id="rId9"/>'),
        links={
            1: [("package", "../embeddings/in.xlsx"), ("oleObject", "../embeddings/o.bin"), ("comments", "../c.xml")]
        },
        members={
            "ppt/embeddings/in.xlsx": b"PK",
            "ppt/embeddings/o.bin": b"OLE",
            "ppt/c.xml": '<p:cmLst xmlns:p="x"><p:cm/><p:cm/></p:cmLst>',
        },
    )
    assert document.attachments == (Attachment("in.xlsx", b"PK"),)
    assert document.losses == (
        "charts that are missing in the file",
        "comments (2)",
        "embedded objects of other programs",
    )


def test_strict_presentations_are_read_like_others():
    assert parse(strict(pptx([shape("Head", kind="title")])), "deck.pptx").title == "Head"


def test_a_presentation_with_a_slide_missing_is_refused():
    data = pptx([shape("x")], members={"ppt/_rels/presentation.xml.rels": relationships(("slide", "slides/none.xml"))})
    with pytest.raises(UnreadableError, match=r"'deck\.pptx' is damaged: one of its slides is missing"):
        parse(data, "deck.pptx")


_LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=12
)
_KINDS = st.sampled_from(["", "title", "body"])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.lists(st.tuples(_KINDS, _LINES), max_size=4), _LINES), min_size=1, max_size=4))
def test_every_text_is_on_its_page_in_order(slides):
    shapes = ["".join(shape(text, f"0,{1000 * n},9,9", kind) for n, (kind, text) in enumerate(s)) for s, _ in slides]
    notes = {n: slide_paragraph(text) for n, (_, text) in enumerate(slides, start=1)}
    document = parse_pptx(pptx(shapes, notes), "a.pptx", ParseOptions())
    ends = [*document.page_starts[1:], len(document.text)]
    pages = [document.text[start:end] for start, end in zip(document.page_starts, ends, strict=True)]
    assert len(pages) == len(slides)
    for page, (texts, note) in zip(pages, slides, strict=True):
        words = [" ".join(text.split()) for _, text in texts]
        titles = [n for n, ((kind, _), word) in enumerate(zip(texts, words, strict=True)) if kind == "title" and word]
        if titles:
            words.insert(0, words.pop(titles[0]))
        rest = " ".join(page.split())
        for word in [*words, " ".join(note.split())]:
            assert word in rest
            rest = rest[rest.index(word) + len(word) :]
    starts = [section.start for section in document.sections]
    assert starts == sorted(starts)
    assert all(document.text[start - 2 : start] in {"", "\n\n"} for start in starts)
