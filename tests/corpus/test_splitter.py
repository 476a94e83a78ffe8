import re
from importlib.metadata import PackageNotFoundError, distribution

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from corpus.errors import BadInputError
from corpus.splitter import CHARACTERS_PER_TOKEN, PassageSize, split
from corpus.types import ParsedDocument, Section, Span
from tests.hostile_text import documents

MODEL = ("compartment", "compartment/models/bge-small-en-v1.5-int8/tokenizer.json")


# Characters of several code points (and some of one), none of them white space or the end of a sentence.
CLUSTERS = ("e\u0301\u0327", "👨‍👩‍👧‍👦", "👍🏽", "🇺🇳", "🇺", "क्षि", "\u1100\u1161\u11a8", "각", "a", "中", "\u200d")


@pytest.fixture(scope="module")
def word_pieces():
    """The token spans of the default embedding model."""
    try:
        path = distribution(MODEL[0]).locate_file(MODEL[1])
    except PackageNotFoundError:
        pytest.skip(f"the distribution {MODEL[0]} with the tokenizer is not installed")
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: tokenizer.encode(text, add_special_tokens=False).offsets


def words(text):
    """One token a word."""
    return [match.span() for match in re.finditer(r"\S+", text)]


def utf8_bytes(text):
    """One token a byte, as byte-level models have: up to four at one code point."""
    return [(offset, offset + 1) for offset, char in enumerate(text) for _ in char.encode()]


def document(text, sections=(), pages=()):
    return ParsedDocument(
        text=text,
        media_type="text/plain",
        page_starts=pages,
        sections=tuple(Section(start, ("Heading",)) for start in sections),
    )


def sentence(count, name="w"):
    """A sentence of `count` words."""
    return " ".join([name.capitalize(), *[name] * (count - 1)]) + "."


def lengths(text, passages):
    return [len(words(span.of(text))) for span in passages]


# What holds for every document


def check(parsed, passages, tokens, size):
    text = parsed.text
    place = 0
    starts = {section.start for section in parsed.sections}
    for passage in passages:
        quote = passage.of(text)
        assert passage.start >= place
        assert not text[place : passage.start].strip()
        assert quote == quote.strip() != ""
        assert len(quote) <= size.max_tokens * CHARACTERS_PER_TOKEN
        assert len(tokens(quote)) <= size.max_tokens
        assert not any(passage.start < start < passage.end for start in starts)
        place = passage.end
    assert not text[place:].strip()


@st.composite
def sizes(draw, smallest=8):
    largest = draw(st.integers(smallest, 64))
    return PassageSize(target_tokens=draw(st.integers(1, largest)), max_tokens=largest)


@settings(deadline=None)
@given(parsed=documents(), size=sizes())
def test_hostile_documents_with_the_tokenizer_of_the_default_model(parsed, size, word_pieces):
    passages = split(parsed, word_pieces, size)
    check(parsed, passages, word_pieces, size)
    assert split(parsed, word_pieces, size) == passages


@pytest.mark.parametrize("tokens", [words, utf8_bytes, lambda text: []], ids=["words", "bytes", "none"])
@settings(deadline=None)
@given(parsed=documents(), size=sizes())
def test_hostile_documents_with_other_tokenizers(tokens, parsed, size):
    check(parsed, split(parsed, tokens, size), tokens, size)


@settings(deadline=None)
@given(text=st.lists(st.sampled_from(CLUSTERS)).map("".join), size=sizes(smallest=16))
def test_words_are_cut_only_between_grapheme_clusters(text, size, word_pieces):
    ends = {match.end() for match in regex.finditer(r"\X", text)}
    assert {span.end for span in split(document(text), word_pieces, size)} <= ends


# Where passages end


def test_a_section_just_above_the_target_becomes_halves():
    text = " ".join([sentence(10)] * 21)
    assert lengths(text, split(document(text), words, PassageSize(max_tokens=500))) in ([100, 110], [110, 100])


@pytest.mark.parametrize("total", [200, 210, 390, 400, 410, 1000, 1010, 5050])
def test_passages_of_a_section_are_even(total):
    text = " ".join([sentence(10)] * (total // 10))
    found = lengths(text, split(document(text), words, PassageSize(max_tokens=500)))
    assert sum(found) == total
    assert len(found) == -(-total // 200)
    assert max(found) - min(found) <= 10


@settings(deadline=None)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=60), st.sampled_from([90, 500]))
def test_no_passage_is_more_than_a_quarter_above_the_target_unless_it_is_one_sentence(counts, largest):
    text = " ".join(sentence(count, "abcd") for count in counts)
    size = PassageSize(target_tokens=60, max_tokens=largest)
    ends = {match.end() for match in re.finditer(r"\.", text)}
    for passage in split(document(text), words, size):
        assert passage.end in ends
        assert len(words(passage.of(text))) <= 75 or passage.of(text).count(".") == 1


def test_a_sentence_too_long_for_the_limit_leaves_the_others_even():
    text = " ".join([*[sentence(10)] * 22, sentence(400), *[sentence(10)] * 26])
    found = split(document(text), words, PassageSize(max_tokens=500))
    assert lengths(text, found) == [110, 110, 400, 130, 130]


def test_a_short_sentence_is_not_split_off_to_reach_the_target():
    text = f"{sentence(10)} {sentence(200)}"
    assert lengths(text, split(document(text), words, PassageSize(max_tokens=500))) == [210]


def test_the_order_of_the_tokens_does_not_matter():
    parsed, size = document(" ".join([sentence(10)] * 50)), PassageSize(max_tokens=500)
    assert split(parsed, lambda text: words(text)[::-1], size) == split(parsed, words, size)


def test_a_paragraph_end_is_taken_before_a_nearer_sentence_end():
    early, late = [sentence(10)] * 8, [sentence(10)] * 12
    text = " ".join(early) + "\n\n" + " ".join(late)
    size = PassageSize(target_tokens=100, max_tokens=500)
    assert lengths(text, split(document(text), words, size)) == [80, 120]
    flowing = text.replace("\n\n", " ")
    assert lengths(flowing, split(document(flowing), words, size)) == [100, 100]


def test_a_page_start_is_taken_before_a_nearer_sentence_end_but_after_a_paragraph_end():
    head, middle, tail = (" ".join([sentence(10)] * count) for count in (9, 2, 9))
    size, page = PassageSize(target_tokens=100, max_tokens=500), len(head) + 1
    flowing = f"{head}\n{middle} {tail}"
    assert lengths(flowing, split(document(flowing), words, size)) == [100, 100]
    assert lengths(flowing, split(document(flowing, pages=(0, page)), words, size)) == [90, 110]
    broken = f"{head}\n{middle}\n\n{tail}"
    assert lengths(broken, split(document(broken, pages=(0, page)), words, size)) == [110, 90]


def test_a_sentence_that_runs_over_a_page_start_is_not_cut():
    text = " ".join([sentence(95), sentence(10), sentence(95)])
    page = text.index("W", text.index(".") + 1) + 10
    found = split(document(text, pages=(0, page)), words, PassageSize(target_tokens=100, max_tokens=500))
    assert lengths(text, found) in ([95, 105], [105, 95])


def test_sections_are_never_joined_and_blank_ones_vanish():
    text = "Title\n\nA heading\n \n \nOne. Two.\nAnother heading"
    starts = (0, 7, 17, 19, text.index("One"), text.index("Another"), len(text))
    found = split(document(text, sections=starts), words, PassageSize(max_tokens=500))
    assert [span.of(text) for span in found] == ["Title", "A heading", "One. Two.", "Another heading"]


def test_text_before_the_first_section_is_a_passage():
    text = "Preface. Chapter"
    assert split(document(text, sections=(9,)), words, PassageSize(max_tokens=500)) == [Span(0, 8), Span(9, 16)]


@pytest.mark.parametrize("lines", [["The results of the survey and what they mean today"], ["## Really?"] * 5])
def test_headings_stay_with_the_text_below_them(lines):
    # The even cut would fall below the headings.
    before, after = sentence(90), sentence(100)
    text = "\n\n".join([before, *lines, after])
    found = split(document(text), words, PassageSize(target_tokens=100, max_tokens=500))
    assert [span.of(text) for span in found] == [before, text[len(before) + 2 :]]


@pytest.mark.parametrize("break_", ["\n", "\n\n"])
def test_an_introduction_stays_with_the_first_item_of_its_list(break_):
    # The even cut would fall between them.
    introduction = "W " + "w " * 8 + "are these:"
    text = f"{sentence(10)} {introduction}{break_}- {sentence(9)}\n- {sentence(10)}"
    found = split(document(text), words, PassageSize(target_tokens=21, max_tokens=100))
    assert any(f"{introduction}{break_}- W" in span.of(text) for span in found)


def test_a_heading_is_not_split_off_where_the_next_cut_is_farther_away():
    text = f"The main results\n\n{sentence(115)} {sentence(15)}"
    found = split(document(text), words, PassageSize(target_tokens=100, max_tokens=500))
    assert lengths(text, found) == [118, 15]


def test_a_heading_stands_alone_when_the_model_cannot_read_it_with_the_sentence_below():
    below = f"{sentence(50)[:-1]}\n{sentence(50).lower()}"
    text = f"The main results\n\n{below}"
    found = split(document(text), words, PassageSize(target_tokens=60, max_tokens=100))
    assert lengths(text, found) == [3, 100]


def test_short_lines_without_full_stops_are_not_all_headings():
    text = "\n\n".join(["one two three four five six seven eight nine ten"] * 30)
    found = split(document(text), words, PassageSize(target_tokens=100, max_tokens=500))
    assert lengths(text, found) == [100, 100, 100]


def test_the_last_row_of_a_table_is_no_heading():
    row = "a | b | c | d | e 9"
    text = "\n".join([row] * 9) + "\n\n" + sentence(100)
    found = split(document(text), words, PassageSize(target_tokens=100, max_tokens=500))
    assert lengths(text, found) == [90, 100]


@pytest.mark.parametrize("blank", ["", " ", "\n\n\n", "\u00a0\u3000\x1c"])
def test_a_blank_document_has_no_passages(blank):
    assert split(document(blank), words, PassageSize(max_tokens=500)) == []


# What is cut inside a sentence


def test_a_sentence_that_the_model_can_read_is_not_cut():
    text = sentence(500)
    assert split(document(text), words, PassageSize(max_tokens=500)) == [Span(0, len(text))]


def test_a_longer_sentence_is_cut_evenly_at_white_space():
    text = sentence(501)
    assert lengths(text, split(document(text), words, PassageSize(max_tokens=500))) == [167, 167, 167]


def test_line_ends_inside_a_long_sentence_come_first():
    line = " ".join(["word"] * 70)
    text = "\n".join([line] * 10)
    found = split(document(text), words, PassageSize(max_tokens=500))
    assert lengths(text, found) == [140, 210, 140, 210] or lengths(text, found) == [140, 210, 210, 140]


def test_cutting_a_word_changes_its_pieces_and_they_are_counted_again(word_pieces):
    # Whole, the word is one unknown token; of a hundred letters or fewer every piece counts.
    word = "xq" * 60
    assert len(word_pieces(word)) == 1
    assert len(word_pieces(word[:80])) > 8
    parsed, size = document(word), PassageSize(target_tokens=8, max_tokens=8)
    check(parsed, split(parsed, word_pieces, size), word_pieces, size)


def test_a_place_that_is_white_to_python_but_not_to_the_model_is_counted_again(word_pieces):
    text = "x" * 90 + "\x1c" + "q" * 90
    assert len(word_pieces(text)) == 1
    parsed, size = document(text), PassageSize(target_tokens=16, max_tokens=16)
    check(parsed, split(parsed, word_pieces, size), word_pieces, size)


@pytest.mark.parametrize("cluster", ["e\u0301\u0327", "👨‍👩‍👧‍👦", "👍🏽", "🇺🇳", "क्षि", "\u1100\u1161\u11a8"])
def test_without_spaces_cuts_fall_between_grapheme_clusters(cluster, word_pieces):
    text = cluster * 300
    parsed, size = document(text), PassageSize(target_tokens=16, max_tokens=16)
    found = split(parsed, word_pieces, size)
    assert len(found) > 1
    assert {span.start % len(cluster) for span in found} == {0}
    check(parsed, found, word_pieces, size)


def test_text_without_tokens_is_cut_evenly_by_its_length():
    found = split(document("\u200b" * 3000), lambda text: [], PassageSize(target_tokens=100, max_tokens=200))
    assert [len(span) for span in found] == [1000, 1000, 1000]


def test_one_endless_cluster_is_cut_between_code_points(word_pieces):
    text = "e" + "\u0301" * 1000
    found = split(document(text), word_pieces, PassageSize(target_tokens=16, max_tokens=16))
    assert sum(len(span) for span in found) == len(text)
    assert max(len(span) for span in found) <= 160


def test_a_code_point_with_too_many_tokens_stands_alone():
    text = "ab😀c"
    found = split(document(text), utf8_bytes, PassageSize(target_tokens=3, max_tokens=3))
    assert [span.of(text) for span in found] == ["ab", "😀", "c"]


@pytest.mark.parametrize("unit", ["a", "中", "a ", ".", " ", "\u200b", "\n", "a\n\n", "# a\n", "e\u0301", "A. "])
def test_long_runs_of_one_thing_are_split_in_linear_time(unit, word_pieces):
    parsed = document(unit * (200_000 // len(unit)))
    size = PassageSize(max_tokens=510)
    check(parsed, split(parsed, word_pieces, size), word_pieces, size)


# The size


@pytest.mark.parametrize(("target", "largest"), [(0, 10), (-1, 10), (11, 10), (1, 0)])
def test_a_target_that_the_model_cannot_read_is_refused(target, largest):
    with pytest.raises(BadInputError, match=f"{target} tokens do not fit a model that reads {largest}"):
        PassageSize(target_tokens=target, max_tokens=largest)


def test_the_smallest_and_the_largest_target_are_accepted():
    assert PassageSize(target_tokens=1, max_tokens=1).max_characters == CHARACTERS_PER_TOKEN
    assert PassageSize(max_tokens=200).target_tokens == 200


# The tokenizer that the rules rely on


def test_token_offsets_count_code_points_and_some_characters_have_no_token(word_pieces):
    text = "😀 cafe\u0301 b\x07c 中文"
    spans = [text[start:end] for start, end in word_pieces(text)]
    assert spans == ["😀", "cafe", "b\x07c", "中", "文"]
