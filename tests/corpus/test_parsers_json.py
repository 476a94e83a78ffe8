import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UnreadableError
from corpus.media_types import JSON, JSON_LINES
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.text import canonical


def parsed(value, name="a.json"):
    return parse(json.dumps(value).encode(), name)


@pytest.mark.parametrize("field", ["text", "content", "body", "page_content"])
def test_an_object_with_a_text_is_a_document_with_metadata(field):
    document = parsed({"title": "The  pump", field: "It runs.\r\nAlways.", "year": 2020, "ok": True, "by": None})
    assert document.text == "It runs.\nAlways."
    assert document.title == "The pump"
    assert document.metadata == {"year": 2020, "ok": True}
    assert (document.media_type, document.losses) == (JSON, ())


def test_known_entries_have_the_names_that_metadata_have():
    entries = {"authors": ["A. Smith", "B. Jones"], "date": "2020-01-02", "lang": "en-GB", "tags": ["a", "b"]}
    assert parsed({"text": "Text.", **entries}).metadata == {
        "author": "A. Smith, B. Jones",
        "created": "2020-01-02",
        "language": "en",
        "keywords": "a, b",
    }


def test_what_is_not_read_of_an_object_is_said():
    document = parsed({"text": "A text that is longer than the rest.", "links": {"a": "b"}, "empty": []})
    assert document.losses == ("fields that are neither the text nor single values are not read: 'links'",)


def test_an_object_that_is_mostly_something_else_is_kept_whole():
    source = json.dumps({"text": "OK", "buttons": {"help": "Show the help of the program"}})
    assert parse(source.encode(), "a.json").text == source


@given(st.text(min_size=1).filter(lambda text: canonical(text).strip()), st.integers(-(2**40), 2**40))
def test_texts_come_back_as_they_were_written(text, number):
    document = parsed({"text": "Text. " + text, "n": number})
    assert document.text == canonical("Text. " + text)
    assert document.metadata["n"] == number


_RECORDS = st.lists(st.text(st.characters(codec="utf-8"), min_size=1).map("Text. ".__add__), min_size=1, max_size=6)


@given(_RECORDS, st.booleans())
def test_lines_and_lists_become_documents_of_their_own(texts, in_lines):
    records = [{"text": text, "n": number} for number, text in enumerate(texts)]
    if in_lines:
        data, name, kind = "\n".join(map(json.dumps, records)).encode(), "a.jsonl", JSON_LINES
    else:
        data, name, kind = json.dumps(records).encode(), "a.json", JSON
    document = parse(data, name)
    assert (document.text, document.media_type) == ("", kind)
    assert [part.name for part in document.attachments] == [f"{n}.json" for n in range(1, len(texts) + 1)]
    for part, record in zip(document.attachments, records, strict=True):
        child = parse(part.data, part.name)
        assert child.text == canonical(record["text"])
        assert child.metadata["n"] == record["n"]


def test_documents_are_named_after_their_lines():
    document = parse(b'{"text": "one"}\n\n{"text": "two"}\n', "a.jsonl")
    assert [(part.name, part.data) for part in document.attachments] == [
        ("1.json", b'{"text": "one"}'),
        ("3.json", b'{"text": "two"}'),
    ]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ('{"a": [1, 2, {"b": NaN}]}', "a.json"),
        ('[{"text": "one"}, {"other": "two"}]', "a.json"),
        ('{"text": "one"}\n{"other": 2}\n', "a.jsonl"),
        ('{"text": "one"}\n{"text": "tw\n', "a.jsonl"),
        ('{\n  // a comment\n  "a": 1,\n}\n', "a.json"),
        ('{"text": ["no", "text"]}', "a.json"),
        ("[]", "a.json"),
    ],
)
def test_the_text_of_any_other_json_is_the_file(source, name):
    document = parse(source.encode(), name)
    assert (document.text, document.attachments) == (source, ())


def test_more_records_than_members_are_allowed_stay_one_text():
    source = '{"text": "one"}\n' * 3
    options = ParseOptions(ParseLimits(max_members=2))
    assert parse(source.encode(), "a.jsonl", options).text == source
    assert parse(json.dumps([{"text": "one"}] * 3).encode(), "a.json", options).attachments == ()


@pytest.mark.parametrize("source", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 50_000])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_deep_nesting_is_refused(source, name):
    with pytest.raises(UnreadableError, match="nested too deeply"):
        parse(source.encode(), name)


def test_repeated_keys_odd_numbers_and_lone_surrogates():
    digits = "1" * 5000
    document = parse(rf'{{"text": "a", "text": "b \ud800", "n": NaN, "big": {digits[:40]}}}'.encode(), "a.json")
    assert document.text == "b \ufffd"
    assert document.losses == ("of keys that stand twice in an object only the last is read: 'text'",)
    assert document.metadata == {"n": "NaN", "big": digits[:40]}
    assert digits in parse(f'{{"text": "a", "n": {digits}}}'.encode(), "a.json").text


def test_very_many_repeated_keys_are_counted():
    keys = ", ".join(f'"key {number:06}": 1' for number in range(100_000))
    document = parse(f'{{"text": "a", {keys}, {keys}}}'.encode(), "a.json")
    (loss,) = (loss for loss in document.losses if "stand twice" in loss)
    assert loss.endswith("'key 000018', 'key 000019' and 99,980 more")


def test_fields_that_do_not_fit_are_counted():
    fields = ", ".join(f'"key {number}": {number}' for number in range(150))
    document = parse(f'{{"text": "a", {fields}}}'.encode(), "a.json")
    assert len(document.metadata) == 100
    assert document.losses == ("fields that do not fit among the metadata are not read (50)",)
