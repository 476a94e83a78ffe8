"""Baseline files: what later runs of a set must keep, as values and as JSON that is read in reviews."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import BadInputError
from corpus.files import write_output
from corpus.validation import problem_of
from eval.metrics.names import LOWER_IS_BETTER
from retrieval.modes import Mode

FORMAT = 1
BoundKind = Literal["floor", "ceiling"]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a metric must keep: a floor, or a ceiling where lower is better.

    `value` is that of the run that set the bound, `width` its noise width, and `n` the number of questions that it
    was computed from.
    """

    metric: str
    value: float
    width: float
    n: int

    @property
    def kind(self) -> BoundKind:
        """Say which of the two it is."""
        return "ceiling" if self.metric in LOWER_IS_BETTER else "floor"

    @property
    def limit(self) -> float:
        """The last value that counts as kept."""
        return self.value + self.width if self.kind == "ceiling" else self.value - self.width

    def holds(self, value: float) -> bool:
        """Tell whether a run with `value` has kept the bound."""
        return value <= self.limit if self.kind == "ceiling" else value >= self.limit

    def is_better_than(self, other: "Bound") -> bool:
        """Tell whether this bound, of the same metric, asks for more."""
        return self.value < other.value if self.kind == "ceiling" else self.value > other.value


@dataclass(frozen=True, slots=True)
class PinnedSettings:
    """The settings of a run without which its figures cannot be held against others; as in `RunSettings`."""

    mode: Mode
    rerank: bool | None
    limit: int | None
    seed: int
    top_k: int
    conversation: bool = True


@dataclass(frozen=True, slots=True)
class Baseline:
    """The set, how it was asked, and the bounds by metric; `settings` is None for runs of other systems."""

    dataset: str
    corpus_digest: str
    questions_digest: str
    counts: Mapping[str, int]
    settings: PinnedSettings | None
    bounds: Mapping[str, Bound]


def read_baseline(path: Path) -> Baseline | None:
    """Read a baseline file; None where there is no file. Raises BadInputError when it is no baseline."""
    try:
        return _baseline(_File.model_validate_json(path.read_bytes(), strict=True))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadInputError(f"the baseline {str(path)!r} cannot be read: {error.strerror}") from error
    except (ValidationError, BadInputError) as error:
        raise BadInputError(
            f"{str(path)!r} is no baseline: {problem_of(error)} (mend the file, or remove it and make it anew)"
        ) from error


def write_baseline(baseline: Baseline, path: Path) -> None:
    """Write a baseline file, whole or not at all. Raises BadInputError where that is not possible."""
    fields = {
        "format": FORMAT,
        "dataset": baseline.dataset,
        "corpus_digest": baseline.corpus_digest,
        "questions_digest": baseline.questions_digest,
        "counts": dict(baseline.counts),
        "settings": None if baseline.settings is None else asdict(baseline.settings),
        "metrics": {
            name: {bound.kind: bound.value, "width": bound.width, "n": bound.n}
            for name, bound in baseline.bounds.items()
        },
    }
    text = json.dumps(fields, indent=2, ensure_ascii=False, allow_nan=False)
    write_output(path, text.encode("utf-8", "replace") + b"\n")


class _Bound(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    floor: float | None = None
    ceiling: float | None = None
    width: float = Field(ge=0)
    n: int = Field(ge=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: Literal[1]
    dataset: str
    corpus_digest: str
    questions_digest: str
    counts: dict[str, int]
    settings: PinnedSettings | None
    # A gate without bounds would let everything pass.
    metrics: dict[str, _Bound] = Field(min_length=1)


def _baseline(file: _File) -> Baseline:
    return Baseline(
        dataset=file.dataset,
        corpus_digest=file.corpus_digest,
        questions_digest=file.questions_digest,
        counts=file.counts,
        settings=file.settings,
        bounds={name: _bound(name, fields) for name, fields in file.metrics.items()},
    )


def _bound(metric: str, fields: _Bound) -> Bound:
    right, wrong = fields.floor, fields.ceiling
    if metric in LOWER_IS_BETTER:
        right, wrong = wrong, right
    if right is None or wrong is not None:
        kind, direction = ("ceiling", "lower") if metric in LOWER_IS_BETTER else ("floor", "higher")
        raise BadInputError(f"{metric!r} is better when it is {direction}, it must have a {kind} and nothing else")
    return Bound(metric, right, fields.width, fields.n)
