import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.parsers import parse
from corpus.types import Table, section_at
from tests.hostile_text import canonical_texts

_MANUAL = """\
Text before any heading.

# The *Pump* & `valve` #

Intro.

Installation
============

Steps
-----

Two lines of
a setext heading
---

> # Quoted heading

- # Heading in a list

```
# A comment in code
```

    # Indented code

#No heading

### [Linked](http://example.org) <b>heading</b> ![an image](x.png)

####

## See [the notes][n]

[n]: http://example.org
"""


def parsed(source, name="manual.md"):
    return parse(source.encode(), name)


def test_the_text_is_the_source():
    assert parsed(_MANUAL).text == _MANUAL


def test_headings_become_sections_with_their_plain_text():
    sections = [(section.path, _MANUAL[section.start :].split("\n")[0]) for section in parsed(_MANUAL).sections]
    assert sections == [
        (("The Pump & valve",), "# The *Pump* & `valve` #"),
        (("Installation",), "Installation"),
        (("Installation", "Steps"), "Steps"),
        (("Installation", "Two lines of a setext heading"), "Two lines of"),
        (
            ("Installation", "Two lines of a setext heading", "Linked heading an image"),
            "### [Linked](http://example.org) <b>heading</b> ![an image](x.png)",
        ),
        (("Installation", "See the notes"), "## See [the notes][n]"),
    ]


def test_the_title_is_the_first_heading_of_level_1():
    assert parsed("## Part\n\n# The manual\n\n# Another\n").title == "The manual"
    assert parsed("## Part\n").title == "manual"


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("---\ntitle: The manual\ntags: [a]\n---\nText.\n", "The manual"),
        ('---\ntags: [a]\ntitle: "The: manual"\n---\nText.\n', "The: manual"),
        ("---\ntitle: >-\n  folded\n---\nText.\n", "folded"),
        ("---\ntitle: The: manual\n---\nText.\n", "The: manual"),
        ("---\ntitle: In front\n---\n# In the text\n", "In the text"),
        ("---\nauthor: A. Smith\n...\nText.\n", "manual"),
    ],
)
def test_front_matter_is_text_but_no_heading(source, title):
    document = parsed(source)
    assert document.text == source
    assert document.title == title
    assert [section.start for section in document.sections] == ([source.index("# ")] if "# " in source else [])


def test_a_rule_at_the_beginning_is_no_front_matter():
    document = parsed("---\n\nSome text\n---\n")
    assert [section.path for section in document.sections] == [("Some text",)]


def test_only_a_line_feed_ends_a_line():
    source = "Text\u2028# none\x85# none\x0c# none\n\n# Heading"
    (section,) = parsed(source).sections
    assert section.start == source.index("# Heading")


_HEADINGS = st.tuples(st.integers(1, 6), st.from_regex(r"[A-Za-z]{1,8}( [A-Za-z]{1,8}){0,2}", fullmatch=True))


@given(st.lists(st.tuples(_HEADINGS, canonical_texts), min_size=1, max_size=5), canonical_texts)
def test_offsets_hold_in_hostile_texts(parts, before):
    # A fence or an open HTML block in the hostile text would swallow what follows.
    quoted = [text.replace("`", "'").replace("~", "-").replace("<", "(") for text in (before, *(t for _, t in parts))]
    source = quoted[0]
    for ((level, title), _), text in zip(parts, quoted[1:], strict=True):
        source += f"\n\n{'#' * level} {title}\n\n{text}"
    document = parse(("Begin. " + source).encode(), "a.md")
    starts = [section.start for section in document.sections]
    assert starts == sorted(set(starts))
    for section in document.sections:
        first_word = section.path[-1].split()[0]
        assert first_word.strip("\\*_") in document.text[section.start :].split("\n\n")[0]
    for (_, title), _ in parts:
        assert any(section.path[-1] == title for section in document.sections)


def test_a_path_holds_the_headings_above():
    document = parsed("# A\n\n### B\n\n## C\n\n### D\n\ntext\n\n# E\n")
    assert [section.path for section in document.sections] == [("A",), ("A", "B"), ("A", "C"), ("A", "C", "D"), ("E",)]
    assert section_at(document.sections, document.text.index("text")) == ("A", "C", "D")


def test_front_matter_is_metadata():
    source = (
        "---\ntitle: T\nauthors: [A. Smith, B. Jones]\ndate: 2020-01-02\nlang: de_AT\ntags:\n  - pumps\n  - valves\n"
        "draft: true\nweight: 3\nlayout: ~\nnested: {a: 1}\n---\nText.\n"
    )
    assert parsed(source).metadata == {
        "author": "A. Smith, B. Jones",
        "created": "2020-01-02",
        "language": "de",
        "keywords": "pumps, valves",
        "draft": True,
        "weight": 3,
    }


@pytest.mark.parametrize(
    "yaml",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "a: " + "[" * 5000,
        "a: b: c",
        "a: 2020-02-31",
        "a: !!python/object/apply:os.getcwd []",
        "a: " + "1" * 6000,
        "a: " + "1, " * 30_000,
        "a: !!bool no-such",
        "a: !!timestamp no-such",
        'a: !!int ""',
        f"title: a{' ' * 1_000_000}b: c",
    ],
)
def test_front_matter_that_is_unsound_or_a_trap_is_text_only(yaml):
    source = f"---\n{yaml}\n---\n# Heading\n\nText.\n"
    document = parsed(source)
    assert (document.text, document.metadata, document.title) == (source, {}, "Heading")
    assert document.losses == (
        "the front matter is no plain YAML; what it says is in the text, but not in the metadata",
    )


def test_numbers_that_cannot_be_written_are_no_metadata():
    document = parsed(f"---\na: 0x{'f' * 6000}\nlang: en-GB\nTitle: 'The  Manual'\n---\n\nText.\n")
    assert (document.metadata, document.title, document.losses) == ({"language": "en"}, "The Manual", ())


def test_tables_have_their_header():
    source = "Text.\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 | 4 |\n\nMore.\n\nx | y\n--|--\n5 | 6"
    document = parsed(source)
    cut = [(source[table.start : table.header_end], source[table.header_end : table.end]) for table in document.tables]
    assert cut == [("| a | b |\n|---|--:|", "\n| 1 | 2 |\n| 3 | 4 |"), ("x | y\n--|--", "\n5 | 6")]


def test_a_table_of_a_header_alone_ends_with_it():
    source = "| a | b |\n|---|---|\n"
    assert parsed(source).tables == (Table(0, 19, 19),)
