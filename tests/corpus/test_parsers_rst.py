import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.media_types import RST
from corpus.parsers import parse
from tests.hostile_text import canonical_texts

_MANUAL = """\
:Author: A. Smith
:Date: 2020-01-02

==========
The *Pump*
==========

Intro text.

Installing ``valve`` and :ref:`more <x>`
========================================

Steps
-----
Text under a title.

::

    Not a title
    -----------

.. include:: /etc/passwd

A paragraph of
two lines
that goes on.

----

Behind a rule.

`Linked <http://example.org>`_
------------------------------

=====  =====
a      b
=====  =====
1      2
=====  =====

Running
=======
"""


def test_the_text_is_the_source_and_titles_are_sections():
    document = parse(_MANUAL.encode(), "manual.rst")
    assert document.text == _MANUAL
    assert (document.media_type, document.title) == (RST, "The Pump")
    assert [(section.path, _MANUAL[section.start :].split("\n")[0]) for section in document.sections] == [
        (("The Pump",), "=========="),
        (("The Pump", "Installing valve and more"), "Installing ``valve`` and :ref:`more <x>`"),
        (("The Pump", "Installing valve and more", "Steps"), "Steps"),
        (("The Pump", "Installing valve and more", "Linked"), "`Linked <http://example.org>`_"),
        (("The Pump", "Running"), "Running"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        ":Author: A. Smith\n:Date: 2020-01-02\n\nTitle\n=====\n\nText.\n",
        "\nTitle\n=====\n\n:Author: A.\n   Smith\n:Date: 2020-01-02\n\nText.\n",
    ],
)
def test_fields_at_the_top_are_metadata(source):
    document = parse(source.encode(), "a.rst")
    assert document.metadata == {"author": "A. Smith", "created": "2020-01-02"}
    assert document.title == "Title"


def test_endless_titles_and_fields_are_read():
    note = ":note: a\n" + " b\n" * 300_000
    document = parse(f"{note}\nA{':' * 300_000}\n====\n".encode(), "a.rst")
    assert document.title == "A" + ":" * 300_000
    assert "note" not in document.metadata  # too long for a fact


def test_titles_follow_one_another():
    source = "Manual\n======\nPart\n----\nText.\n"
    assert [section.path for section in parse(source.encode(), "a.rst").sections] == [("Manual",), ("Manual", "Part")]


_TITLES = st.lists(
    st.tuples(st.integers(0, 3), st.from_regex(r"[A-Za-z]{4,9}( [A-Za-z]{1,8}){0,2}", fullmatch=True)),
    min_size=1,
    max_size=6,
)


@given(_TITLES, canonical_texts)
def test_offsets_hold_in_hostile_texts(titles, between):
    indented = "\n".join(f"  {line}" for line in between.split("\n"))
    source, expected, seen = "Begin.\n", [], []
    for style, title in titles:
        source += f"\n\n{indented}\n\n"
        expected.append((len(source), title))
        source += f"{title}\n{'=-~^'[style] * len(title)}\n"
        seen += [style] * (style not in seen)
    document = parse(source.encode(), "a.rst")
    assert document.text == source
    assert [(section.start, section.path[-1]) for section in document.sections] == expected
    for section, (style, _) in zip(document.sections, titles, strict=True):
        assert len(section.path) <= seen.index(style) + 1
