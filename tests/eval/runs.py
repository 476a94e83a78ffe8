"""Runs as they come out of `pincite eval run`, made up but in proportion; and one with text that means harm."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from eval.evidence import EvidenceProblem, EvidenceReport
from eval.metrics.documents import ndcg
from eval.metrics.spans import page_hit, span_hit, span_reciprocal_rank
from eval.metrics.types import DocumentSpan, PageRange
from eval.records import (
    CitationRecord,
    FailedDocument,
    GoldRecord,
    PassageRecord,
    QuestionResult,
    RunResult,
    RunSettings,
)
from eval.summary import summarise

_PLACES = ("Skelvay", "Karn Light", "Eastwick", "the north quay", "Fulmar Head", "the school", "the tide plant")
_THINGS = ("turbine", "ferry ramp", "library", "lifeboat", "weather mast", "slipway", "boiler", "sluice")
_UNITS = ("crowns", "metres", "kilowatts", "litres", "days", "passengers", "tonnes")
_FILLER = (
    "The harbour office keeps a list of all changes and publishes it on the first working day of the month.",
    "Whoever finds a fault tells the duty officer at once and writes it into the log before the end of the watch.",
    "In winter the road along the shore is cleared after the road to the school.",
    "The council took note of the report and thanked the crew for a year without accidents.",
    "Tools that are no longer needed go back to the store, cleaned and counted.",
    "Visitors are asked to keep to the marked paths from April to the end of July.",
)
_KINDS = ("keyword", "sentence", "paraphrase", "number", "table")
_TYPES = ("pdf", "md", "html", "docx")
_THRESHOLD = 0.3

HOSTILE = (
    "</script><img src=x onerror=window.pwned=1>",
    "<!--<script>window.pwned=1</script>",
    "{{ 7 * 7 }} {% raw %} ${window.pwned=1} javascript:window.pwned=1",
    "separators \u2028 and \u2029, a NUL \x00, a bell \x07 and an escape \x1b[31m",
    "👩🏽‍🚀 🏳️‍🌈 Z\u0351\u0343\u0321algo \U00020000",
    "\u202eשלום עולם\u202c مرحبا | *b* _i_ `c` [x](http://example.org) @someone #1",
    "]]> &lt; &amp; \" ' ` | \n | --- | \n # heading",
)


@dataclass(frozen=True, slots=True)
class _Page:
    """A passage of the made-up corpus, and the sentences in it that can be asked for."""

    document: str
    kind: str
    number: int
    start: int
    text: str
    facts: tuple[tuple[str, str, str], ...]  # sentence, question, answer


def realistic_run(
    questions: int = 60,
    seed: int = 0,
    skill: float = 0.6,
    kept_texts: int = 3,
    system: str = "pincite",
    documents: int | None = None,
) -> RunResult:
    """A run with hits and misses, abstentions and errors; the same `seed` asks the same questions.

    `skill` is the chance that the right passage comes first.
    """
    pages = _pages(documents or max(6, questions // 12), seed)
    asking = random.Random(seed)
    answering = random.Random(f"{seed} {skill} {system}")
    results = tuple(_result(number, pages, asking, answering, skill, kept_texts) for number in range(questions))
    return RunResult(
        dataset="made-up",
        system=system,
        form="files",
        corpus_digest=f"{seed:064x}",
        questions_digest=f"{seed + 1:064x}",
        settings=RunSettings(),
        models={"embedder": {"name": "bge-small-en-v1.5", "dimension": 384}, "reranker": None},
        versions={"pincite": "0.1.0", "python": "3.11.2", "sources": "0123456789abcdef"},
        counts={
            "documents": len({page.document for page in pages}),
            "passages": len(pages),
            "questions": questions,
            "answerable": sum(result.answerable is True for result in results),
            "errors": sum(result.error is not None for result in results),
            "failed_documents": 1,
        },
        metrics=summarise(results),
        timings={"ingest_s": 41.5, "ask_s": 12.25, "query_ms_mean": 80.0, "rerank_ms_p50": 31.0},
        cached={"questions": 0, "vectors": 12},
        questions=results,
        evidence_report=EvidenceReport(
            {"resolved": questions, "unresolved": 1},
            (EvidenceProblem("q00001", "harbour-01", 3, "a quote that is not there", "unresolved"),),
        ),
        failed_documents=(FailedDocument("scans/empty.pdf", "no text on any page"),),
    )


def hostile_run() -> RunResult:
    """A run in which every text is hostile."""
    base = realistic_run(len(HOSTILE) * 2, seed=3)
    questions = tuple(
        _hostile(question, HOSTILE[number % len(HOSTILE)]) for number, question in enumerate(base.questions)
    )
    return replace(
        base,
        dataset=HOSTILE[0],
        system=HOSTILE[1],
        models={HOSTILE[0]: HOSTILE[4]},
        versions={HOSTILE[2]: HOSTILE[3]},
        questions=questions,
        failed_documents=(FailedDocument(HOSTILE[0], HOSTILE[5]),),
    )


def question(number: int = 1, **fields: object) -> QuestionResult:
    """A question that was answered well, with other `fields` where a test wants them."""
    made = QuestionResult(
        id=f"q{number}",
        text="How long is the slipway?",
        answerable=True,
        metrics={"span_mrr@10": 1.0, "span_hit@1": 1.0},
        correct=True,
        confidence=0.9,
        abstained=False,
        ms=20.0,
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # the tests name the fields


def run_of(*questions: QuestionResult) -> RunResult:
    """A run of just these questions."""
    return replace(realistic_run(4), questions=questions, metrics=summarise(questions))


@cache
def _pages(documents: int, seed: int) -> tuple[_Page, ...]:
    return tuple(page for number in range(documents) for page in _document(number, random.Random(f"{seed} {number}")))


def _document(number: int, source: random.Random) -> Iterator[_Page]:
    kind, name = source.choice(_TYPES), f"{source.choice(_THINGS).replace(' ', '-')}-{number:03}"
    start = 0
    for page in range(1, 9):
        facts = tuple(_fact(source) for _ in range(5))
        sentences = [fact[0] for fact in facts] + source.sample(_FILLER, 5)
        source.shuffle(sentences)
        text = f"{page}. Rules and figures\n\n" + " ".join(sentences)
        yield _Page(name, kind, page, start, text, facts)
        start += len(text) + 2


def _fact(source: random.Random) -> tuple[str, str, str]:
    place, thing, unit = source.choice(_PLACES), source.choice(_THINGS), source.choice(_UNITS)
    answer = f"{source.randint(2, 9_999):,} {unit}"
    sentence = f"The {thing} of {place} is set down at {answer}, by the decision of {source.randint(1990, 2025)} 🐟."
    return sentence, f"How many {unit} are set down for the {thing} of {place}?", answer


def _result(
    number: int,
    pages: tuple[_Page, ...],
    asking: random.Random,
    answering: random.Random,
    skill: float,
    kept_texts: int,
) -> QuestionResult:
    right = asking.choice(pages)
    sentence, text, answer = asking.choice(right.facts)
    is_answerable = asking.random() > 0.2
    slices = {"kind": asking.choice(_KINDS), "author": f"author {number}"}
    blank = QuestionResult(
        id=f"q{number:05}",
        text=text,
        answerable=is_answerable,
        metrics={},
        correct=None,
        confidence=None,
        abstained=None,
        ms=answering.lognormvariate(4.2, 0.5),
        gold_answers=(answer,) if is_answerable else (),
        gold=(_gold(right, sentence),) if is_answerable else (),
        slices={**slices, "document_type": right.kind} if is_answerable else slices,
        held_out=asking.random() < 0.3,
    )
    if answering.random() < 0.01:
        names = ("span_mrr@10", "span_hit@1", "page_hit@5", "ndcg@10", "quote_f1")
        metrics = dict.fromkeys(names, 0.0) if is_answerable else {}
        return replace(blank, metrics=metrics, correct=False, error="TimeoutError: the model did not answer")
    ranked = _ranked(right, pages, answering, skill)
    return _answered(blank, ranked, sentence, answering, kept_texts)


def _ranked(right: _Page, pages: tuple[_Page, ...], answering: random.Random, skill: float) -> list[_Page]:
    others = [page for page in answering.sample(pages, min(11, len(pages))) if page is not right][:10]
    rank = 0 if answering.random() < skill else answering.choice((1, 1, 2, 3, 5, 8, 12))
    others.insert(rank, right)
    return others[:10]


def _answered(
    blank: QuestionResult, ranked: list[_Page], sentence: str, answering: random.Random, kept_texts: int
) -> QuestionResult:
    passages = tuple(_passage(rank, page, kept_texts) for rank, page in enumerate(ranked))
    first = ranked[0]
    is_right = blank.answerable is True and sentence in first.text and answering.random() < 0.92
    quoted = sentence if is_right else answering.choice(first.facts)[0]
    citation = _citation(first, quoted)
    confidence = min(1.0, max(0.0, answering.gauss(0.74 if is_right else 0.38, 0.17)))
    abstained = confidence < _THRESHOLD
    return replace(
        blank,
        metrics=_metrics(blank, passages, () if abstained else (citation,)),
        correct=is_right,
        confidence=confidence,
        abstained=abstained,
        answer=None if abstained else quoted,
        passages=passages,
        citations=() if abstained else (citation,),
        withheld=(citation,) if abstained else (),
        signals={"rerank": answering.gauss(2, 3), "margin": answering.random()},
        stages={"dense": 6.1, "lexical": 1.4, "rerank": blank.ms - 10},
    )


def _metrics(
    blank: QuestionResult, passages: tuple[PassageRecord, ...], citations: tuple[CitationRecord, ...]
) -> dict[str, float]:
    gold = [DocumentSpan(one.document, one.start or 0, one.end or 0) for one in blank.gold]
    places = [DocumentSpan(one.document, one.start, one.end) for one in passages]
    pages = [PageRange(one.document, one.page_start, one.page_end) for one in passages]
    gold_pages = frozenset((one.document, one.page) for one in blank.gold if one.page)
    documents = list(dict.fromkeys(one.document for one in passages))
    found = {
        "span_mrr@10": span_reciprocal_rank(places, gold),
        "span_hit@1": span_hit(places[:1], gold),
        "span_hit@5": span_hit(places[:5], gold),
        "page_hit@5": page_hit(pages[:5], gold_pages),
        "ndcg@10": ndcg(documents, {one.document: 1 for one in blank.gold}, 10),
        "quote_f1": float(any(one.start == gold[0].start for one in citations)) if gold else None,
        "citation_validity": 1.0,
    }
    return {name: value for name, value in found.items() if value is not None}


def _gold(page: _Page, sentence: str) -> GoldRecord:
    start = page.start + page.text.index(sentence)
    return GoldRecord(page.document, sentence, start, start + len(sentence), page.number)


def _citation(page: _Page, sentence: str) -> CitationRecord:
    start = page.start + page.text.index(sentence)
    return CitationRecord(page.document, start, start + len(sentence), sentence, page.number, page.number, True)


def _passage(rank: int, page: _Page, kept_texts: int) -> PassageRecord:
    text = page.text if rank < kept_texts else None
    end = page.start + len(page.text)
    return PassageRecord(page.document, page.start, end, 1 - rank / 20, page.number, page.number, text)


def _hostile(made: QuestionResult, words: str) -> QuestionResult:
    passage = PassageRecord(words, 100, 100 + 2 * len(words), 0.5, 1, 2, words + words)
    citation = CitationRecord(words, 100, 100 + len(words), words, 1, 1, False)
    gold = GoldRecord(words, words, 100 + len(words) // 2, 100 + len(words), 1)
    return replace(
        made,
        id=f"{made.id} {words}",
        text=words,
        answer=words if made.answer else None,
        gold_answers=(words,),
        gold=(gold,),
        passages=(passage,),
        citations=(citation,) if made.citations else (),
        withheld=(citation,) if made.withheld else (),
        slices={"kind": words, words: f"value {made.answerable}"},
        error=words if made.error else None,
    )
