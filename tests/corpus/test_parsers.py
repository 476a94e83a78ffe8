import subprocess
import sys

import pytest

from corpus.errors import TooLargeError, UnreadableError
from corpus.media_types import DOCX, HTML, MARKDOWN, PDF, TEXT
from corpus.parsers import ParseLimits, ParseOptions, page_counts, parse
from corpus.types import ParsedDocument
from tests.corpus.files import docx_of, ole, pdf


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (b"The pump runs.", "pump.txt", TEXT),
        (b"The pump runs.", "pump.md", MARKDOWN),
        (b"<html><p>The pump runs.", "pump.html", HTML),
        (pdf(["The pump runs."]), "pump.pdf", PDF),
        (docx_of("The pump runs."), "pump.docx", DOCX),
    ],
)
def test_every_format_is_read_and_titled_after_its_file_when_nothing_is_better(data, name, media_type):
    document = parse(data, name)
    assert document.text == "The pump runs."
    assert document.media_type == media_type
    assert document.title == "pump"
    assert parse(data, f"a folder/{name}") == document


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b" \n", "blank.txt", "is empty"),
        (b"<html><body><p> </p></body></html>", "blank.html", "has no text"),
        (b"<!doctype html><!-- nothing -->", "blank.html", "has no text"),
        (docx_of(""), "blank.docx", "has no text"),
        (pdf(["", "", ""]), "scan.pdf", r"has no text on its 3 page\(s\).*OCR"),
        (ole("EncryptedPackage"), "secret.docx", "encrypted with a password"),
    ],
)
def test_a_file_without_text_is_refused_with_the_reason(data, name, reason):
    with pytest.raises(UnreadableError, match=reason) as caught:
        parse(data, name)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (ParseOptions(ParseLimits(max_bytes=100)), "bytes; the limit is 100"),
        (ParseOptions(ParseLimits(max_pages=2)), "3 pages; the limit is 2"),
        (ParseOptions(ParseLimits(max_characters=40)), "characters of text; the limit is 40"),
    ],
)
def test_a_document_beyond_a_limit_is_refused(limits, message):
    with pytest.raises(TooLargeError, match=message):
        parse(pdf(["A line of the page."] * 3), "report.pdf", limits)
    with pytest.raises(TooLargeError, match="5 bytes; the limit is 4"):
        parse(b"A pen", "pen.txt", ParseOptions(ParseLimits(max_bytes=4)))


def test_a_document_at_its_limits_is_read():
    data = pdf(["A line."] * 3)
    limits = ParseOptions(ParseLimits(max_bytes=len(data), max_pages=3, max_characters=len("A line.") * 3 + 4))
    assert page_counts(parse(data, "report.pdf", limits)) == (3, 3)


@pytest.mark.parametrize(
    ("text", "page_starts", "counts"),
    [
        ("text", (), (None, None)),
        ("one\n\ntwo", (0, 5), (2, 2)),
        ("one\n\nthree", (0, 5, 5), (3, 2)),
        ("two", (0, 0, 3), (3, 1)),
        ("", (0,), (1, 0)),
    ],
)
def test_pages_with_text_are_counted(text, page_starts, counts):
    assert page_counts(ParsedDocument(text=text, media_type=PDF, page_starts=page_starts)) == counts


def test_reading_plain_text_loads_no_other_formats_libraries():
    program = (
        "import sys; from corpus.parsers import parse; parse(b'text', 'a.txt'); "
        "print({'lxml', 'docx', 'pypdfium2', 'trafilatura', 'markdown_it', 'PIL'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"
