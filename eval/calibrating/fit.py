"""Fits the confidence of a profile on the questions of finished runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from corpus.errors import BadInputError
from eval.calibrating.candidates import (
    FEWEST_SETS,
    FOLDS,
    REPEATS,
    Figures,
    Judged,
    best_of,
    candidates,
    figures,
    fit,
    judge,
    leaves_out_sets,
    uncalibrated,
)
from eval.calibrating.examples import (
    Asking,
    Examples,
    NamedRun,
    asking_of,
    examples_of,
    held_out_of,
    learned_from,
    retrieval_part,
)
from eval.calibrating.held_out import HeldOut, held_out_figures
from eval.calibrating.thresholds import Threshold, threshold_for_risk, threshold_for_withheld, youden_threshold
from eval.metrics.abstention import Confidences, ReliabilityBin, reliability
from eval.versions import versions
from retrieval.calibration import Calibration
from retrieval.profile import Profile

SEED = 0
# Measured: with a hundred questions a fit is within noise of one with two hundred, with fifty it still moves.
_FEW = 50


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A profile with a fitted confidence, and how good it is.

    `candidates` are the forms that were tried, best first, and `uncalibrated` is the first guess. All figures but those
    of `held_out` are over the `questions` that it was fitted on, `right` of which have right evidence; each was judged
    when it was left out. `notes` say what to know when using the profile.
    """

    profile: Profile
    questions: int
    right: int
    chosen: str
    uncalibrated: Figures
    candidates: Mapping[str, Figures]
    reliability_before: tuple[ReliabilityBin, ...]
    reliability_after: tuple[ReliabilityBin, ...]
    threshold: Threshold
    held_out: HeldOut | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """What the threshold has to keep to: the `part` of the answers that is wrong, or of the right ones withheld."""

    of: Literal["risk", "withheld"]
    part: float


def calibrate(runs: Sequence[NamedRun], base: Profile | None, limit: Limit | None, fitted_at: str) -> Calibrated:
    """Fit the confidence of `base`, or of the profile that the runs were made with.

    The form is the best of `eval.calibrating.candidates.best_of`. The threshold keeps to `limit` on questions that were
    left out, or without one has the highest index of Youden. Raises BadInputError for runs that were not asked alike,
    when they hold too few questions, and when no threshold has so low a risk.
    """
    asking = asking_of(runs)
    profile = _base(runs, base, asking)
    examples = examples_of(runs)
    tried = _judged(examples)
    best, guess = best_of(tried), uncalibrated(examples)
    threshold = _threshold(best, examples, limit)
    provenance = _provenance(runs, examples, tried, guess)
    provenance |= {"limit": limit and asdict(limit), "threshold": asdict(threshold), "fitted_at": fitted_at}
    calibration = Calibration(_name(best, runs), fit(best.candidate, examples), asking.models, provenance)
    fitted = replace(profile, calibration=calibration, min_confidence=threshold.value)
    return Calibrated(
        profile=fitted,
        questions=len(examples.right),
        right=int(examples.right.sum()),
        chosen=best.candidate.name,
        uncalibrated=figures(examples.right, guess),
        candidates={one.candidate.name: one.figures for one in tried},
        reliability_before=reliability(examples.right, guess),
        reliability_after=reliability(examples.right, best.probabilities),
        threshold=threshold,
        held_out=held_out_figures(held_out_of(runs), fitted),
        notes=tuple(_notes(examples, base, asking)),
    )


def _base(runs: Sequence[NamedRun], base: Profile | None, asking: Asking) -> Profile:
    """Raises BadInputError for a profile with which the calibration would never be used."""
    if base is None:
        settings = runs[0][1].settings
        return asking.profile if settings is None else replace(settings.profile, rerank=asking.profile.rerank)
    if base.rerank != asking.profile.rerank:
        how = "with" if asking.profile.rerank else "without"
        raise BadInputError(
            f"the runs were asked {how} the cross-encoder and the profile is not: its answers would never use the "
            "calibration; run the sets with that profile first"
        )
    return base


def _judged(examples: Examples) -> list[Judged]:
    """Judge every form, best first; of equal ones the simplest."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # Each of the thousand fits takes a millisecond: threads that wait for one another would take ten times as long.
    with threadpool_limits(1):
        tried = [judge(candidate, examples, SEED) for candidate in candidates(examples.names)]
    return sorted(tried, key=lambda one: one.figures.log_loss)


def _threshold(best: Judged, examples: Examples, limit: Limit | None) -> Threshold:
    if limit is None:
        return youden_threshold(examples.right, best.probabilities)
    if limit.of == "withheld":
        return threshold_for_withheld(examples.right, best.probabilities, limit.part)
    return threshold_for_risk(examples.right, best.probabilities, limit.part)


def _name(best: Judged, runs: Sequence[NamedRun]) -> str:
    sets = list(dict.fromkeys(run.dataset for _, run in runs))
    named = ", ".join(sets) if len(sets) < FEWEST_SETS else f"{len(sets)} sets"
    return f"{best.candidate.kind} on {named}"


def _provenance(
    runs: Sequence[NamedRun], examples: Examples, tried: Sequence[Judged], guess: Confidences
) -> dict[str, Any]:
    return {
        "sets": [
            {
                "name": run.dataset,
                "corpus_digest": run.corpus_digest,
                "questions_digest": run.questions_digest,
                "questions": len(learned_from(run)),
            }
            for _, run in runs
        ],
        "questions": len(examples.right),
        "right": int(examples.right.sum()),
        "chosen_by": f"log loss, and of nearly equal ones answerability, {_left_out(examples)}",
        "seed": SEED,
        "uncalibrated": asdict(figures(examples.right, guess)),
        "candidates": {one.candidate.name: asdict(one.figures) for one in tried},
        "pincite": versions()["pincite"],
    }


def _left_out(examples: Examples) -> str:
    if leaves_out_sets(examples):
        return "each set left out in turn"
    return f"{REPEATS} times {FOLDS}-fold stratified cross-validation"


def _notes(examples: Examples, base: Profile | None, asking: Asking) -> Iterator[str]:
    if base is not None and retrieval_part(base) != asking.profile:
        yield (
            "the runs were made with other weights than the profile has: what was fitted may not hold for it; run the "
            "sets with that profile first"
        )
    if len(examples.right) < _FEW:
        yield f"fitted on {len(examples.right)} questions only: with 100 or more it would be surer"
    partly = sorted({name for signals in examples.signals for name in signals} - set(examples.names))
    if partly:
        yield f"not used, because not every question has it: {', '.join(partly)}"
