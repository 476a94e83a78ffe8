import json
import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.errors import TooLargeError, UnreadableError
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.parsers.decoding import decode, decoded
from corpus.parsers.likely_encoding import likely_encodings, oddness

_AWKWARD = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "awkward_files"

_GERMAN = "Die Größe der Äpfel übertrifft alle Erwartungen, sagt der Gärtner."
_RUSSIAN = "Совет Безопасности принял резолюцию на своём заседании в четверг."
_GREEK = "Το συμβούλιο ενέκρινε την πρόταση για την προστασία των ακτών."
_POLISH = "Zażółć gęślą jaźń, a później wróć do łąki nad rzeką, gdzie śpią źrebięta."
_JAPANESE = "東京は日本の首都であり、世界最大の都市の一つである。"
_KOREAN = "서울은 대한민국의 수도이며 한강이 도시를 가로질러 흐른다."
_CHINESE = "国际原子能机构的总干事向理事会提交了报告，并回答了各国代表的问题。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (_GERMAN, "cp1252"),
        (_GERMAN, "cp850"),
        (_GERMAN, "mac_roman"),
        (_RUSSIAN, "cp1251"),
        (_RUSSIAN, "koi8_r"),
        (_RUSSIAN, "cp866"),
        (_RUSSIAN, "iso8859_5"),
        (_RUSSIAN, "mac_cyrillic"),
        (_GREEK, "cp1253"),
        (_POLISH, "cp1250"),
        (_POLISH, "iso8859_2"),
        (_JAPANESE, "shift_jis"),
        (_JAPANESE, "euc_jp"),
        (_JAPANESE, "iso2022_jp"),
        (_KOREAN, "cp949"),
        (_KOREAN, "johab"),
        (_KOREAN, "iso2022_kr"),
        (_CHINESE, "gb18030"),
        (_CHINESE, "hz"),
        ("國際原子能總署的總幹事向理事會提交了報告，並回答了各國代表的問題。", "big5"),
    ],
)
def test_encodings_that_nothing_names_are_recognised(text, encoding):
    assert decode(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("# -*- coding: cp1251 -*-\n", "cp1251"),
        ("#!/usr/bin/python\n# vim: set fileencoding=koi8-r :\n", "koi8_r"),
        ('@charset "windows-1253";\n', "cp1253"),
        ('"Content-Type: text/plain; charset=ISO-8859-2\\n"\n', "iso8859_2"),
        ('<?xml version="1.0" encoding="macintosh"?>\n', "mac_roman"),
    ],
)
def test_what_a_file_says_about_itself_settles_it(head, encoding):
    word = bytes([0xE4, 0xF2, 0xE8]).decode(encoding)  # too little for statistics
    assert decode((head + word).encode(encoding), "a.txt") == head + word


_DECLARED = ["cp1251", "cp1252", "koi8_r", "iso8859_2", "cp1253", "cp1255", "mac_roman", "cp932", "euc_kr", "gb18030"]


@given(st.text(st.characters(codec="utf-8", min_codepoint=0x20), max_size=60), st.sampled_from(_DECLARED))
@example("×", "cp1255")
def test_text_in_a_declared_encoding_comes_back(text, encoding):
    body = text.encode(encoding, errors="ignore")
    page = b'<meta charset="' + encoding.encode() + b'"><p>' + body
    try:
        expected = page.decode("utf-8")  # valid UTF-8 is UTF-8, whatever it says
    except UnicodeDecodeError:
        expected = page.decode(encoding)
    assert decode(page, "a.html") == expected


@given(st.text(min_size=1, max_size=200), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_byte_order_marks_and_utf8_lose_nothing(text, encoding):
    text = "Text. " + text.encode("utf-8", "ignore").decode()
    assert decoded(text.encode(encoding), "a.txt").text == text
    assert decoded(text.encode(encoding), "a.txt").losses == ()


def test_a_signature_in_ascii_with_one_byte_of_another_system_is_read_by_its_neighbours():
    line = "the speakers of Mary\u2019s room\n"
    data = b"value = 12; name = none\n" * 5000 + line.encode("mac_roman")
    assert decode(data, "a.txt").endswith(line)


def test_broken_bytes_are_counted_and_reported():
    text = "Größe, Länge, Höhe, Übermaß. " * 20
    data = text.encode() + b"\xff\xe2\x82 end"
    found = decoded(data, "a.txt")
    assert found.text == text + "\ufffd\ufffd end"
    assert found.losses == ("3 bytes fit no encoding and are shown as U+FFFD",)
    for name in ("a.txt", "a.md", "a.rst", "a.py"):
        assert parse(data, name).losses == found.losses
    assert decoded(text.encode() + b"\xff", "a.txt").losses == ("1 byte fits no encoding and is shown as U+FFFD",)


def test_characters_in_two_surrogates_are_one():
    data = "Größe 😀 𝔄"
    halves = "".join(chr(unit) for unit in memoryview(data.encode("utf-16-le")).cast("H"))
    found = decoded(halves.encode("utf-8", "surrogatepass"), "a.txt")
    assert (found.text, found.losses) == (data, ())
    lonely = decoded((halves + "\ud800").encode("utf-8", "surrogatepass"), "a.txt")
    assert (lonely.text, lonely.replaced) == (data + "\ufffd", 2)


def test_a_replacement_character_of_the_text_itself_is_no_loss():
    assert decoded("Größe \ufffd".encode(), "a.txt").losses == ()


def test_broken_bytes_of_other_encodings_are_reported_too():
    text = _JAPANESE * 20
    found = decoded(text.encode("shift_jis") + b"\x81\x20", "a.txt")
    assert found.text.startswith(text)
    assert found.replaced


def test_a_wide_text_cut_in_the_middle_of_a_character_is_read_up_to_there():
    found = decoded(("A sentence of some length." * 3).encode("utf-16")[:-1], "a.txt")
    assert found.text == ("A sentence of some length." * 3)[:-1] + "\ufffd"
    assert found.replaced == 1


def test_noise_is_refused():
    noise = bytes(random.Random(7).choices(range(0x80, 0x100), k=3000))
    with pytest.raises(UnreadableError, match=r"encoding of 'a\.txt' cannot be told; save it as UTF-8"):
        decode(noise, "a.txt")


@pytest.mark.parametrize("tail", [b"", "é".encode(), "é".encode("cp1252"), b"\xff" * 500_000])
def test_a_long_line_is_refused_by_its_length(tail):
    options = ParseOptions(ParseLimits(max_characters=1_000_000))
    with pytest.raises(TooLargeError, match="characters of text; the limit is 1,000,000"):
        parse(b"x" * 2_000_000 + tail, "a.txt", options)


def test_oddness_tells_a_sound_reading_from_a_wrong_one():
    data = _RUSSIAN.encode("cp1251")
    assert oddness(_RUSSIAN) == 0
    assert oddness("plain") == 0
    assert oddness(data.decode("koi8_r")) > 0
    assert oddness(data.decode("cp866")) > 0.1
    assert likely_encodings(data)[0] == "cp1251"


def test_the_frames_of_old_programs_are_text():
    box = "┌───────────────┐\n│ Read me first │\n└───────────────┘\n" * 3
    assert decode(box.encode("cp437"), "a.nfo") == box


@pytest.mark.skipif(not _AWKWARD.is_dir(), reason="the shared awkward files are not here")
def test_files_with_a_twin_in_utf8_have_its_text():
    rows = [json.loads(line) for line in (_AWKWARD / "inventory.jsonl").read_text("utf-8").splitlines()]
    pairs = [(row["file"], row["utf8_pair"]) for row in rows if "utf8_pair" in row]
    assert len(pairs) == 15
    for file, twin in pairs:
        text = decode((_AWKWARD / file).read_bytes(), file)
        assert text == (_AWKWARD / twin).read_text("utf-8"), file
