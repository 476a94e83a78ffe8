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
