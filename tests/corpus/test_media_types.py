import codecs
import struct

import pytest

from corpus.detection import media_type_of
from corpus.detection.text_or_binary import unicode_encoding
from corpus.errors import UnreadableError
from corpus.media_types import DOCX, HTML, MARKDOWN, PDF, TEXT
from tests.corpus.files import docx_of, ole, pdf, zip_of


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"Some text.", "notes.txt", TEXT),
        (b"Some text.", "no-suffix", TEXT),
        (b"import os\n", "program.py", TEXT),
        (b"a,b\n1,2\n", "table.csv", TEXT),
        (b"# Title", "notes.md", MARKDOWN),
        (b"# Title", "NOTES.MARKDOWN", MARKDOWN),
        (b"# Title", "notes.txt", TEXT),
        (b"<p>A fragment", "page.html", HTML),
        (b"<p>A fragment", "page.txt", TEXT),
        (b"<!DOCTYPE html><p>A page", "page.txt", HTML),
        (b"\xef\xbb\xbf \n<HTML lang=en>A page", "page", HTML),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html>\n<html xmlns="x">', "page.xml", HTML),
        (b'<?xml version="1.0"?><feed/>', "feed.xml", TEXT),
        (b"<!-- a licence -->\n<html>", "page", HTML),
        (b"<!-- a comment -->\n# Title", "notes.md", MARKDOWN),
        ("<html>A page".encode("utf-16"), "page", HTML),
        (pdf(["A page"]), "misleading.txt", PDF),
        (b"\r\n" + pdf(["A page"]), "report.pdf", PDF),
        (b"junk before it\n" + pdf(["A page"]), "report.pdf", PDF),
        (b"The header is %PDF-1.7 in most files.", "about.txt", TEXT),
        (docx_of("A text"), "misleading.pdf", DOCX),
        (b"\x1b$B$3$s$K$A$O\x1b(B", "iso2022.txt", TEXT),
        ("Größe".encode("cp1252"), "german.txt", TEXT),
        ("国际原子能机构".encode("gb18030"), "chinese.txt", TEXT),
        ("国际原子能机构".encode("utf-16"), "chinese.txt", TEXT),
        ("A text in UTF-16".encode("utf-16-le"), "without-mark.txt", TEXT),
        (b"Form feed\x0cand one NUL\0 in a long enough text", "odd.txt", TEXT),
        (("é" * 65_535).encode(), "a-character-cut-at-the-end-of-the-sample.txt", TEXT),
    ],
)
def test_a_supported_file_is_told_by_its_content(data, name, expected):
    assert media_type_of(data, name) == expected


@pytest.mark.parametrize("data", [b"", b" \r\n\t", codecs.BOM_UTF8, codecs.BOM_UTF16_LE + b" \0\n\0", bytes(40)])
def test_a_file_without_any_character_is_empty(data):
    with pytest.raises(UnreadableError, match=r"'notes\.txt' is empty"):
        media_type_of(data, "notes.txt")


@pytest.mark.parametrize(
    ("data", "seems"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "a PNG image"),
        (b"GIF89a\x01\0\x01\0" + bytes(20), "a GIF image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"BM" + struct.pack("<III", 58, 0, 54) + bytes(40), "a BMP image"),
        (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(20), "a WebP, WAV or AVI file"),
        (b"\0\0\0\x18ftypheic" + bytes(20), "a HEIC image or MP4 video"),
        (b"\x7fELF\x02\x01\x01" + bytes(20), "an executable"),
        (b"MZ\x90\0\x03\0\0\0\x04" + bytes(60), "an executable"),
        (b"\x1f\x8b\x08\0" + bytes(20), "a gzip archive"),
        (b"{\\rtf1 Some text}", "an RTF document"),
        (b"notes.txt" + bytes(248) + b"ustar\x0000" + bytes(247), "a tar archive"),
        (zip_of(notes_txt=b"text"), "a ZIP archive"),
        (zip_of(xl__workbook_xml=b"x"), "an Excel workbook"),
        (zip_of(ppt__presentation_xml=b"x"), "a PowerPoint presentation"),
        (ole("WordDocument"), r"an old Word document \(\.doc\)"),
        (ole("Workbook"), r"an old Excel workbook \(\.xls\)"),
        (ole("EncryptedPackage"), "encrypted with a password"),
        (ole(), "an old Microsoft Office file"),
        (bytes(range(256)) * 4, "a binary file"),
    ],
)
@pytest.mark.parametrize("name", ["report.pdf", "notes.txt"])
def test_any_other_file_is_refused_with_what_it_seems_to_be(data, seems, name):
    with pytest.raises(UnreadableError, match=seems) as caught:
        media_type_of(data, name)
    assert name in str(caught.value)
    assert "Pincite reads plain text, Markdown, HTML, PDF and Word (.docx)" in str(caught.value)


def test_text_that_begins_like_a_binary_format_is_text():
    for text in (b"BMW builds cars", b"MZ is a code", b"GIF89a is a format", b"RIFF raff", b"ID3 tags"):
        assert media_type_of(text, "notes.txt") == TEXT


def test_a_cut_off_archive_is_damaged():
    with pytest.raises(UnreadableError, match="damaged"):
        media_type_of(docx_of("A text")[:500], "report.docx")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_known_without_a_mark(encoding):
    assert unicode_encoding("A Latin text, naïve “quotes” and all.".encode(encoding)) == encoding


def test_bytes_without_mark_or_pattern_have_no_unicode_encoding():
    assert unicode_encoding(b"plain") is None
    assert unicode_encoding(b"one \0 NUL among plain text") is None
    assert unicode_encoding(b"\0") is None
