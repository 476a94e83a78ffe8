"""Passages: where a document is cut for retrieval.

How a section becomes passages:

1. Its units are its sentences; a heading is one unit with the sentence below it, and so is a line that introduces
   the list or table below it by a colon.
2. A section of T tokens gets n = ceil(T / target) passages. From the left, each passage aims at an even share of
   what remains. It ends at the unit whose distance from that aim is least, where ending anywhere but at a
   paragraph counts as more distance: an eighth of the aim at a page start, a quarter at any other sentence end.
3. No passage is more than a quarter above the target, unless it is one unit that is longer: such a unit stands
   alone, and the units before and behind it are shared out as if they were sections of their own.
4. What the model could not read whole is cut finer: a sentence at line ends, a line at white space, a word
   between grapheme clusters, a cluster between code points. The same rule 2 makes the pieces even.

Every passage is tokenised once more on its own, because a cut can change the tokens beside it (half a word has
other word pieces than the whole). Text that has few tokens for its length, such as a very long word that the
model knows only as unknown, weighs one token for every `CHARACTERS_PER_TOKEN` characters instead.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import regex

from corpus.errors import BadInputError
from corpus.sentences import is_heading, sentence_spans, trimmed
from corpus.types import ParsedDocument, Span

TokenSpans = Callable[[str], list[tuple[int, int]]]
"""Gives start and end (code points) of every token of a text, without special tokens or a length limit."""

CHARACTERS_PER_TOKEN = 10
"""No passage has more than `max_tokens` times this many characters."""

# Shares of the aim that a boundary counts as farther away.
_AT_PARAGRAPH, _AT_PAGE, _ELSEWHERE = 0.0, 1 / 8, 1 / 4
_LONGEST_HEADING = 120

_LINE = re.compile(r".+")
# White space is what `str.isspace` says; the module regex counts fewer characters to it than re does.
_WORD = re.compile(r"\S+")
_CLUSTER = regex.compile(r"\X")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageSize:
    """How long passages are, in tokens of the embedding model without special tokens.

    `target_tokens` is what passages come close to, `max_tokens` what the model reads: no passage is longer.
    """

    target_tokens: int = 200
    max_tokens: int

    def __post_init__(self) -> None:
        if not 1 <= self.target_tokens <= self.max_tokens:
            raise BadInputError(
                f"passages of {self.target_tokens!r} tokens do not fit a model that reads {self.max_tokens!r}; "
                f"choose a target between 1 and what the model reads"
            )

    @property
    def max_characters(self) -> int:
        """The length that no passage exceeds, in code points."""
        return self.max_tokens * CHARACTERS_PER_TOKEN


def split(document: ParsedDocument, tokens: TokenSpans, size: PassageSize) -> list[Span]:
    """The passages of a document: ordered, disjoint, none blank, without white space at their ends.

    Together they cover every character that is not white space. None reaches into two sections, and none has
    more than `size.max_tokens` tokens when tokenised alone, but for one code point that alone has more. The
    whole text is tokenised once, and every passage once.
    """
    splitter = _Splitter(document, tokens, size)
    return [passage for section in _sections(document) for passage in splitter.passages(section)]


def _sections(document: ParsedDocument) -> Iterator[Span]:
    """The stretches between section starts, and the text before the first one."""
    length = len(document.text)
    inner = {section.start for section in document.sections if section.start < length}
    return (Span(start, end) for start, end in pairwise(sorted({0, length} | inner)))


_Finer = tuple[Callable[[str, Span], list[Span]], ...]
"""How to take apart what is too long, the coarsest way first."""


class _Splitter:
    """Splits the sections of one document, with one encoding of its text."""

    def __init__(self, document: ParsedDocument, tokens: TokenSpans, size: PassageSize) -> None:
        self._text = document.text
        self._page_starts = document.page_starts
        self._tokens = tokens
        self._size = size
        # A normaliser that reorders characters may give offsets out of order.
        self._token_starts = sorted(start for start, _ in tokens(document.text))

    def passages(self, section: Span) -> Iterator[Span]:
        """The passages of a section."""
        sentences = sentence_spans(self._text, section)
        return self._packed(self._with_headings(sentences), (_lines, _words, _clusters, _code_points))

    def _packed(self, units: list[Span], finer: _Finer) -> Iterator[Span]:
        """Units put together into passages of even weight."""
        distances = [self._distance(above.end, below.start) for above, below in pairwise(units)]
        start = 0
        for end in _even_ends(self._weights(units), distances, self._size):
            yield from self._fitted(units[start:end], finer)
            start = end

    def _fitted(self, units: list[Span], finer: _Finer) -> Iterator[Span]:
        """The units as one passage if the model can read it, else as several."""
        whole = Span(units[0].start, units[-1].end)
        if self._fits(whole):
            yield whole
        elif len(units) > 1:
            middle = len(units) // 2
            yield from self._fitted(units[:middle], finer)
            yield from self._fitted(units[middle:], finer)
        elif finer:
            yield from self._packed(finer[0](self._text, whole), finer[1:])
        else:
            yield whole

    def _fits(self, span: Span) -> bool:
        if len(span) > self._size.max_characters:
            return False
        return len(self._tokens(span.of(self._text))) <= self._size.max_tokens

    def _weight(self, start: int, end: int) -> int:
        """`CHARACTERS_PER_TOKEN` for each token in `start` to `end`, or the number of characters if more."""
        count = bisect_left(self._token_starts, end) - bisect_left(self._token_starts, start)
        return max(count * CHARACTERS_PER_TOKEN, end - start)

    def _weights(self, units: list[Span]) -> list[int]:
        """The weight of each unit with the white space behind it, so that weights add up."""
        ends = [*(unit.start for unit in units[1:]), *(unit.end for unit in units[-1:])]
        return [self._weight(unit.start, end) for unit, end in zip(units, ends, strict=True)]

    def _distance(self, end: int, start: int) -> float:
        """The share of the aim that cutting the white space from `end` to `start` counts as farther away."""
        if self._text.count("\n", end, start) > 1:
            return _AT_PARAGRAPH
        page = bisect_left(self._page_starts, end)
        if page < len(self._page_starts) and self._page_starts[page] <= start:
            return _AT_PAGE
        return _ELSEWHERE

    def _with_headings(self, sentences: list[Span]) -> list[Span]:
        """The sentences, headings and introductions joined to the sentence below if the model can read both at once."""
        headings = self._headings(sentences)
        units = sentences[:1]
        for index, (above, below) in enumerate(pairwise(sentences)):
            start = units[-1].start
            names = headings[index] and (is_heading(above.of(self._text)) or not headings[index + 1])
            fits = self._weight(start, below.end) <= self._size.max_characters
            if fits and (names or self._introduces(above, below)):
                units[-1] = Span(start, below.end)
            else:
                units.append(below)
        return units

    def _introduces(self, above: Span, below: Span) -> bool:
        """Whether a line announces by a colon what stands on the lines below it."""
        return self._text[above.end - 1] == ":" and "\n" in self._text[above.end : below.start]

    def _headings(self, sentences: list[Span]) -> list[bool]:
        """Which sentences are headings: marked ones, and short lines that begin a paragraph and end in no mark."""
        gaps = ((above.end, below.start) for above, below in pairwise(sentences))
        first = [True, *(self._text.count("\n", end, start) > 1 for end, start in gaps)]
        lines = [sentence.of(self._text) for sentence in sentences]
        return [
            is_heading(line) or (begins and _looks_like_heading(line))
            for line, begins in zip(lines, first, strict=False)
        ]


def _looks_like_heading(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and "\n" not in line and line[-1].isalnum()


def _even_ends(weights: Sequence[int], distances: Sequence[float], size: PassageSize) -> Iterator[int]:
    """Where passages of even weight end, as indexes behind their last unit (rules 2 and 3 of the module).

    Weights count `CHARACTERS_PER_TOKEN` to a token. `distances[i]` is the share of the aim that ending between
    the units i and i + 1 counts as farther away.
    """
    target = size.target_tokens * CHARACTERS_PER_TOKEN
    limit = min(target + target // 4, size.max_characters)
    for first, stop in _runs(weights, limit):
        edges = [0, *accumulate(weights[first:stop])]
        run_distances = [*distances[first : stop - 1], _AT_PARAGRAPH]
        yield from (first + end for end in _shared_out(edges, run_distances, target, limit))


def _runs(weights: Sequence[int], limit: int) -> Iterator[tuple[int, int]]:
    """First index and stop of the stretches between units above the limit, and of each such unit."""
    alone = [index for index, weight in enumerate(weights) if weight > limit]
    return pairwise(sorted({0, len(weights), *alone, *(index + 1 for index in alone)}))


def _shared_out(edges: Sequence[int], distances: Sequence[float], target: int, limit: int) -> Iterator[int]:
    """The ends of passages in one run; unit i reaches from `edges[i]` to `edges[i + 1]`."""
    start, units = 0, len(edges) - 1
    planned = units
    while start < units:
        rest = edges[-1] - edges[start]
        planned = max(min(planned, -(-rest // target)), -(-rest // limit))
        start = _end_near(edges, distances, start, rest / planned, limit) if planned > 1 else units
        planned -= 1
        yield start


def _end_near(edges: Sequence[int], distances: Sequence[float], start: int, aim: float, limit: int) -> int:
    """The end nearest to `aim` and within the limit for the passage from unit `start` on; one unit at least."""
    furthest = max(start + 1, bisect_right(edges, edges[start] + limit) - 1)
    candidates = range(start + 1, furthest + 1)
    return min(candidates, key=lambda end: abs(edges[end] - edges[start] - aim) + distances[end - 1] * aim)


def _lines(text: str, span: Span) -> list[Span]:
    lines = (trimmed(text, Span(*line.span())) for line in _LINE.finditer(text, span.start, span.end))
    return [line for line in lines if line]


def _words(text: str, span: Span) -> list[Span]:
    return [Span(*word.span()) for word in _WORD.finditer(text, span.start, span.end)]


def _clusters(text: str, span: Span) -> list[Span]:
    return [Span(*cluster.span()) for cluster in _CLUSTER.finditer(text, span.start, span.end)]


def _code_points(_text: str, span: Span) -> list[Span]:
    return [Span(offset, offset + 1) for offset in range(span.start, span.end)]
