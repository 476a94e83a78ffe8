"""Drafts by rules: facts that stand in the sentences and short tables of English documents, turned into questions."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from corpus.types import page_at
from eval.drafting.choosing import spread
from eval.drafting.documents import ReadDocument
from eval.drafting.english import DETERMINERS, SPECIFIC
from eval.drafting.facts import Fact, facts_in
from eval.drafting.places import quote_of, section_of
from eval.drafting.questions import question_for
from eval.drafting.rows import two_celled_rows
from eval.drafting.sentences import complete_sentences, vocabulary_of
from eval.drafting.types import Draft
from eval.evidence import SqueezedText

DRAFTED_BY = "rules"

_SAID_AGAIN = re.compile(r" ?\([$€£]?\d")
_GAP = "____"
# A sentence that gives several facts is asked for the most telling one.
_ORDER = ("amount", "share", "quantity", "time", "date", "name")
# How many turns of its document a draft waits.
_QUESTION, _ROW, _CLOZE = 0, 1, 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft that may be chosen; `template` is the sentence without its facts."""

    draft: Draft
    section: str
    rank: int
    template: str

    @property
    def document(self) -> str:
        """The id of the document."""
        return self.draft.document

    @property
    def key(self) -> str:
        """The quote stands once in its document."""
        return self.draft.quote


def draft_by_rules(documents: Iterable[ReadDocument], count: int, seed: int) -> list[Draft]:
    """Draft up to `count` questions; the same documents and seed give the same ones.

    A question is left out where another sentence differs from its own in the facts alone: it would have two answers.
    """
    kept: list[Candidate] = []
    seen: Counter[str] = Counter()
    for document in documents:
        candidates = list(_candidates(document))
        for candidate in candidates:
            seen.update({candidate.template, candidate.draft.text})
        # Others may turn out to be ambiguous: with so many, a single document can give all the questions.
        kept += islice(_found_once(spread(candidates, seed), document), 4 * count)
    clear = [one for one in kept if seen[one.template] == 1 and seen[one.draft.text] == 1]
    return [candidate.draft for candidate in spread(clear, seed)[:count]]


def _found_once(candidates: Iterable[Candidate], document: ReadDocument) -> Iterator[Candidate]:
    squeezed = SqueezedText.of(document.parsed.text)
    return (candidate for candidate in candidates if len(squeezed.find(candidate.draft.quote)) == 1)


def _candidates(document: ReadDocument) -> Iterator[Candidate]:
    parsed = document.parsed
    for row in two_celled_rows(parsed):
        quote = quote_of(parsed, row.span)
        draft = Draft(document.id, row.question, row.value, quote, page_at(parsed.page_starts, row.span.start), "row")
        yield Candidate(draft, section_of(parsed, row.span), _ROW, row.question)
    vocabulary = vocabulary_of(parsed.text)
    for sentence in complete_sentences(parsed):
        quote = quote_of(parsed, sentence.span)
        facts = [fact for fact in _telling(sentence.text, vocabulary) if fact.text in quote]
        if not facts:
            continue
        fact, text = _best(sentence.text, facts, vocabulary)
        page = page_at(parsed.page_starts, sentence.span.start)
        kind, rank = (fact.kind, _QUESTION) if text else ("cloze", _CLOZE)
        draft = Draft(document.id, text or _cloze(sentence.text, fact), fact.text, quote, page, kind)
        yield Candidate(draft, section_of(parsed, sentence.span), rank, _template(sentence.text))


def _telling(sentence: str, vocabulary: Mapping[str, int]) -> list[Fact]:
    """Find the facts that can be asked for: not those said twice, "three (3) days", nor words that are no names."""
    return [
        fact
        for fact in facts_in(sentence)
        if not _SAID_AGAIN.match(sentence, fact.span.end)
        and sentence[: fact.span.start].count("(") == sentence[: fact.span.start].count(")")
        and (fact.kind != "name" or _is_name(sentence, fact, vocabulary))
    ]


def _is_name(sentence: str, fact: Fact, vocabulary: Mapping[str, int]) -> bool:
    """Whether words with capital letters name something, and are not terms that a contract defines."""
    before = sentence[: fact.span.start].rsplit(None, 1)[-1:]
    defined = any(word.lower() in vocabulary for word in fact.text.split() if len(word) > 3)
    return not defined and not (DETERMINERS | SPECIFIC).issuperset(before)


def _best(sentence: str, facts: list[Fact], vocabulary: Mapping[str, int]) -> tuple[Fact, str | None]:
    """Choose the fact to ask for, and the question if one can be made."""
    for fact in sorted(facts, key=lambda fact: _ORDER.index(fact.kind)):
        text = question_for(sentence, fact, vocabulary)
        if text:
            return fact, text
    digest = hashlib.sha256(sentence.encode("utf-8", "surrogatepass")).digest()
    figures = [fact for fact in facts if fact.kind != "name"] or facts
    return figures[digest[0] % len(figures)], None


def _cloze(sentence: str, fact: Fact) -> str:
    """Leave a gap; what a quantity counts stays, or nobody could tell what is asked."""
    gap = f"{_GAP} {fact.unit}".rstrip()
    return f"Complete: {sentence[: fact.span.start]}{gap}{sentence[fact.span.end :]}"


def _template(sentence: str) -> str:
    pieces, end = [], 0
    for fact in facts_in(sentence):
        pieces.append(sentence[end : fact.span.start])
        end = fact.span.end
    return _GAP.join([*pieces, sentence[end:]])
