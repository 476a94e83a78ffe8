import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UnreadableError
from corpus.media_types import RTF
from corpus.parsers import ParseOptions, parse
from corpus.parsers.text.rtf import parse as parse_rtf
from corpus.text import canonical
from corpus.types import Section
from tests.corpus.old_office_files import rtf, rtf_text
from tests.hostile_text import raw_texts

FONTS = r"{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 MS Gothic;}}"
STYLES = r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 Kopf;}{\s2 heading 2;}{\s3 Title;}{\*\cs9 Strong;}}"


def read(body, head=""):
    return parse(rtf(body, head), "letter.rtf")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"One.\par Two,\line still.\par\par Three", "One.\n\nTwo,\nstill.\n\nThree"),
        ("One\r\n long\r\nline", "One longline"),
        (r"a\{b\}\\c\~d\_e\-f\tab g", "a{b}\\c\u00a0d-ef\tg"),
        (r"\'e9\u233?\u233 ?\u8364\'80x", "ééé€x"),
        (r"{\uc2\u26085\'93\'fax}{\uc0\u26085x}", "日x日x"),
        (r"\u-10179?\u-9138?", "\U0001f44e"),
        (r"\u-10179?x", "\ufffdx"),
        (r"\f1\'cf\'ee {\f0\'e9}\f2\'83A\'83\'5c", "По éアソ"),
        (r"\ldblquote a\rdblquote\emdash b", "“a”—b"),
        (r"{\field{\*\fldinst HYPERLINK 'x'}{\fldrslt the link}} after", "the link after"),
        (r"{\*\unknown no}{\pict 00ff}{\header no}{\info{\author A}}yes", "yes"),
        (r"a{\v hidden}b{\deleted gone}c{\v0 d}", "abcd"),
        (r"a\bin4 }}}}b", "ab"),
        (r"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt box\par}}{\shprslt no}}text", "box\n\ntext"),
        (r"a{\footnote {\super 1} A note.}b\par c", "ab\n\nc\n\n1 A note."),
        (r"{\upr{no}{\*\ud{\u233?}}}", "é"),
        (r"{\object{\*\objdata 00}{\result shown}}", "shown"),
        (r"text} behind the end", "text"),
    ],
)
def test_text_is_read_as_it_is_shown(body, text):
    assert read(body, FONTS).text == text


def test_code_pages_hold_for_the_document():
    data = b"{\\rtf1\\ansi\\ansicpg1251 \\'cf\\'ee \xcf\xee}"
    assert parse(data, "a.rtf").text == "По По"
    assert parse(rb"{\rtf1\mac \'8e}", "a.rtf").text == "é"
    assert parse(rb"{\rtf1\ansicpg99999 \'e9}", "a.rtf").text == "é"


def test_headings_lists_tables_and_title():
    document = read(
        r"\pard\s3 The letter\par\pard\s1 One\par\pard Text.\par\pard\s2 Two\par\pard\outlinelevel2 Three\par"
        r"{\listtext\'b7\tab}\pard\ls1 a\par{\pntext 2.}\pard b\par\pard"
        r"\trowd\trhdr\pard\intbl Pump\cell Flow\par rate\cell\row\trowd\pard\intbl x\cell 1\cell\row\pard"
        r" Last.\par",
        STYLES,
    )
    assert document.text == (
        "The letter\n\nOne\n\nText.\n\nTwo\n\nThree\n\n- a\n- b\n\nPump | Flow rate\nx | 1\n\nLast."
    )
    assert [section.path for section in document.sections] == [("One",), ("One", "Two"), ("One", "Two", "Three")]
    assert document.sections[0] == Section(12, ("One",))
    assert (document.title, document.media_type) == ("The letter", RTF)
    (table,) = document.tables
    assert document.text[table.start : table.header_end] == "Pump | Flow rate"
    assert document.text[table.start : table.end] == "Pump | Flow rate\nx | 1"


def test_tables_apart_stay_apart():
    row = r"\pard\intbl a\cell b\cell\row"
    document = read(rf"{row}\pard\par{row}{row}")
    assert document.text == "a | b\n\na | b\na | b"
    assert len(document.tables) == 2


def test_properties_are_metadata():
    info = (
        r"{\info{\title The\u233?title}{\author Ada}{\doccomm no}{\keywords a, b}"
        r"{\creatim\yr2024\mo2\dy3\hr10\min5}{\revtim\yr0}}"
    )
    document = read("text", info)
    assert (document.title, document.text) == ("Theétitle", "text")
    assert document.metadata == {"author": "Ada", "keywords": "a, b", "created": "2024-02-03T10:05:00"}


def test_what_is_lost_is_said():
    document = read(r"text{\*\annotation no}{\mmath x}{\object{\*\objdata 00}")
    assert document.text == "text"
    assert document.losses == (
        "comments",
        "embedded objects of other programs",
        "formulas",
        "the end of the file, which is cut off",
    )


def test_deep_nesting_is_read_or_refused():
    assert read("{" * 5000 + "deep" + "}" * 5000).text == "deep"
    with pytest.raises(UnreadableError, match="nested more than 10,000 deep"):
        read("{" * 100_000 + "deep" + "}" * 100_000)


_PIECES = (
    r"{ } \ {\* \u \u233 \' \'e9 \bin9 \bin-3 \par \cell \row \intbl \f1 \footnote \fonttbl \info \title \s1 "
    r"\stylesheet \pard \shptxt \upr \ud \uc0 \uc-1 \v text ; \f99999999 \creatim \yr-5 \ansicpg0 \listtext"
)
_RTF = st.lists(st.sampled_from(_PIECES.split())).map(" ".join)


@settings(deadline=None, max_examples=200)
@given(_RTF)
def test_any_rtf_is_read_or_refused(body):
    document = parse_rtf(rtf(body, FONTS + STYLES), "a.rtf", ParseOptions())
    assert canonical(document.text) == document.text


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.booleans(), raw_texts), max_size=6))
def test_every_paragraph_and_cell_is_in_the_text_in_order(paragraphs):
    body = "".join(
        rf"\pard\intbl {rtf_text(text)}\cell\row" if in_table else rf"\pard {rtf_text(text)}\par"
        for in_table, text in paragraphs
    )
    document = parse_rtf(rtf(body), "a.rtf", ParseOptions())
    rest = " ".join(document.text.split())
    for _, text in paragraphs:
        # Two halves of a character that meet make one.
        words = " ".join(canonical(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")).split())
        assert words in rest
        rest = rest[rest.index(words) + len(words) :]
