"""PDFs: where characters stand, columns, tables, running heads, and what a document says about itself."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from corpus.errors import TooLargeError, UnreadableError
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.parsers.pdf.document import render_page
from corpus.parsers.pdf.numbers import is_number, is_numbers, is_year
from corpus.parsers.pdf.properties import iso_date
from tests.corpus.files import pdf
from tests.corpus.pdf_files import FONT_SIZE, Page, Text, lines, placed_pdf

_PROSE = [
    "The harbour of the island",
    "was built by people who had",
    "come over the sea in spring",
    "and who stayed for the long",
    "winter because their ships",
    "were frozen to the shore by",
    "a frost that nobody there",
    "had seen in all their lives",
    "before or after that year.",
]
_OTHER = [
    "Herring was the reason for",
    "the second settlement which",
    "grew up around the smoking",
    "houses, and whose name has",
    "been forgotten since a fire",
    "burned its books and left",
    "only the walls of one barn",
    "to the people who came home",
    "from the sea in the autumn.",
]


def parsed(data, name="report.pdf", **options):
    return parse(data, name, ParseOptions(**options))


def boxes_of(document, page=1):
    """Offset of the first character and the boxes of a page, as shares from 0 to 1."""
    entry = next(entry for entry in document.boxes if entry.page == page)
    return entry.start, np.frombuffer(entry.boxes, "<u2").reshape(-1, 4) / 65535


def box_of(document, quote, page=1):
    start, boxes = boxes_of(document, page)
    at = document.text.index(quote) - start
    box = boxes[at : at + len(quote)]
    box = box[box[:, 2] > 0]
    return [*box[:, :2].min(0), *box[:, 2:].max(0)]


def ink_of(data, page=1, **options):
    """The rectangle that holds all that is drawn on a page, as shares."""
    with Image.open(io.BytesIO(render_page(data, page, scale=4, **options))) as image:
        rows, columns = np.nonzero(np.asarray(image.convert("L")) < 128)
        width, height = image.size
    return [columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(
    "page",
    [
        {},
        {"media_box": (-100, 50, 400, 700)},
        {"media_box": (0, 0, 612, 792), "entries": "/CropBox [100 300 500 780]"},
        {"media_box": (0, 0, 400, 600), "entries": "/UserUnit 2.5"},
    ],
)
def test_boxes_lie_where_the_page_is_drawn(rotation, page):
    entries = f"{page.get('entries', '')} /Rotate {rotation}"
    data = placed_pdf([Page([Text(150, 500, "HXH", 30)], **{**page, "entries": entries})])
    ink, box = ink_of(data), box_of(parsed(data), "HXH")
    # The box is as high as the font and as wide as the pen moves: a little larger than the letters all around.
    assert all(low <= drawn + 0.002 for low, drawn in zip(box[:2], ink[:2], strict=True))
    assert all(high >= drawn - 0.002 for high, drawn in zip(box[2:], ink[2:], strict=True))
    assert (box[2] - box[0]) * (box[3] - box[1]) < 3 * (ink[2] - ink[0]) * (ink[3] - ink[1])


_words = st.lists(st.from_regex(r"[A-Za-z0-9,.;é€]{1,9}", fullmatch=True), min_size=1, max_size=5).map(" ".join)


@settings(deadline=None, max_examples=60)
@given(st.lists(_words, min_size=1, max_size=12), st.sampled_from([0, 90, 180, 270]))
def test_every_character_has_the_box_where_it_was_written(texts, rotation):
    # Without any long line PDFium may take a few letters for text that is written downwards.
    texts = ["A line that is long enough to show which way the text runs", *texts]
    document = parsed(placed_pdf([Page(lines(texts), entries=f"/Rotate {rotation}")]))
    assert document.text.split() == " ".join(texts).split()
    _, boxes = boxes_of(document)
    shown = [box for box, character in zip(boxes, document.text, strict=True) if not character.isspace()]
    blank = [box for box, character in zip(boxes, document.text, strict=True) if character.isspace()]
    assert not np.any(blank)
    expected = [
        (60 + 0.6 * FONT_SIZE * (column + 0.5), 720 - 12 * row + 0.25 * FONT_SIZE)
        for row, text in enumerate(texts)
        for column, character in enumerate(text)
        if character != " "
    ]
    for (x, y), box in zip(expected, shown, strict=True):
        across, down = x / 612, 1 - y / 792
        point = {0: (across, down), 90: (1 - down, across), 180: (1 - across, 1 - down), 270: (down, 1 - across)}
        assert box[0] < point[rotation][0] < box[2]
        assert box[1] < point[rotation][1] < box[3]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_text_that_was_turned_is_read_in_its_order(angle, rotation):
    texts = ["A line that is long enough to show the way", "0", "the next line of the text", "its end"]
    places = {0: (60, 700, 0, -12), 90: (60, 60, 12, 0), 180: (500, 100, 0, 12), 270: (500, 700, -12, 0)}
    x, y, right, up = places[angle]
    turned = [Text(x + right * row, y + up * row, text, angle=angle) for row, text in enumerate(texts)]
    document = parsed(placed_pdf([Page(turned, entries=f"/Rotate {rotation}")]))
    assert document.text.split("\n") == texts
    assert boxes_of(document)[1][0, 2] > 0


def test_what_is_outside_of_the_page_is_read_and_has_no_box():
    document = parsed(placed_pdf([Page([Text(60, 700, "inside"), Text(-300, 680, "outside")])]))
    assert document.text.split() == ["inside", "outside"]
    start, boxes = boxes_of(document)
    assert boxes[:6, 2].all()
    assert not boxes[document.text.index("outside") - start :].any()


def test_ligatures_are_spelled_out_and_each_letter_has_the_box():
    fonts = "/Encoding << /Type /Encoding /Differences [65 /ffi] >>"
    document = parsed(placed_pdf([Page([Text(60, 700, "oAce")])], fonts=fonts))
    assert document.text == "office"
    _, boxes = boxes_of(document)
    assert (boxes[:, 2] > 0).all()
    assert (boxes[1] == boxes[2]).all()
    assert (boxes[2] == boxes[3]).all()


def test_a_joined_word_keeps_the_boxes_of_both_lines():
    document = parsed(placed_pdf([Page(lines(["This is an exam-", "ple of a word."]))]))
    assert document.text == "This is an example of a word."
    _, boxes = boxes_of(document)
    at = document.text.index("example")
    assert boxes[at, 1] < boxes[at + 5, 1]
    assert boxes[at + 4, 0] == pytest.approx(60 / 612, abs=0.001)


def test_a_hyphen_that_stays_keeps_its_box():
    document = parsed(placed_pdf([Page(lines(["A non-", "GAAP figure."]))]))
    assert document.text == "A non-GAAP figure."
    _, boxes = boxes_of(document)
    hyphen = document.text.index("-GAAP")
    assert boxes[hyphen, 0] == pytest.approx((60 + 5 * 6) / 612, abs=0.001)
    assert boxes[hyphen, 1] < boxes[hyphen + 1, 1]


def test_columns_that_were_written_across_are_read_one_after_the_other():
    texts = [text for row in zip(lines(_PROSE), lines(_OTHER, x=330), strict=True) for text in row]
    document = parsed(placed_pdf([Page(texts)]))
    assert document.text.split("\n") == [*_PROSE, *_OTHER]
    assert box_of(document, "Herring")[0] == pytest.approx(330 / 612, abs=0.001)


@settings(deadline=None, max_examples=25)
@given(st.integers(8, 30), st.integers(8, 30), st.randoms(use_true_random=False))
def test_columns_that_were_written_one_after_the_other_stay(left, right, chooser):
    first = [chooser.choice(_PROSE) for _ in range(left)]
    second = [chooser.choice(_OTHER) for _ in range(right)]
    document = parsed(placed_pdf([Page([*lines(first), *lines(second, x=330)])]))
    assert document.text.split() == " ".join([*first, *second]).split()


@pytest.mark.parametrize(
    "right",
    [
        ["A. Smith", "B. Jones", "C. Miller", "D. Brown", "E. Green", "F. White", "G. Black", "H. Gray", "I. Gold"],
        ["Director of Sales", "Head of Finance", "Chair of the Board", "Chief of Staff"] * 2 + ["Clerk"],
    ],
)
def test_rows_of_names_are_no_columns(right):
    names = [f"Name Number {number} Here" for number in range(9)]
    texts = [text for row in zip(lines(names), lines(right, x=330), strict=True) for text in row]
    expected = [f"{name} {other}" for name, other in zip(names, right, strict=True)]
    assert parsed(placed_pdf([Page(texts)])).text.split("\n") == expected


_ROWS = [("Net sales", "$", "34,229", "$", "35,355"), ("Cost of sales", "", "(2,724)", "", "—")]
_ROWS += [("Total assets", "$", "7,180", "$", "12"), ("Operating margin", "", "2.9 %", "", "3")]


def _table(rows, top=650):
    places = (60, 300, 320, 400, 420)
    texts = []
    for number, row in enumerate(rows):
        for x, cell in zip(places, row, strict=True):
            # Numbers end at the same place, as they do in statements.
            right = x + (40 - 6 * len(cell) if x in {320, 420} else 0)
            texts += [Text(right, top - 14 * number, cell)] if cell else []
    return texts


def test_rows_of_numbers_become_a_table():
    header = ("(Millions)", "", "2022", "", "2021")
    page = [Text(60, 700, "The figures of the year:"), *_table([header, *_ROWS]), Text(60, 560, "Notes follow below.")]
    document = parsed(placed_pdf([Page(page)]))
    assert document.text.split("\n") == [
        "The figures of the year:",
        "",
        "(Millions)\t2022\t2021",
        "Net sales\t$ 34,229\t$ 35,355",
        "Cost of sales\t(2,724)\t—",
        "Total assets\t$ 7,180\t$ 12",
        "Operating margin\t2.9 %\t3",
        "",
        "Notes follow below.",
    ]
    (table,) = document.tables
    assert document.text[table.start : table.header_end] == "(Millions)\t2022\t2021"
    assert document.text[table.header_end : table.end].strip().startswith("Net sales")
    assert document.text[: table.end].endswith("2.9 %\t3")
    assert box_of(document, "35,355")[2] == pytest.approx(460 / 612, abs=0.001)


def test_a_cell_without_a_value_keeps_its_place():
    rows = [*_ROWS, ("Only last year", "", "", "", "55")]
    assert "Only last year\t\t55" in parsed(placed_pdf([Page(_table(rows))])).text.split("\n")


def test_numbers_that_were_written_column_by_column_stand_beside_their_labels():
    labels = ["Net sales", "Cost of sales", "Total assets", "Income"]
    page = [*lines(labels), *lines(["1,204", "(88)", "$ 17", "9.5 %"], x=400)]
    document = parsed(placed_pdf([Page(page)]))
    assert [line.split("\t") for line in document.text.split("\n")] == [
        ["Net sales", "1,204"],
        ["Cost of sales", "(88)"],
        ["Total assets", "$ 17"],
        ["Income", "9.5 %"],
    ]


def test_prose_with_numbers_is_no_table():
    texts = [
        "In 2020 we sold 12 ships",
        "and in 2021 we sold 14",
        "of which 3 were 20 years old",
        "or 25 and 30 years old",
    ]
    document = parsed(placed_pdf([Page(lines(texts))]))
    assert document.tables == ()
    assert document.text == "\n".join(texts)


@pytest.mark.parametrize(
    "cell", ["1", "$ 1,204.50", "(88)", "—", "-", "2.9 %", "(16.0)", "$ (241)", "3.5% – 4.5%", "N/A", "€12m"]
)
def test_cells_with_numbers(cell):
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["Net sales", "Note 4", "a", "", "Item 1A", "December 31, 2022", "US"])
def test_cells_without_numbers(cell):
    assert not is_number(cell)


def test_lines_of_numbers_and_years():
    assert is_numbers("$ 12 — (4) 5 %")
    assert not is_numbers("12 ships")
    assert is_year("2022")
    assert is_year("Q4 2022")
    assert not is_year("2,022")


def _letters_of(number):
    return f"Text of the page that bears the letter {chr(97 + number)} alone."


def _filing(count, body=_letters_of):
    return [
        Page(
            [
                Text(60, 760, "ACME ANNUAL REPORT"),
                *lines([body(number), f"A second line of page {chr(97 + number)} goes on here"], top=600),
                Text(300, 40, f"- {number + 7} -"),
            ]
        )
        for number in range(count)
    ]


def test_running_heads_stay_once_and_page_numbers_go():
    document = parsed(placed_pdf(_filing(6)))
    assert document.text.count("ACME ANNUAL REPORT") == 1
    assert document.text.startswith("ACME ANNUAL REPORT")
    assert "- 9 -" not in document.text
    assert all(f"the letter {letter} alone" in document.text for letter in "abcdef")


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_documents_keep_everything(count):
    document = parsed(placed_pdf(_filing(count)))
    assert document.text.count("ACME ANNUAL REPORT") == count
    assert "- 7 -" in document.text


def test_pages_that_hold_nothing_else_keep_their_lines():
    document = parsed(pdf(["The same line.\nAnd its neighbour."] * 8))
    assert document.text.count("The same line.") == 8


def test_lines_that_touch_the_text_are_no_running_heads():
    pages = [Page(lines(["Name and number", f"entry {number} of the list", "more"], top=740)) for number in range(6)]
    assert parsed(placed_pdf(pages)).text.count("Name and number") == 6


def test_numbers_that_do_not_count_along_stay():
    numbers = [14, 3, 99, 27, 5, 81]
    pages = [Page([*lines(["Some text of it"]), Text(300, 40, str(number))]) for number in numbers]
    document = parsed(placed_pdf(pages))
    assert [int(word) for word in document.text.split() if word.isdigit()] == numbers


def test_a_sentence_that_goes_on_over_a_page_is_whole():
    pages = _filing(5, lambda number: "and so it went on" if number else "At first it was small")
    document = parsed(placed_pdf(pages))
    assert "A second line of page a goes on here\nand so it went on" in document.text
    assert document.page_starts[1] == document.text.index("and so it went on")


def test_paragraphs_are_set_apart():
    page = [*lines(["One line of the first", "paragraph and its end."]), *lines(["The second", "paragraph."], top=670)]
    assert parsed(placed_pdf([Page(page)])).text == (
        "One line of the first\nparagraph and its end.\n\nThe second\nparagraph."
    )


def test_lines_in_larger_letters_are_sections_where_there_is_no_outline():
    def chapter(title, sub):
        body = ["The body of the text runs on for a while", "and says little of any weight in its lines"] * 8
        return Page([Text(60, 740, title, 20), *lines(body, top=700), Text(60, 490, sub, 14), *lines(body, top=470)])

    document = parsed(placed_pdf([chapter("Harbours", "Of stone"), chapter("Ships", "Of wood")]))
    assert [section.path for section in document.sections] == [
        ("Harbours",),
        ("Harbours", "Of stone"),
        ("Ships",),
        ("Ships", "Of wood"),
    ]
    assert document.text[document.sections[3].start :].startswith("Of wood")


def test_the_document_tells_about_itself():
    info = {
        "Title": "Of harbours",
        "Author": " A. Mason\n",
        "Subject": "stone",
        "Keywords": "pier, quay",
        "CreationDate": "D:20220403193102+02'00'",
        "ModDate": "yesterday",
    }
    labels = "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D /P (A-) >>] >>"
    pages = [Page(lines([f"page {number}"])) for number in range(4)]
    document = parsed(placed_pdf(pages, catalog=f"/Lang (de-CH) {labels}", info=info))
    assert document.title == "Of harbours"
    assert document.metadata == {
        "author": "A. Mason",
        "subject": "stone",
        "keywords": "pier, quay",
        "created": "2022-04-03T19:31:02+02:00",
        "language": "de",
    }
    assert document.page_labels == ("i", "ii", "A-1", "A-2")


def test_labels_that_are_the_numbers_are_not_kept():
    document = parsed(placed_pdf([Page(lines(["x"]))] * 2, catalog="/PageLabels << /Nums [0 << /S /D >>] >>"))
    assert document.page_labels == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("D:20220403193102+02'00'", "2022-04-03T19:31:02+02:00"),
        ("D:20220403193102-0530", "2022-04-03T19:31:02-05:30"),
        ("D:20220403193102Z00'00'", "2022-04-03T19:31:02+00:00"),
        ("20220403193102", "2022-04-03T19:31:02"),
        ("D:20220403", "2022-04-03"),
        ("D:202204", "2022-04"),
        ("D:2022", "2022"),
        ("D:20221399", ""),
        ("D:20220403193102+99'00'", ""),
        ("3 April 2022", ""),
        ("", ""),
    ],
)
def test_dates(text, expected):
    assert iso_date(text) == expected


def test_a_page_that_cannot_be_read_is_named():
    data = pdf(["first", "second", "third"]).replace(b"[11 0 R 13 0 R 15 0 R]", b"[11 0 R 99 0 R 15 0 R]")
    assert parsed(data).failed_pages == (2,)


def test_passwords_are_tried_in_order():
    data = pdf(["secret text"], password="open")
    assert parsed(data, passwords=("wrong", "", "open")).text == "secret text"
    assert render_page(data, 1, passwords=("open",))[:4] == b"\x89PNG"
    with pytest.raises(UnreadableError, match="none of the given passwords opens it"):
        parsed(data, passwords=("wrong",))
    with pytest.raises(UnreadableError, match="give it with --password"):
        parsed(data)


_FIELD = (
    "/Subtype /Widget /FT /Tx /T (name{bottom}) /V ({value}) /Rect [{left} {bottom} {right} {top}] /F 4 {entries} "
    "/DA (/F1 10 Tf 0 g)"
)


def _field(value, left=200, bottom=695, entries=""):
    return _FIELD.format(value=value, left=left, bottom=bottom, right=left + 120, top=bottom + 16, entries=entries)


def test_values_of_fields_stand_beside_their_labels():
    fields = [
        _field("Ada Example"),
        _field("Harbourville", bottom=671),
        _field("hunter2", bottom=647, entries="/Ff 8192"),
    ]
    page = Page(lines(["Name:", "Town:", "Password:"], top=700, step=24), fields=fields)
    document = parsed(placed_pdf([page]))
    assert document.text.split("\n\n") == ["Name: Ada Example\nTown: Harbourville", "Password:"]
    assert box_of(document, "Ada")[0] == pytest.approx(200 / 612, abs=0.001)


def test_free_text_is_read_and_comments_are_counted():
    notes = [
        "/Subtype /FreeText /Contents (Stamped by hand) /Rect [60 600 200 620] /DA (/F1 10 Tf 0 g)",
        "/Subtype /Text /Contents (please check) /Rect [300 600 320 620]",
        "/Subtype /FreeText /Contents (not to be seen) /Rect [60 500 200 520] /F 2",
    ]
    document = parsed(placed_pdf([Page(lines(["The text"]), fields=notes)]))
    assert document.text.split("\n") == ["The text", "", "Stamped by hand"]
    assert document.losses == ("1 comment(s) on the pages are not in the text",)


def test_attachments_are_documents_of_their_own():
    files = {"figures.csv": b"a,b\n1,2\n", "../../up.txt": b"not up", "empty.txt": b""}
    document = parsed(placed_pdf([Page(lines(["See the files"]))], attachments=files))
    assert [(file.name, file.data) for file in document.attachments] == [
        ("up.txt", b"not up"),
        ("figures.csv", b"a,b\n1,2\n"),
    ] or [(file.name, file.data) for file in document.attachments] == [
        ("figures.csv", b"a,b\n1,2\n"),
        ("up.txt", b"not up"),
    ]
    assert document.losses == ("the attachment 'empty.txt' cannot be read",)


def test_attachments_of_one_name_stay_two():
    files = {"a/notes.txt": b"Emus.", "b/notes.txt": b"Kiwis."}
    document = parsed(placed_pdf([Page(lines(["See the files"]))], attachments=files))
    assert {file.name for file in document.attachments} == {"notes.txt", "notes (2).txt"}
    assert {file.data for file in document.attachments} == {b"Emus.", b"Kiwis."}


def test_attachments_are_bounded():
    data = placed_pdf([Page(lines(["x"]))], attachments={"a.bin": bytes(600), "b.bin": bytes(600)})
    with pytest.raises(TooLargeError, match="attachments"):
        parsed(data, limits=ParseLimits(max_unpacked_bytes=1000))
    with pytest.raises(TooLargeError, match="2 attachments"):
        parsed(data, limits=ParseLimits(max_members=1))
