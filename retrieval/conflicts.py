"""Documents that contradict each other, or of which one supersedes the other.

The best evidence is compared with the best sentences of other documents (`retrieval.disagreements`). A newer document
supersedes an older one where it says so, or where both have the same title or file name but for dates and numbers.
See docs/decisions/0029-conflicts-and-time.md.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Final, Literal

import regex

from corpus.document_dates import DocumentDate, date_of, version_date
from corpus.records import DocumentVersion
from corpus.types import section_at
from index.words import WordSnapshot
from retrieval.answer_types import words_of
from retrieval.disagreements import Difference, difference, holds_since
from retrieval.evidence import Evidence
from retrieval.types import Citation, Conflict

ConflictKind = Literal["disagree", "superseded"]

_MARGIN = 4.0  # of logits, behind the best sentence
_COVERAGE = 0.7  # of that of the best sentence, where nothing has a logit
_COMPARED = 12  # sentences
_MOST = 2  # conflicts that are told
_HEAD = 4_000  # characters of a document in which it says what it replaces
_REPLACES: Final = regex.compile(
    r"\b(?:replac|supersed|repeal|amend|cancel)(?:es?|ed|ing|s)\b([^.;\n]{0,160})", regex.IGNORECASE
)
_IS_OVER: Final = regex.compile(
    r"\bthis\s+(?:\w+\s+){1,3}(?:is|was|has\s+been)\s+(?:no\s+longer\s+(?:in\s+force|valid)|superseded|replaced|withdrawn|"
    r"repealed|obsolete|out\s+of\s+date|outdated)\b",
    regex.IGNORECASE,
)
_EARLIER: Final = regex.compile(r"\b(?:previous|earlier|former|prior|older)\b", regex.IGNORECASE)
_EDITION: Final = frozenset(
    [
        "version",
        "edition",
        "rev",
        "revision",
        "revised",
        "draft",
        "final",
        "new",
        "old",
        "updated",
        "current",
        "copy",
        "season",
        "summer",
        "winter",
        "the",
        "of",
        "and",
        "v",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)


@dataclass(frozen=True)
class _Statement:
    evidence: Evidence

    @cached_property
    def text(self) -> str:
        return self.evidence.span.of(self.evidence.found.document_text)

    @property
    def version(self) -> DocumentVersion:
        return self.evidence.found.version

    @cached_property
    def date(self) -> DocumentDate | None:
        return date_of(holds_since(self.text)) or version_date(self.version)

    @property
    def named(self) -> str:
        name = self.version.title or self.version.name
        return f"“{name}” ({self.date.written})" if self.date else f"“{name}”"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two pieces of evidence against each other; of `superseded` ones the first is the one that holds."""

    kind: ConflictKind
    first: Evidence
    second: Evidence
    text: str


def find_conflicts(question: str, evidence: Sequence[Evidence], words: WordSnapshot) -> list[Contradiction]:
    """What contradicts the best evidence, the strongest contradiction first; at most one a document."""
    if not evidence:
        return []
    asked = cache(partial(words.weights, question))  # takes its time where the question has unknown words
    best, found, documents = _Statement(evidence[0]), [], {evidence[0].found.version.document}
    for item in _comparable(evidence):
        other = _Statement(item)
        if item.found.version.document in documents or not _on_the_same(asked, best, other, words):
            continue
        differing = difference(question, best.text, other.text)
        if differing is not None:
            documents.add(item.found.version.document)
            found.append(_told_apart(best, other, differing))
    return found[:_MOST]


def settled(
    chosen: Sequence[Evidence], contradictions: Sequence[Contradiction]
) -> tuple[list[Evidence], list[Evidence]]:
    """The evidence that answers, what holds first and what disagrees last, and the evidence that is superseded.

    `chosen` are runs of sentences; a sentence that is in one of them is not given once more.
    """
    # Two newer documents may supersede one.
    over = _each_once(one.second for one in contradictions if one.kind == "superseded")
    holding = [_run_of(one.first, chosen) for one in contradictions if one.kind == "superseded"]
    against = [_run_of(one.second, chosen) for one in contradictions if one.kind == "disagree"]
    documents = {item.found.version.document for item in over}
    answering = (item for item in (*holding, *chosen, *against) if item.found.version.document not in documents)
    return _each_once(answering), over


def _each_once(evidence: Iterable[Evidence]) -> list[Evidence]:
    return list({id(item): item for item in evidence}.values())


def told(
    contradictions: Sequence[Contradiction], cited: Sequence[Evidence], citations: Sequence[Citation]
) -> tuple[Conflict, ...]:
    """The contradictions with the names of the citations that hold their sentences; `cited` is what is cited."""
    pairs = list(zip(cited, citations, strict=True))

    def names(sentences: Sequence[Evidence]) -> tuple[str, ...]:
        found = (next((one.id for item, one in pairs if _holds(item, sentence)), None) for sentence in sentences)
        return tuple(name for name in found if name is not None)

    return tuple(Conflict(one.kind, names((one.first, one.second)), one.text) for one in contradictions)


def _run_of(sentence: Evidence, chosen: Sequence[Evidence]) -> Evidence:
    return next((run for run in chosen if _holds(run, sentence)), sentence)


def _holds(run: Evidence, sentence: Evidence) -> bool:
    same = run.found.passage.number == sentence.found.passage.number
    return same and run.span.start <= sentence.span.start and sentence.span.end <= run.span.end


def _comparable(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The further evidence that is nearly as good as the best."""
    best = evidence[0]
    if best.logit is None:
        good = [item for item in evidence[1:] if item.coverage >= _COVERAGE * best.coverage]
    else:
        least = max(0.0, best.logit - _MARGIN)
        good = [item for item in evidence[1:] if item.logit is not None and item.logit >= least]
    return good[:_COMPARED]


def _on_the_same(
    asked: Callable[[str], Mapping[str, float]], one: _Statement, other: _Statement, words: WordSnapshot
) -> bool:
    """Whether both, read with title and headings, hold the same words of the question, `asked` in a language."""
    language = one.version.language or other.version.language  # of a short text it is not always known
    wanted = asked(language).keys()
    in_one, in_other = (wanted & set(words.terms(_context(each), language)) for each in (one, other))
    return in_one == in_other


def _context(statement: _Statement) -> str:
    version = statement.version
    headings = section_at(version.sections, statement.evidence.span.start)
    return " ".join((version.title, *headings, statement.text))


def _told_apart(best: _Statement, other: _Statement, differing: Difference) -> Contradiction:
    if _supersedes(other, best):
        return _superseded(other, best, differing.other, differing.one)
    if _supersedes(best, other):
        return _superseded(best, other, differing.one, differing.other)
    text = f"Two documents disagree: {best.named} says {differing.one}, {other.named} says {differing.other}."
    return Contradiction("disagree", best.evidence, other.evidence, text)


def _superseded(newer: _Statement, older: _Statement, now: str, before: str) -> Contradiction:
    text = f"{newer.named} supersedes {older.named}: {now}, no longer {before}."
    return Contradiction("superseded", newer.evidence, older.evidence, text)


def _supersedes(newer: _Statement, older: _Statement) -> bool:
    is_newer = newer.date is not None and older.date is not None and newer.date.start > older.date.start
    is_older = newer.date is not None and older.date is not None and newer.date.start < older.date.start
    if is_newer and (_family(newer.version) & _family(older.version) or holds_since(newer.text)):
        return True
    return not is_older and (_says_it_replaces(newer, older) or _says_it_is_over(older))


def _family(version: DocumentVersion) -> set[str]:
    """What the document is called in all its editions: title and source without dates, numbers and such words."""
    return {" ".join(kept) for name in (version.title, version.uri) if (kept := _without_edition(name))}


def _without_edition(name: str) -> list[str]:
    words = words_of(name.replace("_", " ").replace("-", " "))
    return [word for word in words if not word[0].isdigit() and word not in _EDITION]


def _says_it_replaces(newer: _Statement, older: _Statement) -> bool:
    name = set(_without_edition(older.version.title))
    for match in _REPLACES.finditer(newer.evidence.found.document_text[:_HEAD]):
        said = set(words_of(match.group(1)))
        if (name and len(name & said) >= 0.6 * len(name)) or _EARLIER.search(match.group(1)):
            return True
    return False


def _says_it_is_over(older: _Statement) -> bool:
    return _IS_OVER.search(older.evidence.found.document_text[:_HEAD]) is not None
