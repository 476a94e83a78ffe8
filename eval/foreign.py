"""Runs of other systems: a TREC run file and judgements, scored as our own runs are."""

from pathlib import Path

from corpus.checksums import json_sha256
from corpus.errors import BadInputError
from eval.evidence import EvidenceReport
from eval.records import QuestionResult, RunResult
from eval.summary import summarise
from eval.trec import Qrels, Run, read_qrels, read_run, score_run, unjudged_questions
from eval.versions import versions


def score_files(run_file: Path, qrels_file: Path) -> RunResult:
    """Score a run. Raises BadInputError, with file and line, when one of the files is not valid."""
    run, qrels = read_run(run_file), read_qrels(qrels_file)
    _check_fit(run_file, run, qrels_file, qrels)
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


def _check_fit(run_file: Path, run: Run, qrels_file: Path, qrels: Qrels) -> None:
    """Refuse files that give no figures, or only zeros because one of them belongs to another set."""
    if all(grade <= 0 for judgements in qrels.values() for grade in judgements.values()):
        raise BadInputError(f"{str(qrels_file)!r} judges no document as relevant: there is nothing to find")
    if not run.keys() & qrels.keys():
        asked, judged = next(iter(run)), next(iter(qrels))
        raise BadInputError(
            f"{str(run_file)!r} and {str(qrels_file)!r} have no question in common ({asked!r} stands in the one, "
            f"{judged!r} in the other): name the judgements of the set that was asked"
        )


def _result(question: str, metrics: dict[str, float], found: bool) -> QuestionResult:
    slices = {"in_run": "yes" if found else "no"}
    return QuestionResult(question, "", None, metrics, None, None, None, 0.0, slices=slices)


def _digest(qrels: Qrels) -> str:
    return json_sha256(qrels)
