"""Runs of other systems: a TREC run file and judgements, scored as our own runs are."""

import hashlib
import json
from pathlib import Path

from eval.evidence import EvidenceReport
from eval.records import QuestionResult, RunResult
from eval.summary import summarise
from eval.trec import Qrels, read_qrels, read_run, score_run, unjudged_questions
from eval.versions import versions


def score_files(run_file: Path, qrels_file: Path) -> RunResult:
    """Score a run. Raises BadInputError, with file and line, when one of the files is not valid."""
    run, qrels = read_run(run_file), read_qrels(qrels_file)
    scores = score_run(run, qrels)
    results = tuple(_result(question, metrics, question in run) for question, metrics in scores.items())
    return RunResult(
        dataset=qrels_file.name,
        system=run_file.name,
        form="beir",
        corpus_digest="",
        questions_digest=_digest(qrels),
        settings=None,
        models={},
        versions=versions(),
        counts={
            "questions": len(results),
            "missing_questions": sum(question not in run for question in scores),
            "unjudged_questions": len(unjudged_questions(run, qrels)),
        },
        metrics=summarise(results),
        timings={},
        cached={},
        questions=results,
        evidence_report=EvidenceReport({}, ()),
    )


def _result(question: str, metrics: dict[str, float], found: bool) -> QuestionResult:
    slices = {"in_run": "yes" if found else "no"}
    return QuestionResult(question, "", None, metrics, None, None, None, 0.0, slices=slices)


def _digest(qrels: Qrels) -> str:
    return hashlib.sha256(json.dumps(qrels, sort_keys=True).encode()).hexdigest()
