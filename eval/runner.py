"""Runs an evaluation set: ingests it into a scratch home, asks every question, scores what comes back."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from eval.datasets.types import Dataset, Question, sample
from eval.evidence import resolve
from eval.examiner import Examiner, Texts
from eval.journal import Journal
from eval.records import FailedDocument, QuestionResult, RunResult, RunSettings
from eval.scratch_home import OnProgress, ScratchHome
from eval.service import OpenService, ServiceStatus
from eval.summary import summarise
from eval.versions import versions


def _silent(stage: str, done: int, total: int) -> None:
    """Report progress to nobody."""


def run(
    dataset: Dataset,
    open_service: OpenService,
    cache_dir: Path,
    settings: RunSettings,
    on_progress: OnProgress = _silent,
) -> RunResult:
    """Run a set and score it; `on_progress` gets a stage ("ingest" or "ask"), how much is done, and the total.

    A run that is broken off goes on where it was when the same is run again. A question that raises an error counts 0
    in its measures and is counted in `counts["errors"]`; errors of ingesting as a whole (a locked home, a missing
    model) are raised.
    """
    questions = sample(dataset.questions, settings.limit, settings.seed)
    home = ScratchHome(cache_dir, dataset, settings.index_digest)
    with closing(open_service(home.path)) as service:
        failed, ingest_seconds = home.fill(service, on_progress)
        texts = Texts(service)
        evidence = resolve(questions, texts.of_set)
        status = service.status()
        examiner = Examiner(service, texts, dataset, settings, evidence)
        journal = Journal(cache_dir / "journals", dataset, settings, status.models)
        taken_up = len(journal.results)
        begun = time.perf_counter()
        results = _ask_all(examiner, journal, questions, on_progress)
        ask_seconds = time.perf_counter() - begun
    timings = {} if ingest_seconds is None else {"ingest_s": ingest_seconds}
    return RunResult(
        dataset=dataset.name,
        system="pincite",
        form=dataset.form,
        corpus_digest=dataset.corpus_digest,
        questions_digest=dataset.questions_digest,
        settings=settings,
        models=status.models,
        versions=versions(),
        counts=_counts(dataset, status, results, failed),
        metrics=summarise(results),
        timings={**timings, "ask_s": ask_seconds, **_timing_summary(results)},
        cached={"questions": taken_up},
        questions=results,
        evidence_report=evidence.report,
        failed_documents=failed,
    )


def _ask_all(
    examiner: Examiner, journal: Journal, questions: Sequence[Question], on_progress: OnProgress
) -> tuple[QuestionResult, ...]:
    with journal:
        for done, question in enumerate(questions, 1):
            if question.id not in journal.results:
                journal.add(examiner.ask(question))
            on_progress("ask", done, len(questions))
    return tuple(journal.results[question.id] for question in questions)


def _counts(
    dataset: Dataset,
    status: ServiceStatus,
    results: Sequence[QuestionResult],
    failed: Sequence[FailedDocument],
) -> dict[str, int]:
    return {
        "documents": status.documents,
        "passages": status.passages,
        "questions": len(results),
        # A set without labels has answerable questions only.
        "answerable": sum(result.answerable is not False for result in results),
        "errors": sum(result.error is not None for result in results),
        "left_out": len(dataset.left_out),
        "drafts_left_out": dataset.drafts_left_out,
        "failed_documents": len(failed),
    }


def _timing_summary(results: Sequence[QuestionResult]) -> dict[str, float]:
    """Summarise the milliseconds of the questions that were answered, whole and by stage."""
    answered = [result for result in results if result.error is None]
    stages = dict.fromkeys(name for result in answered for name in result.stages)
    times = {"query": [result.ms for result in answered]}
    times |= {name: [result.stages[name] for result in answered if name in result.stages] for name in stages}
    return {key: value for name, values in times.items() if values for key, value in _spread(name, values).items()}


def _spread(name: str, values: Sequence[float]) -> Mapping[str, float]:
    half, most = np.percentile(values, [50, 95])
    return {
        f"{name}_ms_mean": float(np.mean(values)),
        f"{name}_ms_p50": float(half),
        f"{name}_ms_p95": float(most),
    }
