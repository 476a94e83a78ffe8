import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.media_types import XML
from corpus.parsers import parse
from corpus.text import canonical

_FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>News of Karn</title>
<item><title>Pump 7</title>
<description>&lt;p&gt;It &lt;b&gt;stands&lt;/b&gt; still.&lt;/p&gt;&lt;p&gt;Why?&lt;/p&gt;</description></item>
<item><title>Pump 8</title><description><![CDATA[It runs.]]></description></item></channel></rss>"""


def test_a_feed_gives_its_entries_as_sections():
    document = parse(_FEED.encode(), "feed.xml")
    assert document.text == "News of Karn\n\nPump 7\n\nIt stands still.\n\nWhy?\n\nPump 8\n\nIt runs."
    assert (document.media_type, document.title) == (XML, "News of Karn")
    assert [section.path for section in document.sections] == [
        ("News of Karn",),
        ("News of Karn", "Pump 7"),
        ("News of Karn", "Pump 8"),
    ]
    for section in document.sections:
        assert document.text.startswith(section.path[-1], section.start)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<svg><style>x</style><g><text>Label <tspan>one</tspan></text><text>Two</text></g></svg>", "Label one\n\nTwo"),
        ("<a>Some <i>mixed</i> text that is long enough.<b/></a>", "Some mixed text that is long enough."),
    ],
)
def test_the_text_of_elements_is_read(source, text):
    assert parse(f"<?xml version='1.0'?>{source}".encode(), "a.xml").text == text


@pytest.mark.parametrize(
    "source",
    [
        "<settings><server><port>8080</port><host>a</host></server></settings>",
        "<rss><channel><title>never closed",
        "<rss/>",
        "<a>&undefined;</a>",
        '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>',
    ],
)
def test_other_xml_is_read_as_it_stands(source):
    whole = f"<?xml version='1.0'?>\n{source}"
    assert parse(whole.encode(), "a.xml").text == whole


def test_the_encoding_is_that_of_the_declaration():
    source = "<?xml version='1.0' encoding='koi8-r'?><rss><title>Насос стоит</title></rss>"
    assert parse(source.encode("koi8-r"), "a.xml").text == "Насос стоит"


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1), max_size=5))
def test_no_text_is_lost(texts):
    escaped = [text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in texts]
    source = "<?xml version='1.0'?><feed>" + "".join(f"<x>{text}</x>" for text in escaped) + "<x>end.</x></feed>"
    found = parse(source.encode(), "a.xml").text
    assert found.split() == canonical(" ".join([*texts, "end."])).split()


def test_a_declaration_of_blanks_is_read_as_it_stands():
    source = f"<?xml{' ' * 500_000}x"
    assert parse(source.encode(), "a.xml").text == source
