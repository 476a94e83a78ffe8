import io
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from corpus.errors import NotFoundError, UnreadableError
from corpus.parsers import page_counts, parse
from corpus.parsers.pdf.characters import empty_boxes
from corpus.parsers.pdf.document import render_page
from corpus.parsers.pdf.hyphenation import join_divided_words
from corpus.parsers.pdf.outline import OutlineEntry, outline_sections, place_outline
from corpus.parsers.pdf.page_text import PageText
from corpus.types import Span, page_at
from tests.corpus.files import pdf


def parsed(data, name="report.pdf"):
    return parse(data, name)


def test_pages_are_joined_and_their_starts_known():
    document = parsed(pdf(["First page,\ntwo lines (really).", "", "Third – with “é” and €.", ""]))
    assert document.text == "First page,\ntwo lines (really).\n\nThird – with “é” and €."
    third = document.text.index("Third")
    assert document.page_starts == (0, third, third, len(document.text))
    assert page_at(document.page_starts, third) == 3
    assert page_counts(document) == (4, 2)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.from_regex(r"([A-Za-z0-9,.]{1,12} ?){0,6}(\n[a-z ]{0,8})?", fullmatch=True), min_size=1, max_size=6))
def test_every_page_holds_its_own_text(pages):
    document = parsed(pdf(["Begin", *pages]))
    assert document.page_starts[0] == 0
    assert list(document.page_starts) == sorted(document.page_starts)
    ends = [*document.page_starts[1:], len(document.text)]
    for page, start, end in zip(["Begin", *pages], document.page_starts, ends, strict=True):
        assert "".join(Span(start, end).of(document.text).split()) == "".join(page.split())


def test_outline_entries_become_sections_where_their_titles_stand():
    pages = [
        "Contents",
        "PART I.\nintro\nItem 1. The long\ntitle of an item\nabout it\nSummary\nsum",
        "Part II\nSummary\nmore",
    ]
    outline = [
        (1, "Part I", 2),
        (2, "Item 1. The long title of an item", 2),
        (2, "Summary", 2),
        (1, "Part II", 3),
        (2, "Nowhere to be seen", 3),
        (2, "Summary", 3),
    ]
    document = parsed(pdf(pages, outline))
    found = [(section.path, document.text[section.start :].split("\n")[0]) for section in document.sections]
    assert found == [
        (("Part I",), "PART I."),
        (("Part I", "Item 1. The long title of an item"), "Item 1. The long"),
        (("Part I", "Summary"), "Summary"),
        (("Part II", "Nowhere to be seen"), "Part II"),
        (("Part II",), "Part II"),
        (("Part II", "Summary"), "Summary"),
    ]
    assert [page_at(document.page_starts, section.start) for section in document.sections] == [2, 2, 2, 3, 3, 3]


def test_a_title_that_is_nowhere_on_its_page_is_placed_at_its_start():
    text, starts = "one\n\ntwo\n\nthree", (0, 5, 5, 10)
    headings = place_outline(
        [OutlineEntry("Later", 1, 3), OutlineEntry("Earlier", 2, 1), OutlineEntry("", 1, 0), OutlineEntry("Off", 1, 4)],
        text,
        starts,
    )
    sections = outline_sections(headings, text)
    assert [(section.start, section.path) for section in sections] == [(5, ("Later", "Earlier")), (10, ("Later",))]


@pytest.mark.parametrize(
    ("file", "title"),
    [
        (pdf(["Heading\ntext"], [(1, "Heading", 1)], title="  From the\nmetadata "), "From the metadata"),
        (pdf(["Heading\ntext"], [(1, "Heading", 1)], title=" "), "Heading"),
        (pdf(["text"], [(1, "Cover page", 1)]), "report"),
        (pdf(["text", "Heading"], [(1, "Heading", 2)]), "report"),
        (pdf(["text"], title="国际 👍"), "国际 👍"),
    ],
)
def test_the_title_is_that_of_the_metadata_else_a_heading_on_the_first_page(file, title):
    assert parsed(file).title == title


def test_divided_words_are_joined():
    assert parsed(pdf(["This is an exam-\nple of a word."])).text == "This is an example of a word."
    assert parsed(pdf(["Growth of non-\nGAAP income."])).text == "Growth of non-GAAP income."


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        (["exam\ufffeple"], ["example"]),
        (["exam\x02\nple, exam\xad\nple"], ["example, example"]),
        (["soft\xadhyphen stays"], ["soft\xadhyphen stays"]),
        pytest.param(["x" * 300_000], ["x" * 300_000], id="a word as long as its page"),
        (["non\ufffeGAAP and 2020\ufffe21"], ["non-GAAP and 2020-21"]),
        (["a long\ufffeterm goal", "a long-term view"], ["a long-term goal", "a long-term view"]),
        (["inter\ufffenational", "international inter-company"], ["international", "international inter-company"]),
        (["cloud\ufffebased", "the cloud is based here"], ["cloud-based", "the cloud is based here"]),
        (["over-the\ufffecounter, year\ufffeover-year"], ["over-the-counter, year-over-year"]),
        (["co\ufffefounded", "non\ufffeU.S. pre\ufffeIPO"], ["co-founded", "non-U.S. pre-IPO"]),
        (["a\ufffe \uffff b"], ["a  b"]),
        (["nothing to do", ""], ["nothing to do", ""]),
    ],
)
def test_a_divided_word_is_written_as_the_rest_of_the_document_suggests(pages, expected):
    joined = join_divided_words([PageText(page, empty_boxes(len(page))) for page in pages])
    assert [page.text for page in joined] == expected
    assert [len(page.boxes) for page in joined] == list(map(len, expected))


def test_an_encrypted_file_is_refused_as_such():
    with pytest.raises(UnreadableError, match=r"'report\.pdf' is encrypted with a password"):
        parsed(pdf(["text"], password="secret"))


def test_a_file_encrypted_without_a_password_is_read():
    assert parsed(pdf(["text"], password="")).text == "text"


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing else", pdf(["text"])[:200]])
def test_a_damaged_file_is_refused(data):
    with pytest.raises(UnreadableError, match=r"'report\.pdf' is damaged"):
        parsed(data)


def test_a_file_without_its_end_or_beginning_is_read_with_a_word_about_it():
    data = pdf(["Some text.", "More of it."])
    for damaged in (data[: data.index(b"\nxref\n")], data[: data.rindex(b"trailer")], data[data.index(b"\n") + 1 :]):
        document = parsed(damaged)
        assert document.text == "Some text.\n\nMore of it."
        assert document.losses == ("the file is damaged, as if cut off: what is read may not be all of it",)
        assert render_page(damaged, 2).startswith(b"\x89PNG")
    assert parsed(data).losses == ()


def test_a_damaged_page_counts_as_a_page_without_text():
    data = pdf(["first", "second", "third"]).replace(b"[11 0 R 13 0 R 15 0 R]", b"[11 0 R 99 0 R 15 0 R]")
    document = parsed(data)
    assert document.text == "first\n\nthird"
    assert page_counts(document) == (3, 2)


def test_a_page_is_drawn_as_png():
    data = pdf(["text", ""])
    with Image.open(io.BytesIO(render_page(data, 1))) as image:
        assert (image.format, image.size) == ("PNG", (918, 1188))
        assert image.convert("L").getextrema()[0] < 100
    with Image.open(io.BytesIO(render_page(data, 2, scale=0.5))) as image:
        assert image.size == (306, 396)
        assert image.convert("L").getextrema() == (255, 255)


def test_a_huge_page_is_drawn_small():
    with Image.open(io.BytesIO(render_page(pdf(["text"], media_box=(14_400, 200)), 1))) as image:
        assert image.size == (4000, 56)


@pytest.mark.parametrize("page", [0, 3, -1])
def test_a_page_that_does_not_exist_is_not_found(page):
    with pytest.raises(NotFoundError, match=f"no page {page}: the document has pages 1 to 2"):
        render_page(pdf(["one", "two"]), page)


def test_threads_take_turns():
    data = pdf(["A line of text."] * 30)
    expected, results = parsed(data), []

    def work():
        for _ in range(3):
            results.append(parsed(data))
            render_page(data, 1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == [expected] * 18


def test_a_failure_does_not_keep_others_waiting():
    for _ in range(2):
        with pytest.raises(UnreadableError):
            parsed(b"%PDF-1.7 damaged")
        with pytest.raises(NotFoundError):
            render_page(pdf(["text"]), 5)
    begun = time.monotonic()
    assert parsed(pdf(["text"])).text == "text"
    assert time.monotonic() - begun < 5
