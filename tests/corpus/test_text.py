import sqlite3

import pytest
from hypothesis import given

from corpus.text import canonical
from tests.hostile_text import canonical_texts, raw_texts


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", ""),
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("\r\r\n\n\r", "\n\n\n\n"),
        ("a\x00b", "a\ufffdb"),
        ("a\ud800b\udfff", "a\ufffdb\ufffd"),
        ("\ud83d\ude00", "\ufffd\ufffd"),
        ("😀", "😀"),
        ("e\u0301 \u00e9 ﬁ \u212b", "e\u0301 \u00e9 ﬁ \u212b"),
        ("\ufeff\u200b\u202e\x07\x0b\x0c\x85\u2028", "\ufeff\u200b\u202e\x07\x0b\x0c\x85\u2028"),
    ],
)
def test_only_newlines_and_what_cannot_be_stored_change(raw, expected):
    assert canonical(raw) == expected


@given(raw_texts)
def test_canonical_text_is_its_own_canonical_form(raw):
    assert canonical(canonical(raw)) == canonical(raw)


@given(raw_texts)
def test_without_carriage_returns_every_offset_stays(raw):
    raw = raw.replace("\r", "")
    text = canonical(raw)
    assert len(text) == len(raw)
    assert all(new in (old, "\ufffd") for old, new in zip(raw, text, strict=True))


@given(canonical_texts)
def test_canonical_text_survives_utf8_and_a_database(text):
    assert text.encode().decode() == text
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute("SELECT ?, length(?)", (text, text)).fetchone() == (text, len(text))
    connection.close()
