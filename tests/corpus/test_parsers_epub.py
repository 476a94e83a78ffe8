import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import TooLargeError, UnreadableError
from corpus.media_types import EPUB
from corpus.parsers import ParseLimits, ParseOptions, parse
from corpus.text import canonical
from tests.corpus.container_files import epub_of, zip_archive

_ENCRYPTED = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:e="http://www.w3.org/2001/04/xmlenc#">'
    '<e:EncryptedData><e:EncryptionMethod Algorithm="{}"/><e:CipherData><e:CipherReference URI="x"/></e:CipherData>'
    "</e:EncryptedData></encryption>"
)


def starts(document):
    return [(section.path, document.text[section.start :].split("\n")[0]) for section in document.sections]


def test_chapters_follow_each_other_and_their_headings_are_sections():
    document = parse(
        epub_of(
            [
                "<h1>The pump</h1><p>It runs&nbsp;&amp; stops.</p><script>x</script>",
                "<h2>Parts</h2><ul><li>A rotor</li></ul>"
                "<table><tr><th>Name</th></tr><tr><td>a</td><td>b</td></tr></table>",
            ],
            title="On &amp; off",
            metadata=(
                "<dc:creator>Ann Lee</dc:creator><dc:creator>Ben Orr</dc:creator><dc:language>en-GB</dc:language>"
                "<dc:date>2024-05-01</dc:date><dc:subject>Pumps</dc:subject>"
            ),
        ),
        "book.epub",
    )
    assert document.text == "The pump\n\nIt runs & stops.\n\nParts\n\n- A rotor\n\nName\na | b"
    assert (document.title, document.media_type, document.page_starts) == ("On & off", EPUB, ())
    assert starts(document) == [(("The pump",), "The pump"), (("The pump", "Parts"), "Parts")]
    assert document.metadata == {
        "author": "Ann Lee; Ben Orr",
        "subject": "Pumps",
        "language": "en",
        "created": "2024-05-01",
    }
    (table,) = document.tables
    assert document.text[table.start : table.end] == "Name\na | b"


@pytest.mark.parametrize("ncx", [True, False])
def test_chapters_without_headings_are_named_by_the_table_of_contents(ncx):
    contents = [(1, "Front"), (2, "First"), (3, "Unused")]
    book = epub_of(["<p>Before.</p>", "<p>One.</p>", "<h2>Own heading</h2><p>Two.</p>"], contents=contents, ncx=ncx)
    document = parse(book, "book.epub")
    assert document.text == "Before.\n\nOne.\n\nOwn heading\n\nTwo."
    assert starts(document) == [
        (("Front",), "Before."),
        (("First",), "One."),
        (("First", "Own heading"), "Own heading"),
    ]
    assert document.title == "book"


def test_chapters_that_are_missing_or_damaged_are_said():
    book = epub_of(["<p>One.</p>", "<p>Two.</p>"]).replace(b"chapter 2.xhtml", b"chapter X.xhtml")
    document = parse(book, "book.epub")
    assert document.text == "One."
    assert "the chapter 'OEBPS/chapter 2.xhtml' is not read" in document.losses[0]


@pytest.mark.parametrize(
    ("method", "is_read"),
    [
        ("http://www.idpf.org/2008/embedding", True),
        ("http://ns.adobe.com/pdf/enc#RC", True),
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", False),
    ],
)
def test_scrambled_fonts_do_no_harm_but_copy_protection_is_refused(method, is_read):
    book = epub_of(["<p>One.</p>"], more={"META-INF/encryption.xml": _ENCRYPTED.format(method)})
    if is_read:
        assert parse(book, "book.epub").text == "One."
    else:
        with pytest.raises(UnreadableError, match=r"copy protection \(DRM\)"):
            parse(book, "book.epub")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"mimetype": b"application/epub+zip"}, "its package document is missing"),
        ({"META-INF/container.xml": b"<container>"}, "no sound XML"),
        ({"META-INF/container.xml": b"<container/>", "x.opf": b"<package/>"}, "it lists no chapters"),
    ],
)
def test_a_damaged_book_is_refused_with_the_reason(members, reason):
    with pytest.raises(UnreadableError, match=reason):
        parse(zip_archive(members), "book.epub")


def test_a_book_beyond_a_limit_is_refused():
    with pytest.raises(TooLargeError, match="characters of text; the limit is 50"):
        parse(epub_of(["<p>Twenty characters now</p>"] * 5), "a.epub", ParseOptions(ParseLimits(max_characters=50)))


_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=30)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(_TEXTS, _TEXTS), min_size=1, max_size=5))
def test_books_are_read_back(chapters):
    def escaped(text):
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("]]>", "]]&gt;")

    book = epub_of([f"<h1>{escaped(title)}</h1><p>{escaped(text)}</p><p>.</p>" for title, text in chapters])
    document = parse(book, "book.epub")
    expected = [part for title, text in chapters for part in (" ".join(title.split()), " ".join(text.split()), ".")]
    assert document.text == canonical("\n\n".join(filter(None, expected)))
    titles = [" ".join(title.split()) for title, _ in chapters]
    assert [section.path for section in document.sections] == [(title,) for title in titles if title]
    for section in document.sections:
        assert document.text.startswith(section.path[0], section.start)
