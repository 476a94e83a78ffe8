import pytest
from hypothesis import given

from corpus.errors import TooLargeError, UnreadableError
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.parsers.decoding import decode
from corpus.text import canonical
from tests.hostile_text import canonical_texts


@given(canonical_texts)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_no_character_of_a_unicode_text_is_lost(encoding, text):
    text = "Begin. " + text
    assert parse(text.encode(encoding), "a.txt").text == text


def test_line_ends_and_unstorable_characters_become_canonical():
    assert parse(b"one\r\ntwo\rthree\0", "a.txt").text == "one\ntwo\nthree\ufffd"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Die Größe der Äpfel übertrifft alle Erwartungen, sagt der Gärtner.", "cp1252"),
        ("L’été dernier, la forêt était déjà très sèche à cause de la chaleur.", "cp1252"),
        ("Совет Безопасности принял резолюцию на своём заседании в четверг.", "cp1251"),
        ("国际原子能机构的总干事向理事会提交了报告，并回答了各国代表的问题。", "gb18030"),
        ("東京は日本の首都であり、世界最大の都市の一つである。", "shift_jis"),
        ("東京は日本の首都であり、世界最大の都市の一つである。", "iso2022_jp"),
        ("서울은 대한민국의 수도이다.", "iso2022_kr"),
        ("A plain English sentence in a wide encoding.", "utf-16-le"),
        ("A plain English sentence in a wide encoding.", "utf-32-be"),
    ],
)
def test_other_encodings_are_recognised(text, encoding):
    assert parse(text.encode(encoding), "a.txt").text == text


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("gb2312", "gb18030"), ("GBK", "gbk"), ("x-sjis", "cp932"), ("windows-1251", "cp1251"), ("iso-8859-1", "cp1252")],
)
def test_a_declared_encoding_is_used_with_what_its_files_hold_beyond_it(declared, encoding):
    word = {"gb18030": "鎔基", "gbk": "鎔基", "cp932": "①髙橋", "cp1251": "Ёж", "cp1252": "“é”"}[encoding]
    page = f'<html><head><meta charset="{declared}"></head><body>{word}</body></html>'
    assert decode(page.encode(encoding), "a.html") == page
    feed = f'<?xml version="1.0" encoding="{declared}"?><feed>{word}</feed>'
    assert decode(feed.encode(encoding), "a.xml") == feed


@pytest.mark.parametrize("declared", ["utf-16", "punycode", "idna", "hex", "rot13", "no-such-encoding", "windows-1251"])
def test_a_wrong_declaration_does_not_harm_utf8(declared):
    page = f'<meta charset="{declared}"><p>Größe'
    assert decode(page.encode(), "a.html") == page


def test_single_broken_bytes_in_utf8_are_marked_and_the_rest_is_kept():
    text = "Größe, Länge, Höhe, Übermaß. " * 20
    data = text.encode() + b"\xff end"
    assert decode(data, "a.txt") == text + "\ufffd end"
    assert decode(b"\xef\xbb\xbf" + data, "a.txt") == text + "\ufffd end"


def test_a_damaged_wide_text_is_refused():
    with pytest.raises(UnreadableError, match="damaged"):
        decode(b"\xff\xfeA\0B\0\x00\xd8C\0", "a.txt")


@given(canonical_texts)
def test_decoding_leaves_a_canonical_text_canonical(text):
    assert canonical(decode(("x" + text).encode(), "a.txt")) == "x" + text


@pytest.mark.parametrize(
    ("text", "page_starts"),
    [
        ("one\ftwo\f\ffour", (0, 4, 8, 9)),
        ("one\ftwo\f", (0, 4)),
        ("one\f", (0,)),
        ("one\ntwo", ()),
    ],
)
def test_form_feeds_end_pages(text, page_starts):
    document = parse(text.encode(), "a.txt")
    assert (document.text, document.page_starts) == (text, page_starts)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Gulls Win Again\n\nThey always do.", "Gulls Win Again"),
        ("\n  Gulls Win Again  \n \nThey always do.", "Gulls Win Again"),
        ("A sentence is not a headline.\n\nMore.", "notes"),
        ("A line that\nruns on\n\nis not one.", "notes"),
        ("x" * 200 + "\n\nis not one.", "notes"),
        ("Only line", "notes"),
    ],
)
def test_a_headline_gives_the_title(text: str, title: str) -> None:
    assert parse(text.encode(), "notes.txt").title == title


def test_form_feeds_count_against_the_limit_of_pages():
    text = b"one\ftwo\fthree"
    assert len(parse(text, "a.txt", ParseOptions(ParseLimits(max_pages=3))).page_starts) == 3
    with pytest.raises(TooLargeError, match="3 pages; the limit is 2"):
        parse(text, "a.txt", ParseOptions(ParseLimits(max_pages=2)))
