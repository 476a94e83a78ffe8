import codecs
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.detection import media_type_of
from corpus.detection.text_or_binary import unicode_encoding
from corpus.errors import UnreadableError
from corpus.media_types import (
    DOCX,
    EPUB,
    HTML,
    IMAGE,
    MAIL,
    MARKDOWN,
    MBOX,
    ODS,
    PDF,
    PPTX,
    RTF,
    TAR,
    TEXT,
    XLS,
    XLSX,
    XML,
    ZIP,
)
from tests.corpus.container_files import epub_of, mail_of, mbox_of, tar_archive, zip_archive
from tests.corpus.files import docx_of, ole, pdf, zip_of

_FRAGMENT = b"<div><h2>Pumps</h2><p>They <b>run</b>.</p><ul><li>one</li></ul></div>"


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"Some text.", "notes.txt", TEXT),
        (b"Some text.", "no-suffix", TEXT),
        (b"# Title", "notes.md", MARKDOWN),
        (b"# Title", "NOTES.MARKDOWN", MARKDOWN),
        (b"# Title", "notes.txt", TEXT),
        (b"<p>A fragment", "page.html", HTML),
        (b"<p>A fragment", "page.txt", TEXT),
        (_FRAGMENT, "page", HTML),
        (_FRAGMENT, "page.txt", HTML),
        (_FRAGMENT, "readme.md", MARKDOWN),
        (b"<!DOCTYPE html><p>A page", "page.txt", HTML),
        (b"\xef\xbb\xbf \n<HTML lang=en>A page", "page", HTML),
        (b'<?xml version="1.0"?>\n<!DOCTYPE html>\n<html xmlns="x">', "page.xml", HTML),
        (b'<?xml version="1.0"?><!-- why -->\n<?style x?><!DOCTYPE html [<!ENTITY a "b">]><html>', "page", HTML),
        (b'<?xml version="1.0"?><feed/>', "feed.xml", XML),
        (b'<?xml version="1.0"?><feed>&lt;html> in an entry</feed>', "feed", XML),
        (b"<!-- a licence -->\n<html>", "page", HTML),
        (b"<!-- a comment -->\n# Title", "notes.md", MARKDOWN),
        ("<html>A page".encode("utf-16"), "page", HTML),
        ("<html>A page".encode("utf-16-be"), "page", HTML),
        (b"<html>A page with \0 and \x01\x02 in it" + bytes(40), "page.html", HTML),
        (pdf(["A page"]), "misleading.txt", PDF),
        (b"\r\n" + pdf(["A page"]), "report.pdf", PDF),
        (b"junk before it\n" + pdf(["A page"]), "report.pdf", PDF),
        (b"The header is %PDF-1.7 in most files.", "about.txt", TEXT),
        (zip_archive({"a.pdf": pdf(["A page"])}, zipfile.ZIP_STORED), "scans.zip", ZIP),
        (tar_archive({"a.pdf": pdf(["A page"])}), "scans.tar", TAR),
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
def test_texts_are_told_by_their_content_else_by_their_name(data, name, expected):
    assert media_type_of(data, name) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (mail_of("Hello", Subject="Pumps", From="a@b.example"), MAIL),
        (b"Received: from x\n\tby y; date\nX-Odd : 1\nSubject: s\n\nHello", MAIL),
        (b"Content-Type: text/plain\nMIME-Version: 1.0\n\nHello", MAIL),
        (b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nHello\n--x--", MAIL),
        (b"From: a@b\nSubject: s\nContent-Transfer-Encoding: binary\n\n" + bytes(range(256)) * 9, MAIL),
        (b"Subject: s\nFrom: a@b\n" + b"X-Long: y\n" * 2000 + b"\nHello", MAIL),
        (b"Note: all pumps stop\nReason: oil\n\nText", TEXT),
        (b"Subject: pumps\nThey stopped.", TEXT),
        (mbox_of(mail_of("One", Subject="1"), mail_of("Two", Subject="2")), MBOX),
        (b"From here to there it takes 10:30 hours.\nNot long.", TEXT),
        (zip_of(notes_txt=b"text"), ZIP),
        (zip_archive({"mimetype": b"application/epub+zip", "x": b""}), EPUB),
        (zip_archive({"META-INF/container.xml": b"<container/>"}), EPUB),
        (epub_of(["<p>x</p>"]), EPUB),
        (zip_archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), ODS),
        (zip_archive({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), XLSX),
        (zip_archive({"[Content_Types].xml": b"", "ppt/presentation.xml": b""}), PPTX),
        (zip_archive({"word/notes.txt": b"no Word file"}), ZIP),
        (tar_archive({"a.txt": b"text"}), TAR),
        (tar_archive({"a.txt": b"text"}, "w:gz"), TAR),
        (tar_archive({"a.txt": b"text"}, "w:bz2"), TAR),
        (tar_archive({"a.txt": b"text"}, "w:xz"), TAR),
        (b"x" * 257 + b"ustar is the name of a format." + b"x" * 300, TEXT),
        (b"BZh9 is not what a text begins with", TEXT),
        (ole("Workbook"), XLS),
        (b"{\\rtf1 Some text}", RTF),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), IMAGE),
        (b"GIF89a\x01\0\x01\0" + bytes(20), IMAGE),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", IMAGE),
        (b"BM" + struct.pack("<III", 58, 0, 54) + bytes(40), IMAGE),
        (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(20), IMAGE),
        (b"II*\0" + bytes(20), IMAGE),
    ],
)
@pytest.mark.parametrize("name", ["file.txt", "file"])
def test_other_kinds_are_told_by_their_content_alone(data, expected, name):
    assert media_type_of(data, name) == expected


def test_what_could_be_any_text_is_told_by_the_name_of_a_mail():
    assert media_type_of(b"X-Only: one header\n\nHello", "message.eml") == MAIL
    assert media_type_of(b"X-Only: one header\n\nHello", "message.txt") == TEXT


@pytest.mark.parametrize("data", [b"", b" \r\n\t", codecs.BOM_UTF8, codecs.BOM_UTF16_LE + b" \0\n\0", bytes(40)])
def test_a_file_without_any_character_is_empty(data):
    with pytest.raises(UnreadableError, match=r"'notes\.txt' is empty"):
        media_type_of(data, "notes.txt")


@pytest.mark.parametrize(
    ("data", "seems"),
    [
        (b"RIFF\x24\0\0\0WAVEfmt " + bytes(20), "a WAV recording"),
        (b"\0\0\0\x18ftypheic" + bytes(20), "a HEIC image; save it as JPEG"),
        (b"\0\0\0\x18ftypisom" + bytes(20), "an MPEG-4 or QuickTime video"),
        (b"\x7fELF\x02\x01\x01" + bytes(20), "an executable"),
        (b"MZ\x90\0\x03\0\0\0\x04" + bytes(60), "an executable"),
        (b"Rar!\x1a\x07\x01\0" + bytes(20), "a RAR archive; pack it as ZIP"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(20), "a 7-Zip archive"),
        (b"%!PS-Adobe-3.0\n%%Title: x\n", "a PostScript file; save it as PDF"),
        (bytes(60) + b"BOOKMOBI" + bytes(20), "a Kindle book; convert it to EPUB"),
        (b"\x30\x82\x01\0\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03" + bytes(99), "a signed or encrypted file"),
        (ole("WordDocument"), r"an old Word document \(\.doc\); save it as \.docx"),
        (ole(), "an old Microsoft Office file"),
        (bytes(range(256)) * 4, "a binary file"),
    ],
)
@pytest.mark.parametrize("name", ["report.pdf", "notes.txt", "mail.eml"])
def test_any_other_file_is_refused_with_what_it_seems_to_be(data, seems, name):
    with pytest.raises(UnreadableError, match=seems) as caught:
        media_type_of(data, name)
    assert name in str(caught.value)
    assert ". Pincite reads plain text, Markdown, HTML" in str(caught.value)
    assert " and " in str(caught.value)


def test_text_that_begins_like_a_binary_format_is_text():
    for text in (b"BMW builds cars", b"MZ is a code", b"GIF89a is a format", b"RIFF raff", b"ID3 tags", b"ORC is one"):
        assert media_type_of(text, "notes.txt") == TEXT


@pytest.mark.parametrize("cut", [10, 500, -30])
def test_a_cut_off_archive_is_damaged(cut):
    with pytest.raises(UnreadableError, match="damaged ZIP or Office file"):
        media_type_of(docx_of("A text")[:cut], "report.docx")


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
def test_a_member_that_says_what_a_file_is_cannot_fill_the_memory(compression):
    data = zip_archive({"mimetype": b"application/epub+zip" + bytes(10_000_000)}, compression)
    tracemalloc.start()
    assert media_type_of(data, "book.epub") in {EPUB, ZIP}
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()


def test_an_archive_that_claims_a_list_of_members_beyond_all_bounds_is_refused():
    archive = bytearray(zip_archive({"a.txt": b"text"}))
    struct.pack_into("<I", archive, archive.rfind(b"PK\x05\x06") + 12, 50_000_000)
    with pytest.raises(UnreadableError, match="too many members"):
        media_type_of(bytes(archive), "a.zip")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_known_without_a_mark(encoding):
    assert unicode_encoding("A Latin text, naïve “quotes” and all.".encode(encoding)) == encoding


def test_bytes_without_mark_or_pattern_have_no_unicode_encoding():
    assert unicode_encoding(b"plain") is None
    assert unicode_encoding(b"one \0 NUL among plain text") is None
    assert unicode_encoding(b"\0") is None


_BEGINNINGS = st.sampled_from(
    [
        *(b"", b"PK\x03\x04", b"PK\x05\x06", b"<?xml ", b"<!--", b"<html", b"<div>", b"%PDF-", b"a: b\n"),
        *(b"From a 10:10\nx:", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        *(b"RIFF", b"\xff\xfe", b"{", b"[", tar_archive({"a": b"b"}), zip_of(a_txt=b"b"), mail_of("x", Subject="y")),
    ]
)
_NAMES = st.sampled_from(["", "a.txt", "a.json", "a.html", "a.csv", "\ud800", "/.."])


@given(_BEGINNINGS, st.binary(max_size=300), _NAMES)
def test_any_bytes_have_a_media_type_or_a_reason(beginning, rest, name):
    try:
        found = media_type_of(beginning + rest, name)
    except UnreadableError as error:
        found = str(error)
    assert found == IMAGE or "/" in found or repr(name) in found


@pytest.mark.parametrize(
    "piece", [b"<?", b"<!--", b"<!doctype [", b"<", b"a:\n", b"<p ", b" \t", b"From \n", b"x", b"<?x?><!-- ", b"{\n"]
)
def test_hostile_beginnings_take_no_time(piece):
    assert media_type_of(b"<?xml" + piece * 300_000, "a.txt") in {XML, TEXT, HTML}
    assert media_type_of(piece * 300_000 + b"z", "a.txt") in {XML, TEXT, HTML, MAIL}
