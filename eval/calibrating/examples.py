"""What a confidence is fitted on: the signals of questions, and whether the evidence found for them is right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from corpus.errors import BadInputError
from eval.metrics.abstention import Flags, Rows
from eval.records import QuestionResult, RunResult, RunSettings
from retrieval.profile import Profile

NamedRun = tuple[str, RunResult]

# With fewer of a kind, some of the five folds of the cross-validation would have none.
FEWEST_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Examples:
    """Signals of questions, and whether the evidence that was found is right; one element a question.

    `sets`: the number of the set that a question is of. `unanswerable`: what is labelled as without an answer.
    """

    signals: tuple[Mapping[str, float], ...]
    right: Flags
    sets: Rows
    unanswerable: Flags

    @property
    def names(self) -> tuple[str, ...]:
        """The signals that all questions have: a form that reads others could not be used for each."""
        shared = set.intersection(*(set(signals) for signals in self.signals))
        return tuple(sorted(shared))

    def only(self, rows: Sequence[int]) -> "Examples":
        """Select questions by their indices."""
        signals = tuple(self.signals[row] for row in rows)
        return Examples(signals, self.right[rows], self.sets[rows], self.unanswerable[rows])

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """What a question counts for: every set counts the same, and the mean is 1."""
        sizes = np.bincount(self.sets)
        return len(self.sets) / np.count_nonzero(sizes) / sizes[self.sets]


@dataclass(frozen=True, slots=True)
class Asking:
    """How the runs were asked: what signals depend on. `models` are digests by role (`Retrieved.models`)."""

    mode: str
    models: Mapping[str, str]
    profile: Profile


def examples_of(runs: Sequence[NamedRun]) -> Examples:
    """Collect what can be learned from. Raises BadInputError when that is too little."""
    chosen = [question for _, run in runs for question in learned_from(run)]
    sets = np.repeat(np.arange(len(runs)), [len(learned_from(run)) for _, run in runs])
    right = np.array([question.correct is True for question in chosen], dtype=np.bool_)
    good, bad = int(right.sum()), int((~right).sum())
    if min(good, bad) < FEWEST_OF_A_KIND:
        raise BadInputError(
            f"fitting a confidence takes {FEWEST_OF_A_KIND} questions with right evidence and as many with wrong "
            f"evidence, not held out and without errors; the runs have {good} and {bad}: add questions, also some "
            "without an answer in the documents"
        )
    unanswerable = np.array([question.answerable is False for question in chosen], dtype=np.bool_)
    return Examples(tuple(question.signals for question in chosen), right, sets, unanswerable)


def learned_from(run: RunResult) -> list[QuestionResult]:
    """Select the questions of a run that take part in fitting."""
    return [
        question for question in run.questions if not question.held_out and _is_judged(question) and question.signals
    ]


def held_out_of(runs: Sequence[NamedRun]) -> list[QuestionResult]:
    """Collect the held-out questions that can be judged."""
    return [question for _, run in runs for question in run.questions if question.held_out and _is_judged(question)]


def asking_of(runs: Sequence[NamedRun]) -> Asking:
    """Tell how the runs were asked. Raises BadInputError when they differ, or hold the same questions."""
    if not runs:
        raise BadInputError("name one run file or more, made by `pincite eval run ... --json > FILE`")
    _check_no_question_twice(runs)
    (first_name, first), *others = [(name, _asking(name, run)) for name, run in runs]
    for name, other in others:
        differing = [part for part in ("mode", "models", "profile") if getattr(first, part) != getattr(other, part)]
        if differing:
            raise BadInputError(
                f"{first_name} and {name} were not asked alike ({' and '.join(differing)} differ): their signals do "
                "not mean the same; run both sets anew with the same settings"
            )
    return first


def retrieval_part(profile: Profile) -> Profile:
    """Leave of a profile what signals depend on."""
    return replace(profile, calibration=None, min_confidence=0.0, provenance={})


def _asking(name: str, run: RunResult) -> Asking:
    settings = run.settings
    if settings is None or not any(question.signals for question in run.questions):
        raise BadInputError(
            f"{name} holds no signals of its questions: only runs of Pincite itself can be learned from"
        )
    reranked = _is_reranked(settings)
    roles = ("embedder", "reranker") if reranked else ("embedder",)
    profile = replace(retrieval_part(settings.profile), rerank=reranked)
    return Asking(settings.mode, {role: _digest(name, run, role) for role in roles}, profile)


def _is_reranked(settings: RunSettings) -> bool:
    return settings.profile.rerank if settings.rerank is None else settings.rerank


def _digest(name: str, run: RunResult, role: str) -> str:
    model = run.models.get(role) or {}
    if "digest" not in model:
        raise BadInputError(f"{name} does not say which {role} it was made with: run the set again")
    return str(model["digest"])


def _is_judged(question: QuestionResult) -> bool:
    return question.error is None and question.correct is not None


def _check_no_question_twice(runs: Sequence[NamedRun]) -> None:
    """A question that stands on both sides of a fold would make the fit look better than it is."""
    seen: dict[tuple[str, str], str] = {}
    for name, key in _keys(runs):
        if seen.setdefault(key, name) != name:
            raise BadInputError(f"{seen[key]} and {name} both hold the question {key[1]!r}: name one of the two runs")


def _keys(runs: Sequence[NamedRun]) -> Iterator[tuple[str, tuple[str, str]]]:
    return ((name, (run.corpus_digest, question.id)) for name, run in runs for question in run.questions)
