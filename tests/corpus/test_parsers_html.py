import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UnreadableError
from corpus.parsers import parse
from corpus.text import canonical
from corpus.types import section_at
from tests.hostile_text import raw_texts

_MANUAL = """<!doctype html><html><head><title>Router
 manual</title><style>p { color: red }</style><script>let secret = "SECRET"</script></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/about">About us</a></li></ul></nav>
<main><!-- COMMENT --><h1>The <em>router</em><a href="#top">¶</a></h1>
<p>It connects    two networks and is configured
in the <code>router.toml</code> file.</p>
<h2>Installation</h2><p>Unpack the box.<br>Plug it in.</p>
<h3>Power</h3><p>Use 12&nbsp;V &amp; no more.</p><ul><li>Red is plus.</li><li>Black is minus.</li></ul>
<h4><div>Polarity</div></h4><p>The centre is positive.</p><script>track("SECRET")</script>
<h2>Limits</h2>
<table><caption>All limits</caption><tr><th>Name</th><th>Value</th></tr>
<tr><td>Speed</td><td>10 <b>Gbit/s</b></td></tr><tr><td></td><td>8 Gbit/s<br>outdoors</td></tr></table>
<pre>first line
    indented line</pre>
<noscript>Please enable JavaScript SECRET</noscript><template>SECRET</template></main>
<footer>Copyright, all rights reserved</footer></body></html>"""

_MANUAL_TEXT = """\
The router

It connects two networks and is configured in the router.toml file.

Installation

Unpack the box.
Plug it in.

Power

Use 12 V & no more.

- Red is plus.
- Black is minus.

Polarity

The centre is positive.

Limits

All limits
Name | Value
Speed | 10 Gbit/s
 | 8 Gbit/s outdoors

first line
    indented line"""


def parsed(page, name="page.html"):
    return parse(page.encode(), name)


def body(content):
    return f"<!doctype html><html><body>{content}</body></html>"


def assert_sections_start_with_their_headings(document):
    starts = [section.start for section in document.sections]
    assert starts == sorted(set(starts))
    for section in document.sections:
        assert document.text[section.start :].split("\n")[0] == section.path[-1]


def test_the_main_text_is_laid_out_in_blocks():
    assert parsed(_MANUAL).text == _MANUAL_TEXT


def test_headings_of_every_level_become_nested_sections():
    document = parsed(_MANUAL)
    assert [section.path for section in document.sections] == [
        ("The router",),
        ("The router", "Installation"),
        ("The router", "Installation", "Power"),
        ("The router", "Installation", "Power", "Polarity"),
        ("The router", "Limits"),
    ]
    assert_sections_start_with_their_headings(document)
    assert section_at(document.sections, document.text.index("centre"))[-1] == "Polarity"


@pytest.mark.parametrize("container", ["main", "article", "section", "div", 'div id="content"', None])
def test_nothing_of_a_page_is_lost_whatever_contains_it(container):
    content, expected = "", []
    for number in range(12):
        content += (
            f"<h{number % 4 + 1}>Heading {number}</h{number % 4 + 1}><p>Paragraph {number} tells about pumps.</p>"
            f"<ul><li>Item {number} of a list</li></ul>"
            f"<table><tr><th>Key {number}</th><td>Cell {number}</td></tr></table>"
        )
        expected += [f"Heading {number}", f"Paragraph {number} tells about pumps.", f"- Item {number} of a list"]
        expected += [f"Key {number} | Cell {number}"]
    if container:
        content = f"<{container}>{content}</{container.split()[0]}>"
    document = parsed(body(f"<nav><a href='/'>Home</a></nav>{content}"))
    assert document.text.split("\n\n") == expected
    assert [section.path[-1] for section in document.sections] == [f"Heading {n}" for n in range(12)]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>Hi.</p>", "Hi."),
        ("just text", "just text"),
        ("<h1>Pump</h1><p>Oil it.</p>", "Pump\n\nOil it."),
        ("<nav>Home</nav><h2>Pump</h2><ul><li>Oil it.</ul><footer>Legal</footer>", "Pump\n\n- Oil it."),
        ("<nav><a href='/'>Home</a> <a href='/b'>About</a></nav>", "Home About"),
        ("<p>One<p>Two<div>Three<div>Four</div>Five</div>", "One\n\nTwo\n\nThree\n\nFour\n\nFive"),
        ("<ul><li>a<ul><li>b</ul>c</ul>d", "- a\n- b\n\nc\n\nd"),
        ("<table><tr><td>1<table><tr><td>2<td>3</table></table>", "1\n\n2 | 3"),
        ("<table><tr><td>One cell</table>", "One cell"),
        ("<table><tr><td><h3>Head</h3>text<td>side</table>", "Head\n\ntext\n\nside"),
        ("<table><tr><td>a<td><td>b<td></table>", "a |  | b"),
        ("<table><tr><td><ul><li>x<li>y</ul><td>z</table>", "x y | z"),
        ("<pre>a\n\n  b</pre>c", "a\n\n  b\n\nc"),
        ("a<b>b</b>c <i> d </i> e", "abc d e"),
        ("<h1> </h1><p>x", "x"),
    ],
)
def test_short_pages_are_read_whole(content, text):
    assert parsed(body(content)).text == text


def test_a_page_of_nothing_but_invisible_parts_has_no_text():
    with pytest.raises(UnreadableError, match="has no text"):
        parsed(body("<script>one()</script><style>p {}</style><noscript>two</noscript><template>three</template>"))


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title>  From the\n head </title><h1>From the body</h1><p>x", "From the head"),
        ("<title> </title><h1>From the body</h1><p>x", "From the body"),
        ("<svg><title>A picture</title></svg><h1>Body</h1><p>x", "Body"),
        pytest.param(f"{'<h1><div>' * 900}{'text ' * 500_000}<div><h1>End</h1>", "End", id="never closed"),
        ("<p>x", "page"),
    ],
)
def test_the_title_is_that_of_the_page_else_its_heading(page, title):
    assert parsed(f"<html>{page}").title == title


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="iso-8859-2">', "iso-8859-2"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1250">', "cp1250"),
        ("", "utf-8"),
        ("", "utf-16"),
        ('<meta charset="windows-1250">', "utf-8-sig"),
    ],
)
def test_the_encoding_is_that_of_the_mark_or_the_page(head, encoding):
    page = f"<html><head>{head}</head><body><p>Příliš žluťoučký kůň úpěl ďábelské ódy.</p></body></html>"
    assert parse(page.encode(encoding), "a.html").text == "Příliš žluťoučký kůň úpěl ďábelské ódy."


def test_deeply_nested_pages_are_read_whole_or_refused():
    assert parsed(body("<div>" * 1500 + "deep" + "</div>" * 1500 + "<p>after</p>")).text == "deep\n\nafter"
    with pytest.raises(UnreadableError, match="nested too deeply"):
        parsed(body("<div>" * 5000 + "deep" + "</div>" * 5000 + "<p>after</p>"))


def test_nothing_is_fetched_or_expanded(tmp_path):
    (tmp_path / "secret.txt").write_text("SECRET")
    uri = (tmp_path / "secret.txt").as_uri()
    page = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{uri}">]><html><body><p>Text &x;</p><iframe src="{uri}"></iframe>'
    assert "SECRET" not in parsed(page).text


def test_control_characters_do_not_cost_the_layout():
    content = "<h1>Pump\x01</h1><p>Some\x0btext&#1;here&#31;.</p>" + "<p>More text about the pump.</p>" * 20
    text = parsed(body(f"<nav>Home</nav><main>{content}</main>")).text
    assert text.startswith("Pump\n\nSome text here .\n\nMore")
    assert "Home" not in text


_PROSE = "".join(
    f"<p>Sentence {number} of the text tells how the pump is oiled, started and stopped by its keeper.</p>"
    for number in range(8)
)


def article(content, head=""):
    return f"<!doctype html><html lang='en-GB'><head>{head}</head><body><article>{content}</article></body></html>"


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>SECRET</p>",
        "<div style='color: red; display : none'>SECRET</div>",
        "<p>Before<span style='visibility:hidden'>SECRET</span></p>",
        "<div class='note hidden'>SECRET</div>",
        "<template>SECRET</template>",
    ],
)
def test_hidden_text_is_left_out(hidden):
    text = parsed(article(_PROSE + hidden + "<p>The end of it.</p>")).text
    assert "SECRET" not in text
    assert text.endswith("The end of it.")


@pytest.mark.parametrize(
    "shown",
    [
        "<div class='hidden lg:block'>SHOWN on some screens only.</div>",
        "<div hidden='until-found'>SHOWN when it is searched for.</div>",
        f"<div style='display:none'><p>SHOWN by a script.</p>{_PROSE * 2}</div>",
    ],
)
def test_what_a_page_shows_later_is_kept(shown):
    assert "SHOWN" in parsed(article(_PROSE + shown + "<p>The end of it.</p>")).text


@pytest.mark.parametrize(
    "beside",
    [
        "<section class='siteCopyright'><p>UNWANTED</p></section>",
        "<div class='affiliate-disclosure'>UNWANTED: we are paid for links.</div>",
        "<p>Subscribe to our UNWANTED newsletter.</p>",
        "<p>Follow us UNWANTED on Twitter and elsewhere</p>",
        "<p><b>Read also:</b> <a href='/'>UNWANTED</a></p>",
        "<p>Advertisement</p>",
    ],
)
def test_notices_and_calls_are_no_main_text(beside):
    text = parsed(article(_PROSE + beside + _PROSE)).text
    assert "UNWANTED" not in text
    assert "Advertisement" not in text
    assert text.count("Sentence 0") == 2


@pytest.mark.parametrize(
    "content",
    [
        "<p>The newsletter of the club appears twice a year, and everybody may subscribe to it.</p>",
        "<p>Advertisement is the second chapter of the book.</p>",
        "<p>Copyright lasts for seventy years after the death of the author.</p>",
        "<p>You should read also the third part.</p>",
    ],
)
def test_texts_about_such_things_are_kept(content):
    assert content[3:-4] in parsed(article(_PROSE + content + _PROSE)).text


@pytest.mark.parametrize("end", ["Related articles", "Das könnte Sie auch interessieren", "À lire aussi :"])
def test_other_pages_at_the_end_are_left_out(end):
    content = f"{_PROSE}<p>The end of it.</p><h3>{end}</h3><ul><li><a href='/a'>Valves</a> of today</li></ul>"
    assert parsed(article(content)).text.endswith("The end of it.")
    short = f"<p>Oil it.</p><h3>{end}</h3><p>Valves of today</p>"
    assert "Valves" in parsed(article(short)).text


def test_the_lead_of_a_page_is_read_wherever_it_stands():
    lead = "The pump of Karn stood still for a day, and nobody knew why until Friday."
    head = f"<title>Pump</title><meta name=description content='{lead[:65]}...'>"
    content = f"<div class='teaser'><p>{lead}</p></div><article>{_PROSE}</article>"
    text = parsed(f"<html><head>{head}</head><body>{content}</body></html>").text
    assert text.startswith(f"{lead}\n\nSentence 0")
    assert text.count(lead) == 1


def test_a_page_states_its_author_date_language_and_description():
    head = (
        "<title>Pump 7 stands still | Karn News</title><meta property='og:title' content='Pump 7 stands still'>"
        "<meta name='author' content='Ann Lee'><meta name='description' content='About a pump.'>"
        "<meta property='article:published_time' content='2024-05-06T10:00:00Z'>"
    )
    document = parsed(article(_PROSE, head))
    assert document.title == "Pump 7 stands still"
    assert document.metadata == {
        "author": "Ann Lee",
        "created": "2024-05-06",
        "description": "About a pump.",
        "language": "en",
    }
    linked_data = (
        "<script type='application/ld+json'>{'@context': 'https://schema.org', '@type': 'NewsArticle', "
        "'author': {'@type': 'Person', 'name': 'Ben Orr'}, 'datePublished': '2023-02-01'}</script>"
    ).replace("'", '"')
    metadata = parsed(article(_PROSE, linked_data)).metadata
    assert (metadata["author"], metadata["created"]) == ("Ben Orr", "2023-02-01")
    for wrong in ("[1, {", '{"@type": 5, "author": [[]]}', "null"):
        document = parsed(article(_PROSE, f'<script type="application/ld+json">{wrong}</script>'))
        assert document.metadata == {"language": "en"}


def table_of(document):
    (table,) = document.tables
    return document.text[table.start : table.header_end], document.text[table.header_end : table.end]


@pytest.mark.parametrize(
    ("table", "header", "rows"),
    [
        ("<tr><th>a<th>b</tr><tr><td>1<td>2</tr>", "a | b", "\n1 | 2"),
        ("<thead><tr><td>a<td>b</tr></thead><tr><td>1<td>2</tr>", "a | b", "\n1 | 2"),
        ("<tr><th>a<td>b</tr><tr><th>1<td>2</tr>", "", "a | b\n1 | 2"),
        ("<tr><td>a<td>b</tr><tr><th>1<th>2</tr>", "", "a | b\n1 | 2"),
    ],
)
def test_rows_of_header_cells_are_the_header(table, header, rows):
    assert table_of(parsed(article(f"{_PROSE}<table>{table}</table><p>After</p>"))) == (header, rows)
    assert table_of(parsed(body(f"<table>{table}</table>"))) == (header, rows)


def test_xhtml_is_read_as_xml():
    page = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
        "<head><title/><script src='x'/></head><body><div/><p>One&nbsp;&amp; two<br/>three</p></body></html>"
    )
    assert parsed(page).text == "One & two\nthree"
    assert "kept" in parsed(page.replace("<div/>", "<p>kept<b>")).text  # not sound: as HTML


def test_hostile_pages_are_read_in_little_time_or_refused():
    with pytest.raises(UnreadableError, match="nested too deeply"):
        parsed(body("<div>" * 100_000))
    assert parsed(body(f"<p class='{'x ' * 100_000}' style='{'a;' * 100_000}'>Text of it</p>")).text == "Text of it"
    assert parsed(body("<ul><li>" * 900 + "<b>Deep</b> in it")).text == "- Deep in it"
    assert parsed(body(f"<p>{'<b>x</b> ' * 20_000}")).text.count("x") == 20_000
    rows = "".join(f"<tr><td>{number}<td>x</tr>" for number in range(12_000))
    document = parsed(body(f"<table>{rows}</table>"))
    assert document.text.count("\n") == 11_999
    assert document.text.endswith("11999 | x")


_TITLES = st.from_regex(r"[A-Za-z]{2,8}( [A-Za-z]{2,8}){0,2}", fullmatch=True)
_BLOCKS = st.tuples(st.sampled_from(["p", "li", "td", "pre", "blockquote", "div"]), raw_texts)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 6), _TITLES, st.lists(_BLOCKS, max_size=3)), max_size=5))
def test_offsets_hold_in_hostile_pages(parts):
    content = "<p>Begin.</p>"
    for level, title, blocks in parts:
        content += f"<h{level}>{title}</h{level}>"
        content += "".join(f"<{tag}>{text}</{tag}>" for tag, text in blocks)
    document = parse(body(content).encode("utf-8", "replace"), "a.html")
    assert canonical(document.text) == document.text
    assert_sections_start_with_their_headings(document)
    if all("<" not in text for _, _, blocks in parts for _, text in blocks):
        assert "Begin." in document.text


def test_bytes_without_a_meaning_are_said_to_be_lost():
    sentence = "Die Fähre fährt täglich über den Sund nach Kårn, auch für Räder. "
    page = f"<html><body><main><p>{sentence * 5}</p></main>".encode()
    broken = page + b"<p>\xff</p></body></html>"
    document = parse(broken, "ferry.html")
    assert document.losses == ("1 byte fits no encoding and is shown as U+FFFD",)
    assert parse(page, "ferry.html").losses == ()
