"""What the page shows of single questions, as one JSON value that a script in the page reads."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from eval.compare import NamedRun
from eval.records import CitationRecord, GoldRecord, PassageRecord, QuestionResult
from eval.report.marks import holds_gold, marks
from eval.report.outcomes import main_measure, problems, worst_first
from eval.report.slices import slice_fields
from eval.report.wording import PROBLEM_LABELS

Json = dict[str, Any]


def page_data(runs: Sequence[NamedRun], question_ids: Sequence[str] | None = None) -> Json:
    """Collect the questions with what each system found; all of them, the worst first, or those of `question_ids`.

    Texts of passages stand once in `texts`, whichever questions found them.
    """
    texts = _Texts()
    first = runs[0][1]
    results = [{question.id: question for question in run.questions} for _, run in runs]
    ids = question_ids or [question.id for question in sorted(first.questions, key=worst_first)]
    questions = [_question([found[one] for found in results if one in found], results, one, texts) for one in ids]
    return {
        "systems": [name for name, _ in runs],
        "fields": slice_fields(first.questions),
        "problems": PROBLEM_LABELS,
        "thresholds": [run.settings.profile.min_confidence if run.settings else None for _, run in runs],
        "texts": texts.all,
        "questions": questions,
    }


def script_json(data: Mapping[str, Any]) -> str:
    """Write JSON that can stand inside a script element, whatever the texts in it say.

    Without any `<`, neither an end tag nor a comment can begin in it.
    """
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=dict, allow_nan=False)
    return written.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class _Texts:
    """Texts by number, each of them once."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        if text not in self._numbers:
            self._numbers[text] = len(self.all)
            self.all.append(text)
        return self._numbers[text]


def _question(
    known: Sequence[QuestionResult], results: Sequence[Mapping[str, QuestionResult]], question_id: str, texts: _Texts
) -> Json:
    question = known[0]
    found = [one.get(question_id) for one in results]
    return {
        "id": question.id,
        "text": question.text,
        "answerable": question.answerable,
        "heldOut": question.held_out,
        "slices": question.slices,
        "goldAnswers": question.gold_answers,
        "gold": [_gold(gold) for gold in question.gold],
        "results": [_result(one, texts) if one else None for one in found],
    }


def _result(question: QuestionResult, texts: _Texts) -> Json:
    cited = question.citations or question.withheld
    return {
        "problems": problems(question),
        "main": main_measure(question),
        "metrics": _rounded(question.metrics),
        "correct": question.correct,
        "confidence": question.confidence,
        "abstained": question.abstained,
        "ms": round(question.ms, 1),
        "answer": question.answer,
        "citations": [_citation(one, question.gold) for one in question.citations],
        "withheld": [_citation(one, question.gold) for one in question.withheld],
        "passages": [_passage(one, question.gold, cited, texts) for one in question.passages],
        "signals": _rounded(question.signals),
        "stages": _rounded(question.stages),
        "error": question.error,
    }


def _gold(gold: GoldRecord) -> Json:
    place = {"start": gold.start, "end": gold.end, "first": gold.page, "last": gold.page}
    return {"document": gold.document, "quote": gold.quote, **place}


def _citation(citation: CitationRecord, gold: Sequence[GoldRecord]) -> Json:
    as_passage = PassageRecord(citation.document, citation.start, citation.end, 0.0, None, None)
    place = {"start": citation.start, "end": citation.end, "first": citation.page_start, "last": citation.page_end}
    checks = {"verified": citation.verified, "gold": holds_gold(as_passage, gold)}
    return {"document": citation.document, "quote": citation.quote, **place, **checks}


def _passage(
    passage: PassageRecord, gold: Sequence[GoldRecord], cited: Sequence[CitationRecord], texts: _Texts
) -> Json:
    place = {"start": passage.start, "end": passage.end, "first": passage.page_start, "last": passage.page_end}
    found: Json = {"document": passage.document, **place, "score": round(passage.score, 4)}
    if holds_gold(passage, gold):
        found["gold"] = True
    if passage.text is not None:
        found |= {"text": texts.number(passage.text), "marks": marks(passage, gold, cited)}
    return found


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}
