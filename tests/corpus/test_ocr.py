import io
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from corpus.errors import PinciteError, TooLargeError, UnreadableError
from corpus.parse_pool import ParsePool, WorkerLimits
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.parsers.ocr import recognition, tesseract
from corpus.parsers.ocr.page import page_of
from corpus.parsers.ocr.pdf_pages import is_image
from corpus.parsers.ocr.recognition import named_pages
from corpus.parsers.ocr.tesseract import Box, Word, recognise, words_of
from corpus.parsers.pdf.document import render_page
from corpus.text import canonical
from tests.corpus.files import pdf
from tests.corpus.image_files import drawing, image_pdf, saved, tiff, with_orientation

AWKWARD = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "awkward_files"
needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")

LINES = ("The harbour master of Vellmar", "keeps a book of every vessel.", "Tolls are due on Fridays.")
TEXT = "\n".join(LINES)
WHITE = Image.new("L", (200, 100), 255)


def read(data, name="note.png", **options):
    return parse(data, name, ParseOptions(**options))


def rectangle(document, start, end, size):
    """Around the boxes of the characters from `start` to `end`, in pixels of an image of this size."""
    boxes = next(page for page in document.boxes if page.start <= start < page.start + len(page.boxes) // 8)
    cells = memoryview(boxes.boxes).cast("H").tolist()
    around = [cells[4 * at : 4 * at + 4] for at in range(start - boxes.start, end - boxes.start)]
    sides = (min(b[0] for b in around), min(b[1] for b in around), max(b[2] for b in around), max(b[3] for b in around))
    return [side * length / 65535 for side, length in zip(sides, size * 2, strict=True)]


def assert_boxes_cover(document, drawn, letters):
    """Every drawn word has its place in the text, whose boxes are around its ink and not much larger."""
    position = 0
    for word, ink in drawn.words:
        assert document.text.startswith(word, position), document.text[position:]
        found = rectangle(document, position, position + len(word), drawn.image.size)
        for side in range(4):
            assert abs(found[side] - ink[side]) <= letters * (0.15 if side in {0, 2} else 0.5), (word, found, ink)
        position += len(word) + 1


@needs_tesseract
@pytest.mark.parametrize("size", [12, 36])
def test_text_and_places_of_drawn_words(size):
    drawn = drawing(LINES, size, width=18 * size)
    document = read(saved(drawn.image))
    assert document.text == TEXT
    assert (document.title, document.media_type, document.page_starts) == ("note", "image/png", (0,))
    assert (document.losses, document.failed_pages, document.sections) == ((), (), ())
    assert document.metadata["ocr_pages"] == 1
    assert 0.9 < document.metadata["ocr_confidence"] <= 1
    assert len(document.boxes[0].boxes) == 8 * len(TEXT)
    assert_boxes_cover(document, drawn, size)


@needs_tesseract
def test_paragraphs_are_set_apart_and_white_space_has_no_box():
    document = read(saved(drawing([*LINES[:2], "", "", LINES[2]]).image))
    assert document.text == f"{LINES[0]}\n{LINES[1]}\n\n{LINES[2]}"
    boxes = document.boxes[0].boxes
    for position, character in enumerate(document.text):
        assert (boxes[8 * position : 8 * position + 8] == bytes(8)) == character.isspace()


@needs_tesseract
@pytest.mark.parametrize("orientation", [2, 6])
def test_images_are_read_as_viewers_turn_them(orientation):
    drawn = drawing(LINES)
    document = read(with_orientation(drawn.image, orientation))
    assert document.text == TEXT
    assert_boxes_cover(document, drawn, 24)


@needs_tesseract
def test_pages_that_were_scanned_sideways_are_read():
    if "osd" not in tesseract._installed_languages():
        pytest.skip("Tesseract's data for orientation is not installed")
    lines = [*LINES, "A vessel of over forty feet", "pays twice as much.", "Ferries pay nothing."]
    image = drawing(lines).image.transpose(Image.Transpose.ROTATE_90)
    document = read(saved(image))
    assert document.text.split() == " ".join(lines).split()
    left, top, right, bottom = rectangle(document, 0, 3, image.size)
    assert left < 100
    assert top > 350
    assert right - left < 100
    assert bottom - top < 100


@needs_tesseract
def test_columns_are_read_one_after_the_other():
    left = ["The first column tells", "of boats which come to", "the harbour in the early", "morning and leave again."]
    right = ["Some people live uphill;", "they bake and sell bread", "to everybody who walks", "past their open doors."]
    columns = [3 * left, 3 * right]
    image = drawing(columns[0], width=800).image
    image.paste(drawing(columns[1], left=0, width=330).image, (450, 0))
    assert read(saved(image)).text.split() == " ".join([*columns[0], *columns[1]]).split()


@needs_tesseract
def test_noise_lowers_the_confidence_and_is_no_text():
    clean = drawing(LINES, 32, width=600).image
    dots = random.Random(5)
    noisy = clean.point(lambda value: 70 + value * 0.6).filter(ImageFilter.GaussianBlur(1.2))
    noisy = Image.frombytes(
        "L", noisy.size, bytes(min(255, max(0, v + dots.randint(-25, 25))) for v in noisy.tobytes())
    )
    document = read(saved(noisy))
    assert document.text == TEXT
    assert document.metadata["ocr_confidence"] <= read(saved(clean)).metadata["ocr_confidence"]


PICTURES = {
    "1": ("1", 1, "PNG"),
    "palette": ("P", 255, "GIF"),
    "CMYK": ("CMYK", (0, 0, 0, 0), "JPEG"),
    "16 bits": ("I;16", 65535, "PNG"),
    "floating point": ("F", 1.0, "TIFF"),
    "transparent": ("RGBA", (0, 0, 0, 0), "WEBP"),
    "colours": ("RGB", "#cde", "BMP"),
    "grey and transparent": ("LA", (0, 0), "PNG"),
}


@needs_tesseract
@pytest.mark.parametrize("kind", PICTURES)
def test_every_kind_of_pixel_and_file(kind):
    mode, paper, form = PICTURES[kind]
    direct = mode not in {"P", "CMYK", "LA"}
    image = drawing(LINES, mode=mode, paper=paper).image if direct else drawing(LINES).image
    if mode == "LA":
        image = Image.merge("LA", (Image.new("L", image.size, 0), image.point(lambda value: 255 - value)))
    image = image if direct else image.convert(mode)
    options = {"lossless": True} if form == "WEBP" else {}
    document = read(saved(image, form, **options), "note")
    assert (document.text, document.media_type) == (TEXT, f"image/{form.lower()}")


@needs_tesseract
def test_the_images_of_a_tiff_are_pages():
    document = read(tiff([drawing(LINES[:1]).image, WHITE, drawing(LINES[1:]).image, WHITE]), "scan.tif")
    assert document.text == f"{LINES[0]}\n\n{LINES[1]}\n{LINES[2]}"
    second = len(LINES[0]) + 2
    assert document.page_starts == (0, second, second, len(document.text))
    assert [(page.page, page.start, len(page.boxes) // 8) for page in document.boxes] == [
        (1, 0, len(LINES[0])),
        (3, second, len(LINES[1]) + 1 + len(LINES[2])),
    ]
    assert document.metadata["ocr_pages"] == 2


@needs_tesseract
def test_only_so_many_pages_are_recognised(monkeypatch):
    monkeypatch.setattr(recognition, "MOST_PAGES", 2)
    pages = [drawing(LINES[:1]).image] * 5
    document = read(tiff(pages))
    assert document.text == f"{LINES[0]}\n\n{LINES[0]}"
    assert document.losses == (
        "pages 3-5 are images without text: text recognition reads at most 2 pages of a document; split it",
    )
    assert document.page_starts[2:] == (len(document.text),) * 3
    with pytest.raises(TooLargeError, match="4 pages"):
        read(tiff(pages), limits=ParseLimits(max_pages=3))


@needs_tesseract
def test_a_damaged_page_is_told_and_the_others_are_read():
    data = bytearray(tiff([drawing(LINES[:1]).image, drawing(LINES[1:2]).image, drawing(LINES[2:]).image]))
    starts = []
    with Image.open(io.BytesIO(data)) as image:
        for number in range(3):
            image.seek(number)
            starts.append(image.tag_v2[273][0])
    data[starts[1] : starts[1] + 40] = bytes(40)
    document = read(bytes(data))
    assert document.failed_pages == (2,)
    assert document.text == f"{LINES[0]}\n\n{LINES[2]}"


@needs_tesseract
def test_the_first_image_of_an_animation():
    data = saved(drawing(LINES[:1]).image, "GIF", save_all=True, append_images=[drawing(LINES[1:2]).image])
    document = read(data)
    assert document.text == LINES[0]
    assert document.losses == ("only the first image of the animation was read",)


@needs_tesseract
def test_when_a_photograph_was_taken():
    exif = Image.Exif()
    exif[0x0132] = "2025:01:02 03:04:05"
    image = drawing(LINES[:1]).image
    assert read(saved(image, "JPEG", exif=exif)).metadata["created"] == "2025-01-02T03:04:05"
    exif[0x8769] = {0x9003: "2024:05:06 07:08:09"}
    assert read(saved(image, "JPEG", exif=exif)).metadata["created"] == "2024-05-06T07:08:09"
    exif[0x8769] = {0x9003: "yesterday"}
    assert "created" not in read(saved(image, "JPEG", exif=exif)).metadata


@needs_tesseract
def test_an_image_without_text_is_refused():
    with pytest.raises(UnreadableError, match=r"'blank\.png' is an image in which no text was recognised .*eng"):
        read(saved(WHITE), "blank.png")
    for width, height in ((1, 1), (3, 40_000)):
        with pytest.raises(UnreadableError, match="no text was recognised"):
            read(saved(Image.new("L", (width, height), 255)))


@needs_tesseract
def test_pictures_are_no_text():
    dots = random.Random(7)
    speckled = Image.frombytes("L", (120, 90), dots.randbytes(10_800)).resize((360, 270))
    with pytest.raises(UnreadableError, match="no text was recognised"):
        read(saved(speckled))


@needs_tesseract
def test_german():
    if "deu" not in tesseract._installed_languages():
        pytest.skip("Tesseract's German is not installed")
    lines = "Das Hafenamt erhebt Gebühren\nfür größere Schiffe; Fähren\ndürfen umsonst anlegen."
    image = render_page(pdf([lines]), 1, scale=3)  # Pillow's own font has no umlauts
    assert read(image, ocr_languages="deu+eng").text == lines


@needs_tesseract
@pytest.mark.parametrize(("languages", "package"), [("xyz", "xyz"), ("eng+chi_nowhere", "chi-nowhere")])
def test_a_language_that_is_not_installed(languages, package):
    message = f"'note.png' is an image.*{languages.split('+')[-1]}.*apt install tesseract-ocr-{package}.*OCR_LANGUAGES"
    with pytest.raises(UnreadableError, match=message):
        read(saved(WHITE), ocr_languages=languages)


@pytest.fixture
def no_tesseract(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_tesseract")
def test_without_tesseract_the_message_says_what_to_install():
    assert not tesseract.available()
    with pytest.raises(UnreadableError, match=r"'note\.png' is an image.*apt install tesseract-ocr"):
        read(saved(WHITE))
    with pytest.raises(UnreadableError, match="apt install tesseract-ocr"):
        recognise(WHITE, "eng")


def test_recognition_can_be_turned_off():
    with pytest.raises(UnreadableError, match=r"'note\.png' is an image.*turned off \(PINCITE_OCR\)"):
        read(saved(WHITE), ocr="off")


def pretend_tesseract(folder, script):
    program = folder / "tesseract"
    program.write_text(f'#!/bin/sh\nif [ "$1" = --list-langs ]; then echo List; echo eng; exit 0; fi\n{script}\n')
    program.chmod(0o755)


def test_a_tesseract_that_hangs_or_fails(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    pretend_tesseract(tmp_path, "echo out of order >&2; exit 3")
    with pytest.raises(UnreadableError, match=r"'note\.png'.*failed with exit code 3: out of order"):
        read(saved(WHITE))
    pretend_tesseract(tmp_path, "exec sleep 30")
    monkeypatch.setattr(tesseract, "_SECONDS", 1)
    begun = time.monotonic()
    with pytest.raises(UnreadableError, match="took more than 1 seconds"):
        read(saved(WHITE))
    assert time.monotonic() - begun < 20


def test_the_processor_time_of_a_recognition_is_bounded(monkeypatch):
    monkeypatch.setattr(tesseract, "_SECONDS", 1)
    with subprocess.Popen(["/bin/sh", "-c", "while :; do :; done"]) as process:
        tesseract._bound(process.pid)
        assert process.wait(60) in {-signal.SIGKILL, -signal.SIGXCPU}


@pytest.fixture
def some_tesseract(monkeypatch, tmp_path):
    """Whether or not it is installed here: files that it is never handed."""
    if shutil.which("tesseract") is None:
        pretend_tesseract(tmp_path, "cat >/dev/null")
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")


@pytest.mark.usefixtures("some_tesseract")
def test_damaged_images_are_refused():
    whole = saved(drawing(LINES).image)
    for data in (whole[:30], whole[:-200], whole[:60] + b"\0" * 200 + whole[260:], b"\x89PNG\r\n\x1a\n nothing"):
        with pytest.raises(UnreadableError, match=r"'note\.png' is damaged"):
            read(data)


@pytest.mark.usefixtures("some_tesseract")
@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (12_000, 9_000)])
def test_images_made_to_fill_a_memory_are_refused_at_once(width, height):
    bomb = bytearray(saved(WHITE, "BMP"))
    bomb[18:26] = width.to_bytes(4, "little") + height.to_bytes(4, "little")
    begun = time.monotonic()
    with pytest.raises(TooLargeError, match=r"'big\.bmp' is an image of more than 90,000,000 pixels"):
        read(bytes(bomb), "big.bmp")
    assert time.monotonic() - begun < 2


@pytest.mark.usefixtures("some_tesseract")
@settings(max_examples=40)
@given(st.sampled_from(["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP"]), st.data())
def test_altered_files_give_a_text_or_an_error(kind, data):
    small = Image.linear_gradient("L").resize((40, 40))
    file = bytearray(saved(small, kind))
    for place in data.draw(st.lists(st.integers(0, min(len(file), 200) - 1), min_size=1, max_size=4)):
        file[place] = data.draw(st.integers(0, 255))
    try:
        read(bytes(file[: data.draw(st.integers(1, len(file)))]), "altered")
    except PinciteError as error:
        message = str(error)
        assert "'altered'" in message  # or a text: both are right


@needs_tesseract
def test_workers_read_images_within_their_memory():
    pool = ParsePool(ParseOptions(), WorkerLimits(count=1))
    try:
        assert pool.parse(saved(drawing(LINES).image), "note.png").result().text == TEXT
    finally:
        pool.close()


SCAN = drawing(LINES, 32, width=600)
PICTURE = Image.linear_gradient("L").resize((600, 200))


@needs_tesseract
def test_pages_of_a_pdf_that_are_images():
    data = image_pdf([SCAN.image, None, SCAN.image], notes=["", "A page with a text of its own, as always.", "Page 3"])
    document = read(data, "scan.pdf")
    own = "A page with a text of its own, as always."
    assert document.text == f"{TEXT}\n\n{own}\n\n{TEXT}\n\nPage 3"
    assert document.page_starts == (0, len(TEXT) + 2, len(TEXT) + len(own) + 4)
    assert document.metadata["ocr_pages"] == 2
    assert document.metadata["ocr_confidence"] > 0.9
    assert document.losses == ()
    assert document.sections == ()
    assert [page.page for page in document.boxes] == [1, 2, 3]
    assert_boxes_cover(document, SCAN, 32)


@needs_tesseract
def test_a_page_says_itself_what_it_can():
    data = image_pdf([PICTURE, SCAN.image], notes=["Figure 12", "A scan that has a text already."])
    document = read(data, "scan.pdf")
    assert document.text == "Figure 12\n\nA scan that has a text already."
    assert "ocr_pages" not in document.metadata


@pytest.mark.usefixtures("no_tesseract")
def test_a_pdf_without_tesseract_says_which_pages_are_images():
    text = "A page with a text of its own, as always."
    data = image_pdf([SCAN.image, None, SCAN.image, SCAN.image], notes=["", text])
    document = read(data, "scan.pdf")
    assert document.text == text
    assert document.losses == (
        "pages 1, 3-4 are images without text: install Tesseract (Debian and Ubuntu: apt install tesseract-ocr) "
        "to have images read",
    )
    message = r"'scan\.pdf' has no text on its 1 page\(s\): page 1 is an image without text: install Tesseract"
    with pytest.raises(UnreadableError, match=message):
        read(image_pdf([SCAN.image]), "scan.pdf")


def test_a_pdf_with_recognition_turned_off():
    document = read(image_pdf([SCAN.image, None], notes=["", "Text enough not to be a scan."]), "scan.pdf", ocr="off")
    assert document.losses == ("page 1 is an image without text: text recognition is turned off (PINCITE_OCR)",)


@needs_tesseract
def test_what_hinders_the_recognition_of_a_page_of_a_pdf_is_told(monkeypatch):
    data = image_pdf([SCAN.image, SCAN.image, None], notes=["", "", "Text enough not to be a scan."])
    document = read(data, "scan.pdf", ocr_languages="xyz")
    assert len(document.losses) == 1
    assert document.losses[0].startswith("pages 1-2 are images without text: Tesseract has no data for 'xyz'")
    monkeypatch.setattr(recognition, "MOST_PAGES", 1)
    document = read(data, "scan.pdf")
    assert document.text == f"{TEXT}\n\nText enough not to be a scan."
    assert document.losses == (
        "page 2 is an image without text: text recognition reads at most 1 pages of a document; split it",
    )


def test_small_images_do_not_make_a_page_a_scan():
    from pypdfium2 import PdfDocument

    with PdfDocument(image_pdf([SCAN.image])) as document:
        assert is_image(document[0])
    with PdfDocument(image_pdf([SCAN.image], share=0.5)) as document:
        assert not is_image(document[0])
    with PdfDocument(pdf(["A page of text"])) as document:
        assert not is_image(document[0])


def table(*rows):
    return "\n".join("\t".join(map(str, row)) for row in [("level", "page_num", *["x"] * 10), *rows, ()])


def test_the_table_that_tesseract_prints():
    words = list(
        words_of(
            table(
                (1, 1, 0, 0, 0, 0, 0, 0, 200, 100, -1, ""),
                (4, 1, 1, 2, 3, 0, 20, 10, 160, 20, -1, ""),
                (5, 1, 1, 2, 3, 1, 20, 12, 40, 10, 96.5, "Toll\u2028"),
                (5, 1, 1, 2, 3, 2, 70, 12, 40, 10, 95, " "),
                (5, 1, 1, 2, 3, 3, 120, 12, 40, 10, "-1", '"x'),
            )
        )
    )
    line = Box(0.1, 0.1, 0.9, 0.3)
    assert words == [
        Word("Toll", Box(0.1, 0.12, 0.3, 0.22), line, (1, 2, 3), 0.965),
        Word('"x', Box(0.6, 0.12, 0.8, 0.22), line, (1, 2, 3), 0.0),
    ]


def word(text, line=(1, 1, 1), confidence=0.9):
    return Word(text, Box(0.1, 0.1, 0.2, 0.2), Box(0.1, 0.1, 0.9, 0.2), line, confidence)


def test_chinese_and_japanese_words_are_not_set_apart():
    assert page_of([word("港"), word("口の"), word("book"), word("船"), word("한국"), word("말")]).text == (
        "港口の book 船 한국 말"
    )


def test_lines_that_were_hardly_recognised_are_left_out_and_counted():
    page = page_of([word("Toll"), word("~~|", (1, 1, 2), 0.2), word("due", (2, 1, 1), 0.2), word("monthly", (2, 1, 1))])
    assert (page.text, page.unclear_lines) == ("Toll\n\ndue monthly", 1)
    assert page.confidence == pytest.approx((0.9 * 4 + 0.2 * 3 + 0.9 * 7) / 14)
    page = page_of([word("unlike", confidence=0.4), word("anything", (1, 1, 2), 0.35)])
    assert (page.text, page.boxes, page.confidence, page.unclear_lines) == ("", b"", 0, 2)


SHARES = st.floats(-0.01, 1.01)
WORDS = st.builds(
    lambda text, sides, line, sure: Word(text, Box(sides[0], 0.1, sides[1], 0.2), Box(0, 0.1, 1, 0.2), line, sure),
    st.text(min_size=1, max_size=8).filter(str.strip).map(str.strip),
    st.tuples(SHARES, SHARES).map(sorted),
    st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 2)),
    st.floats(0.5, 1),
)


@given(st.lists(WORDS, max_size=8))
def test_pages_hold_all_words_in_order_with_a_box_for_each_character(words):
    words.sort(key=lambda found: found.line)
    page = page_of(words)
    assert page.text == canonical(page.text)
    assert "".join(page.text.split()) == "".join("".join(canonical(found.text).split()) for found in words)
    boxes = memoryview(page.boxes).cast("H").tolist()
    assert len(boxes) == 4 * len(page.text)
    for position in range(len(page.text)):
        left, top, right, bottom = boxes[4 * position : 4 * position + 4]
        assert (left, top, right, bottom) == (0, 0, 0, 0) or (left < right and top < bottom)


@pytest.mark.parametrize(
    ("numbers", "name"), [([3], "page 3"), ([3, 4], "pages 3-4"), ([1, 3, 4, 5, 9], "pages 1, 3-5, 9")]
)
def test_pages_are_named_as_ranges(numbers, name):
    assert named_pages(numbers) == name


@needs_tesseract
@pytest.mark.skipif(not AWKWARD.is_dir(), reason="the shared awkward files are not here")
def test_a_photograph_from_the_wild():
    path = AWKWARD / "one_of_each" / "jpg.jpg"
    with pytest.raises(UnreadableError, match=r"'jpg\.jpg' is an image in which no text was recognised"):
        read(path.read_bytes(), path.name)
