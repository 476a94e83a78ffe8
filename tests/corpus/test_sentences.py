import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sentences import is_heading, sentence_spans, trimmed
from corpus.types import Span
from tests.hostile_text import canonical_texts


def sentences(text):
    return [span.of(text) for span in sentence_spans(text, Span(0, len(text)))]


# The sign ‖ stands where a sentence must end; every other place must not end one.
@pytest.mark.parametrize(
    "marked",
    [
        "It is one sentence without an end",
        ". ‖Next",
        "The first. ‖The second! ‖The third? ‖The fourth",
        "Resolution 2231. ‖The Council met.",
        "It was built by Sukhoi as Su-35. ‖The order followed.",
        "Mr. and Mrs. Dale met Dr. Weiss. ‖They agreed.",
        "J. R. Smith and A. Jones wrote it. ‖We read it.",
        "J.R.R. Tolkien and J.-P. Sartre never met.",
        "Use a cell, e.g. Lithium, i.e. Li-ion. ‖It is approx. 5 km away.",
        "See No. 5 and Fig. S1 in Vol. IV, pp. 3. ‖Then stop.",
        "He said no. ‖The others agreed.",
        "The rate was 3.14 and version 2.0.1 ran. ‖It cost $5.00. ‖We paid.",
        "The U.S. Army moved. ‖Talks began in the U.S. ‖The next day they ended at 5 p.m. ‖The envoys left.",
        "Acme Inc. Chairman Roe left Acme Inc. ‖He sold it, cars, boats, etc. ‖However, he stayed.",
        "Smith et al. (2002) and Roe v. Wade. ‖Both hold.",
        "On Jan. 5 it froze. ‖It began in Dec. ‖The lake froze.",
        "He waited... and left. ‖He waited... ‖Then he left… ‖Nothing.",
        "A spaced . . . ellipsis . . . ‖Next one.",
        "Introduction ........ 12 Methods ......... 14",
        "He said “Stop.” ‖Then he went. ‖(It was late.) ‖\"Why?\" he asked. ‖'No!' ‖She left.",
        "What?! ‖Really?? ‖Yes!!! ‖Good.",
        "Yahoo! and iPhone are names. ‖*Bold end.* ‖**Next.** ‖Last.",
        "As was shown.[12] ‖Others doubt it.[3][4] ‖They do.",
        "He asked “Why?” (and why not) at once. ‖(Dr. Weiss, cf. Section 3, knew.) ‖So did J. A. Smith.",
        "Look at example.com and foo.bar() today. ‖Thanks.",
        "It was plan A . ‖It grew . ‖The spaced full stop ends too . ‖So does this !",
        "1. The first point. ‖The second. ‖2. Another point.",
        "国际原子能机构。‖总部在维也纳！‖对吗？‖是",
        "「はい。」‖彼は答えた。‖終わり",
        "संकल्प पारित हुआ। ‖सब सहमत थे॥ ‖अंत",
        "هل وصل المفتش؟ ‖نعم وصل۔ ‖شكرا.",
        "ሰላም ነው። ‖ደህና",
        "¿Qué pasó? ‖¡Nada! ‖¿De verdad?",
        "all in small letters. ‖as in old abstracts . ‖no capitals at all.",
        # Lines
        "A line that is\nwrapped twice in\na PDF ends here. ‖Next\none.",
        "A paragraph without a full stop\n\n‖Another one\n \n‖A third",
        "# A heading\n‖Text below it\n‖## Next heading\n‖More",
        "A list:\n‖- one thing\n‖- another thing\n‖* a third\n‖Text",
        "Steps\n‖1. Open it\n‖2. Close it. ‖Wait\n‖10) Go",
        "Year | Result\n‖2006 | 1.5\n‖| a | Yes. | No |\n‖Text after it",
        # Below a full line, a number and a full stop may be wrapped text.
        "The committee met in the large hall of the old building and heard speaker\n12. ‖March was cold.",
        "The committee met in the large hall of the old building, and its members heard:\n‖1. Reports\n‖2. News",
        "The sum of x\n+ y is z.",
    ],
)
def test_where_sentences_end(marked):
    assert sentences(marked.replace("‖", "")) == [part.strip() for part in marked.split("‖")]


def test_only_the_span_is_looked_at():
    text = "Not this. Only that. And this"
    assert [span.of(text) for span in sentence_spans(text, Span(4, 16))] == ["this.", "Only t"]
    assert sentence_spans(text, Span(9, 9)) == []


@pytest.mark.parametrize("blank", ["", " ", "\n\n \t\n", "\u00a0\u3000\x1c\u2028"])
def test_white_space_has_no_sentences(blank):
    assert sentences(blank) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [("# A", True), ("###### A", True), ("  ## A", True), ("####### A", False), ("#A", False), ("# ", False)],
)
def test_headings_are_number_signs_with_a_text(line, expected):
    assert is_heading(line) is expected


def test_trimming_keeps_the_place():
    assert trimmed(" \n ab \u3000", Span(0, 7)) == Span(3, 5)
    assert trimmed("ab", Span(0, 1)) == Span(0, 1)
    assert trimmed("a  b", Span(1, 3)) is None


@settings(deadline=None)
@given(canonical_texts, st.data())
def test_sentences_are_ordered_trimmed_and_cover_the_span(text, data):
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    found = sentence_spans(text, span)
    place = span.start
    for sentence in found:
        assert not text[place : sentence.start].strip()
        assert sentence.of(text) == sentence.of(text).strip() != ""
        place = sentence.end
    assert place <= span.end
    assert not text[place : span.end].strip()


@settings(deadline=None)
@given(canonical_texts, st.data())
def test_a_span_has_the_sentences_of_its_slice(text, data):
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    alone = sentence_spans(span.of(text), Span(0, len(span)))
    assert [Span(start + s.start, start + s.end) for s in alone] == sentence_spans(text, span)


# What a pattern that can fail late or start over would take quadratic time for: hours at this length.
@pytest.mark.parametrize(
    "unit",
    [
        "a",
        ".",
        " ",
        "\n",
        "a.",
        ". ",
        ".\u00a0",
        "?!",
        "。",
        "(",
        ".)",
        ".[1]",
        "[",
        "A.",
        "- ",
        "|",
        " |",
        "#",
        "1",
        "\u0301",
    ],
)
@pytest.mark.parametrize("tail", ["", "a"])
def test_a_megabyte_of_one_thing_takes_no_more_than_seconds(unit, tail):
    text = unit * (1_000_000 // len(unit)) + tail
    begun = time.process_time()
    found = sentence_spans(text, Span(0, len(text)))
    assert time.process_time() - begun < 60
    assert "".join("".join(s.of(text).split()) for s in found) == "".join(text.split())
